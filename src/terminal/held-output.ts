/** Plain output that nobody has looked at yet. A flood prints thousands of lines between two frames, and all but the last few of them leave the scrollback again
 * before anyone could see them: those are dropped here, unparsed. What remains leaves the same screen and the same scrollback; the property test compares both. */

const CAPACITY = 512 * 1024;
const NOTHING = new Uint8Array(0);

const LF = 10;
const CR = 13;
/** Leads the encoding of U+0080 to U+00BF, of which the first half are controls: CSI is among them. */
const C1_LEAD = 0xc2;

/** 1: may be in plain output. Of the controls only those that move the cursor within its row or to the next: a tab, and line feeds of three kinds (form feeds part the
 * pages of old source text). */
const PLAIN = new Uint8Array(256).map((_, c) => Number((c >= 9 && c <= CR) || (c >= 32 && c !== 127)));

/** Bits that are left when one of the four bytes in a word is not plain ASCII. By sums that no byte carries out of: a branch at every line's end costs more than they do. */
function oddBits(word: number): number {
  const low = word & 0x7f7f7f7f;
  const printable = low + 0x60606060;
  const movesCursor = (low + 0x77777777) & ~(low + 0x72727272);
  const erased = low + 0x01010101;
  return (~(printable | movesCursor) | erased | word) & 0x80808080;
}

function arePlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    const c = bytes[i] as number;
    if (PLAIN[c] === 0 || (c === C1_LEAD && (bytes[i + 1] as number) < 0xa0)) return false;
  }
  return true;
}

const WORD = 4;
/** Words that are looked at together. */
const BLOCK = 4;

/** Whether nothing in this does more than print characters in rows from top to bottom. */
export function isPlain(bytes: Uint8Array): boolean {
  const { length, byteOffset } = bytes;
  // The rest of a control that the output before began, or the beginning of one.
  const first = bytes[0] ?? 0;
  if ((first >= 0x80 && first < 0xc0) || bytes[length - 1] === C1_LEAD) return false;
  if (length < BLOCK * WORD) return arePlain(bytes, 0, length);
  const aligned = -byteOffset & (WORD - 1);
  if (!arePlain(bytes, 0, aligned)) return false;
  const words = new Int32Array(bytes.buffer, byteOffset + aligned, (length - aligned) >> 2);
  let w = 0;
  for (; w + BLOCK <= words.length; w += BLOCK) {
    const odd =
      oddBits(words[w] as number) |
      oddBits(words[w + 1] as number) |
      oddBits(words[w + 2] as number) |
      oddBits(words[w + 3] as number);
    const at = aligned + w * WORD;
    if (odd !== 0 && !arePlain(bytes, at, at + BLOCK * WORD)) return false;
  }
  return arePlain(bytes, aligned + w * WORD, length);
}

/** Where the last `lines` lines begin, with the line break before them; 0 when there are not so many. */
function lastLines(bytes: Uint8Array, length: number, lines: number): number {
  let left = lines;
  for (let i = length - 1; i > 0; i -= 1) {
    if (bytes[i] !== LF) continue;
    left -= 1;
    // Only behind CR LF the column does not depend on what is dropped.
    if (left < 0 && bytes[i - 1] === CR) return i - 1;
  }
  return 0;
}

export class HeldOutput {
  #bytes: Uint8Array | undefined;
  #length = 0;

  get empty(): boolean {
    return this.#length === 0;
  }

  /** Takes plain bytes; false when there is no room. `lines`: how many line breaks at the end decide everything that can be seen. */
  add(bytes: Uint8Array, lines: number): boolean {
    // Not zeroed and not pooled: pages that are never written cost nothing.
    this.#bytes ??= Buffer.allocUnsafeSlow(CAPACITY);
    if (this.#length + bytes.length > CAPACITY) {
      const from = lastLines(this.#bytes, this.#length, lines);
      this.#bytes.copyWithin(0, from, this.#length);
      this.#length -= from;
      // Less than half free: it would be moved again and again.
      if (this.#length > CAPACITY / 2 || this.#length + bytes.length > CAPACITY) return false;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return true;
  }

  /** The end of it that decides what a screen shows which `screen` line breaks push everything out of; undefined when something older than what is held could
   * still be seen, there or after `lines` line breaks. It stays held. */
  lastScreen(screen: number, lines: number): Uint8Array | undefined {
    const bytes = this.#bytes ?? NOTHING;
    const from = lastLines(bytes, this.#length, screen);
    return from > 0 && lastLines(bytes, from + 2, lines - screen) > 0 ? bytes.subarray(from, this.#length) : undefined;
  }

  /** What has to be parsed, valid until the next `add`; nothing is held after it. */
  take(lines: number): Uint8Array {
    const bytes = this.#bytes ?? NOTHING;
    const from = lastLines(bytes, this.#length, lines);
    const taken = bytes.subarray(from, this.#length);
    this.#length = 0;
    return taken;
  }
}
