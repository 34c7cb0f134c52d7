/** The lines of a file that another process writes, puts aside when it is large, and may make larger than memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LineSplitter } from '../log/line-splitter.ts';

const CHUNK = 65_536;

export class GrowingFile {
  readonly #file: string;
  #inode = 0;
  #at = 0;
  #lines = new LineSplitter();

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
      if (ino !== this.#inode || size < this.#at) [this.#inode, this.#at, this.#lines] = [ino, 0, new LineSplitter()];
      const bytes = Buffer.allocUnsafe(CHUNK);
      while (this.#at < size) {
        const count = readSync(fd, bytes, 0, Math.min(CHUNK, size - this.#at), this.#at);
        if (count === 0) return;
        this.#at += count;
        yield this.#lines.push(bytes.subarray(0, count));
      }
    } finally {
      closeSync(fd);
    }
  }

  /** The last line, when it has no end. */
  rest(): readonly string[] {
    return this.#lines.rest();
  }
}
