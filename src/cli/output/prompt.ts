/** A yes-or-no question on the terminal, before anything runs. Reads byte by byte: what follows the answer belongs to the command. */
import { readSync } from 'node:fs';
import { currentlyAsked } from '../../platform/asked.ts';
import { isTerminal } from '../../platform/terminal.ts';
import { say } from './output.ts';

const STDIN = 0;

/** Whether somebody can answer. Without a terminal nothing is ever asked. */
export function canAsk(): boolean {
  return isTerminal(STDIN) && isTerminal(2);
}

function readByte(): number | undefined {
  currentlyAsked()?.doubt();
  const byte = Buffer.alloc(1);
  for (;;) {
    try {
      return readSync(STDIN, byte, 0, 1, null) === 1 ? byte.readUInt8(0) : undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EINTR') return undefined;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** One line of a terminal that edits lines itself; undefined at the end of the input. */
export function askLine(question: string): string | undefined {
  say(question);
  const bytes: number[] = [];
  for (;;) {
    const byte = readByte();
    if (byte === undefined) {
      say('\n');
      return undefined;
    }
    if (byte === 0x0a) return Buffer.from(bytes).toString();
    bytes.push(byte);
  }
}

export type Reply = 'yes' | 'no' | 'interrupted';

const key = {
  interrupt: 0x03,
  endOfInput: 0x04,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  escape: 0x1b,
  backspace: 0x08,
  delete: 0x7f,
} as const;

/** `raw`: the relay holds the terminal in raw mode, so echo and line editing are ours. Only `y` or `yes` is a yes. */
export function askYesNo(question: string, raw: boolean): Reply {
  say(`${question} [y/N] `);
  let line = '';
  // What a terminal reports begins with one; a program before this may have asked it for a report of its own words.
  let reported = false;
  for (;;) {
    const byte = readByte();
    if (byte === key.interrupt && raw) {
      say('^C\n');
      return 'interrupted';
    }
    if (byte === undefined || (byte === key.endOfInput && raw)) {
      say('\n');
      return 'no';
    }
    if (byte === key.lineFeed || byte === key.carriageReturn) break;
    if (byte === key.escape) reported = true;
    if (byte === key.backspace || byte === key.delete) {
      if (raw && line !== '') say('\b \b');
      line = line.slice(0, -1);
    } else if (byte >= 0x20) {
      const character = String.fromCharCode(byte);
      if (raw && byte < key.delete) say(character);
      line += character;
    }
  }
  if (raw) say('\n');
  return !reported && /^y(?:es)?$/i.test(line.trim()) ? 'yes' : 'no';
}
