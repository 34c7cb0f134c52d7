/** The lines of a file that another process writes, puts aside when it is large, and may make larger than memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK = 65_536;
const LINE_FEED = 10;
/** A longer line comes in pieces: whoever printed it must not be able to have it, and what follows, not shown. */
export const MOST_LINE = 1 << 20;

export class GrowingFile {
  readonly #file: string;
  #inode = 0;
  #at = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** What has come since the last time, some lines at a time. Nothing where there is no file. */
  *lines(): Generator<readonly string[]> {
    let fd: number;
    try {
      fd = openSync(this.#file, 'r');
    } catch {
      return;
    }
    try {
      const { ino, size } = fstatSync(fd);
      if (ino !== this.#inode || size < this.#at) [this.#inode, this.#at, this.#rest] = [ino, 0, Buffer.alloc(0)];
      const bytes = Buffer.allocUnsafe(CHUNK);
      while (this.#at < size) {
        const count = readSync(fd, bytes, 0, Math.min(CHUNK, size - this.#at), this.#at);
        if (count === 0) return;
        this.#at += count;
        yield this.#split(bytes.subarray(0, count));
      }
    } finally {
      closeSync(fd);
    }
  }

  /** The last line, when it has no end. */
  rest(): readonly string[] {
    const last = this.#rest.toString();
    this.#rest = Buffer.alloc(0);
    return last === '' ? [] : [last];
  }

  #split(bytes: Buffer): readonly string[] {
    const found: string[] = [];
    let from = 0;
    for (let to = bytes.indexOf(LINE_FEED); to >= 0; to = bytes.indexOf(LINE_FEED, from)) {
      found.push(Buffer.concat([this.#rest, bytes.subarray(from, to)]).toString());
      this.#rest = Buffer.alloc(0);
      from = to + 1;
    }
    this.#rest = Buffer.concat([this.#rest, bytes.subarray(from)]);
    if (this.#rest.length >= MOST_LINE) found.push(...this.rest());
    return found;
  }
}
