/** What a launcher that was there before its host reads before the plan (native/start/request.c, native/PROTOCOL.md). */

const HEADER_BYTES = 24;
const NOTICES = 1;
const RECORD = 2;

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** What comes with a command. */
export interface LaunchExtras {
  readonly notices?: boolean;
  readonly size?: TerminalSize | undefined;
  /** What the plan rests on, where it may be kept for the next start. */
  readonly asked?: Buffer | undefined;
}

/** What native/start/request.c reads before the plan. */
export function encodeLaunch(argv: readonly string[], { notices, size, asked }: LaunchExtras): Buffer {
  const words = Buffer.from(`${argv.join('\0')}\0`);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('NONOARGV', 'latin1');
  header.writeUInt32LE((notices ? NOTICES : 0) | (asked === undefined ? 0 : RECORD), 8);
  header.writeUInt32LE(argv.length, 12);
  header.writeUInt32LE(words.length, 16);
  if (size !== undefined) {
    header.writeUInt16LE(size.cols, 20);
    header.writeUInt16LE(size.rows, 22);
  }
  if (asked === undefined) return Buffer.concat([header, words]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(asked.length);
  return Buffer.concat([header, words, length, asked]);
}
