/** Words as a shell would need them, to be copied from what nono prints. */
import { visibleText } from '../../terminal/visible-text.ts';

function written(c: string): string {
  if (c === '\\') return '\\\\';
  // A quote is written as a number: a shell without `$'…'` takes what lies between the quotes as it is, and would end there.
  if (c !== "'" && visibleText(c) === c) return c;
  return Array.from(Buffer.from(c), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/**
 * What cannot be shown as it is comes in `$'…'`, as bash, zsh and ksh read it. Never unquoted: a program chooses its names, and what follows a semicolon in one would run
 * where the line is pasted.
 */
export function quoted(word: string): string {
  if (visibleText(word) !== word) return `$'${Array.from(word, written).join('')}'`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
