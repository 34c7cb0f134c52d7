/** The process that runs a session without a terminal (`--detached`): what it is told by the one that started it (detached.ts), and tells it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type Size, sizeFrom } from '../../terminal/geometry.ts';
import type { Options } from '../tables/flags.ts';

/** In the environment of that process, which takes it out. */
export const DETACHED = 'NONO_DETACHED';
const STDERR = 2;
export const ID_FD = 3;
const DEFAULT_SIZE: Size = { cols: 80, rows: 24 };

/** Of the process that runs the session. */
export interface DetachedHost {
  /** Of the screen until somebody attaches. */
  readonly size: Size;
  /** The session stands and can be found: whoever started it goes on. */
  started(id: string): void;
}

/** Undefined in a process that was not started by `startDetached`. */
export function detachedHost(): DetachedHost | undefined {
  const told = process.env[DETACHED];
  if (told === undefined) return undefined;
  delete process.env[DETACHED];
  return {
    size: sizeFrom(told) ?? DEFAULT_SIZE,
    started: (id) => {
      try {
        writeSync(ID_FD, `${id}\n`);
      } catch {
        // Whoever started it is gone; the session was asked for all the same, and nono ps lists it.
      }
      // Nothing of the starter's stays open, or whoever reads its output would wait for the session's end.
      closeSync(STDERR);
      openSync('/dev/null', 'r+');
      closeSync(ID_FD);
    },
  };
}

/** Whether this process has to start another one, and to leave the session to it. */
export function mustDetach(options: Options, host: DetachedHost | undefined): boolean {
  return options.detached && host === undefined && !options.dryRun;
}
