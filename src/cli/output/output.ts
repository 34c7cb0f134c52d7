/** Everything nono itself says, outside the TUI. Standard output carries answers (help, version), standard error the rest: pipes stay clean. */

import { writeSync } from 'node:fs';
import { currentlyAsked } from '../../platform/asked.ts';
import { isTerminal } from '../../platform/terminal.ts';

const STDOUT = 1;
const STDERR = 2;

/** Under the relay the terminal is raw before the host starts: a bare line feed would not return to the first column. */
function isRaw(): boolean {
  return process.env['NONO_RELAY_FD'] !== undefined;
}

/** JSON leaves DEL and the C1 controls as they are, and a terminal may obey them: a path that a program has chosen would. In pipes every character stays. */
function forTerminal(text: string): string {
  const shown = text.replace(/[\x7f-\x9f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  return isRaw() ? shown.replaceAll('\n', '\r\n') : shown;
}

function writeAll(fd: number, text: string): void {
  const shown = isTerminal(fd) ? forTerminal(text) : text;
  currentlyAsked()?.said(shown);
  let bytes = Buffer.from(shown);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A full pipe in non-blocking mode: somebody else set the mode on the shared file, so wait for the reader.
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      // A reader that went away, or no descriptor at all: there is nobody to tell.
      else return;
    }
  }
}

export function answer(text: string): void {
  currentlyAsked()?.doubt();
  writeAll(STDOUT, text);
}

export function say(text: string): void {
  writeAll(STDERR, text);
}
