/** The one place that turns a failure into what the user reads: one line, and the exit code of the table in platform/errors.ts. */
import { errorCodes, NonoError } from '../platform/errors.ts';
import { visibleText } from '../terminal/visible-text.ts';

/** By shape, as NonoError is: each bundle has its own copy of the class. Somebody pressed Ctrl-C before the command ran. */
export function isInterrupted(error: unknown): boolean {
  return error instanceof Error && error.name === 'Interrupted';
}

export interface ErrorReport {
  readonly text: string;
  readonly exitCode: number;
}

/** `nono: <what failed> (<hint>)`. An unexpected error is one line too; its stack needs -vv. */
export function reportError(error: unknown, verbose: number): ErrorReport {
  if (error instanceof NonoError) {
    const hint = error.hint === undefined ? '' : ` (${visibleText(error.hint)})`;
    return { text: `nono: ${visibleText(error.message)}${hint}\n`, exitCode: errorCodes[error.code].exit };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = verbose >= 2 && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  return { text: `nono: unexpected: ${visibleText(message)}\n${stack}`, exitCode: 1 };
}
