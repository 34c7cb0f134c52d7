/** A typed line as words: blanks divide them; quotes and a backslash keep a blank. Nothing is expanded but `~` in paths. Pure. */
import { resolve } from 'node:path/posix';

export interface Words {
  readonly words: readonly string[];
  /** Where the last of them begins, quotes and all, in characters. */
  readonly lastAt: number;
  /** The line ends within a quotation: it is not complete. */
  readonly open: boolean;
}

export function splitWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  let escaped = false;
  let lastAt = 0;
  let between = true;
  for (const [at, c] of Array.from(line).entries()) {
    const blank = !escaped && quote === '' && /\s/.test(c);
    if (between && !blank) lastAt = at;
    between = blank;
    if (escaped) {
      word = (word ?? '') + c;
      escaped = false;
    } else if (c === '\\' && quote !== "'") escaped = true;
    else if (quote !== '') {
      if (c === quote) quote = '';
      else word = (word ?? '') + c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (blank) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  if (word !== undefined) words.push(word);
  return { words, lastAt, open: quote !== '' || escaped };
}

/** A word as it must be typed to be read as itself. */
export function quotedWord(word: string): string {
  return word.replace(/[^\p{L}\p{M}\p{N}\p{So}_@%+=:,./~-]/gu, (c) => `\\${c}`);
}

/** A path as typed, made absolute; links are not looked at. */
export function absolutePath(written: string, home: string, cwd: string): string {
  if (written === '~' || written.startsWith('~/')) return resolve(`${home}${written.slice(1)}`);
  return resolve(cwd, written);
}
