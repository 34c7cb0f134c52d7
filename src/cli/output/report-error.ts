/** The one place that turns a failure into what the user reads: one line, and the exit code of the table in platform/errors.ts. */
import { errorCodes, NonoError } from '../../platform/errors.ts';
import { cutEnd, cutMiddle, visibleText } from '../../terminal/visible-text.ts';

/** By shape, as NonoError is: each bundle has its own copy of the class. Somebody pressed Ctrl-C before the command ran. */
export function isInterrupted(error: unknown): boolean {
  return error instanceof Error && error.name === 'Interrupted';
}

export interface ErrorReport {
  readonly text: string;
  readonly exitCode: number;
}

const MAX_WORD = 500;
const MAX_LINE = 2000;

/** As a line that somebody can read: what is quoted in it may be half a megabyte of a file. */
export function readableLine(text: string): string {
  const words =
    text.length <= MAX_WORD
      ? text
      : text.replace(/\S+/g, (word) => (word.length > MAX_WORD ? cutMiddle(word, MAX_WORD) : word));
  return visibleText(words.length > MAX_LINE ? cutEnd(words, MAX_LINE) : words);
}

/** `nono: <what failed> (<hint>)`. An unexpected error is one line too; its stack needs -vv. */
export function reportError(error: unknown, verbose: number): ErrorReport {
  if (error instanceof NonoError) {
    const hint = error.hint === undefined ? '' : ` (${readableLine(error.hint)})`;
    return { text: `nono: ${readableLine(error.message)}${hint}\n`, exitCode: errorCodes[error.code].exit };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = verbose >= 2 && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  return { text: `nono: unexpected: ${readableLine(message)}\n${stack}`, exitCode: 1 };
}
