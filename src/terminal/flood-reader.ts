/** Reads what a program prints. A terminal hands over at most 4 KB at a time, and the event loop's own reading goes all the way round for each of them; here everything is
 * taken that is there already. Waiting a moment for more to come costs more than it saves: the program soon stands still (`docs/decisions/0022`). */

/** Shorter than this it is a key's echo or a line: whoever waits for it need not wait for a look behind it. */
const PIECE = 1024;

export class FloodReader {
  readonly buffer: Buffer;
  readonly #take: (buffer: Buffer, at: number) => number;

  /** `take` reads what is there now into the buffer from an offset on: how much, 0 or less when there is nothing. It never blocks. */
  constructor(size: number, take: (buffer: Buffer, at: number) => number) {
    this.buffer = Buffer.allocUnsafe(size);
    this.#take = take;
  }

  /** So much has come into the buffer. Answers all that is there; it is overwritten by what comes next. */
  arrived(count: number): Buffer {
    let length = count;
    for (let got = count; got >= PIECE && length < this.buffer.length; length += got) {
      got = this.#take(this.buffer, length);
      if (got <= 0) break;
    }
    return this.buffer.subarray(0, length);
  }
}
