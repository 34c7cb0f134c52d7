/** Bytes as lines, however they come. */
const LINE_FEED = 10;
/** A longer line comes in pieces: whoever printed it must not be able to have it, and what follows, not shown. */
const MOST_LINE = 1 << 20;

export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): readonly string[] {
    const end = bytes.lastIndexOf(LINE_FEED);
    // Decoded at once, which for short lines is many times faster than one by one.
    const found =
      end < 0
        ? []
        : Buffer.concat([this.#rest, bytes.subarray(0, end)])
            .toString()
            .split('\n');
    this.#rest = end < 0 ? Buffer.concat([this.#rest, bytes]) : Buffer.from(bytes.subarray(end + 1));
    if (this.#rest.length >= MOST_LINE) found.push(...this.rest());
    return found;
  }

  /** The last line, when it has no end. */
  rest(): readonly string[] {
    const last = this.#rest.toString();
    this.#rest = Buffer.alloc(0);
    return last === '' ? [] : [last];
  }
}
