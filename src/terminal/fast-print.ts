/** Writes runs of plain ASCII straight into the emulator's row. A flood is mostly that, and the emulator's own way, which must expect wide and combining
 * characters everywhere, costs three times as much. Whatever is not the simple case goes the emulator's way; the replay test compares every cell. */

interface Line {
  readonly _data: Uint32Array;
}

interface Buffer {
  x: number;
  readonly y: number;
  readonly ybase: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly lines: { get(y: number): Line | undefined };
}

/** The private parts that this needs; xterm-door.ts tests that they are what they seem. */
export interface PrintCore {
  readonly _inputHandler: {
    readonly _activeBuffer: Buffer;
    readonly _curAttrData: { readonly fg: number; readonly bg: number };
    readonly _charsetService: { readonly charset: unknown };
    readonly _dirtyRowTracker: { markDirty(y: number): void };
    readonly _parser: {
      precedingJoinState: number;
      /** 0 between characters and whole sequences. */
      readonly currentState: number;
      setPrintHandler(print: (data: Uint32Array, start: number, end: number) => void): void;
    };
    /** What is left of a character whose other bytes have not come. */
    readonly _utf8Decoder: { readonly interim: Uint8Array };
    print(data: Uint32Array, start: number, end: number): void;
  };
  readonly _bufferService: { readonly cols: number; readonly rows: number };
  readonly coreService: { readonly modes: { readonly insertMode: boolean } };
  readonly unicodeService: { charProperties(code: number, preceding: number): number };
}

const CELL = 3;
const WIDTH_SHIFT = 22;
const ONE_COLUMN = 1 << WIDTH_SHIFT;
const HAS_EXTENDED = 0x10000000;
/** Shorter runs are not worth the checks. */
const MIN_RUN = 4;
/** What a key brings back; more than that goes through the parser, which costs little beside it. */
const ECHO_BYTES = 16;

/** Replaces the emulator's print handler; its own one still does everything out of the ordinary. Answers how to print an echo past the parser: true when it is done,
 * false when nothing was. */
export function installFastPrint(core: PrintCore): (bytes: Uint8Array) => boolean {
  const input = core._inputHandler;
  const asciiJoinState = core.unicodeService.charProperties(0x61, 0);
  const slow = (data: Uint32Array, start: number, end: number): void => input.print(data, start, end);

  /** Prints what fits on this row and answers where it stopped: `start` at the row's end or before a character that is not plain, -1 when the emulator
   * should print all of it. */
  const run = (data: Uint32Array, start: number, end: number): number => {
    const { cols } = core._bufferService;
    const buffer = input._activeBuffer;
    const line = buffer.lines.get(buffer.ybase + buffer.y);
    const { fg, bg } = input._curAttrData;
    if (line === undefined || (bg & HAS_EXTENDED) !== 0) return -1;
    const length = Math.min(end - start, cols - buffer.x);
    if (length <= 0) return start;
    const words = line._data;
    // Half a wide character at either end has to be mended.
    if (buffer.x > 0 && (words[(buffer.x - 1) * CELL] ?? 0) >>> WIDTH_SHIFT === 2) return -1;
    const after = buffer.x + length;
    if (after < cols && (words[after * CELL] ?? 0) >>> WIDTH_SHIFT === 0) return -1;
    let at = buffer.x * CELL;
    let next = start;
    for (const last = start + length; next < last; next += 1, at += CELL) {
      const code = data[next] ?? 0;
      if (code < 0x20 || code > 0x7e) break;
      words[at] = code | ONE_COLUMN;
      words[at + 1] = fg;
      words[at + 2] = bg;
    }
    if (next === start) return start;
    const stopped = buffer.x + next - start;
    // Stopped early in the middle of a wide character: its second half must not stay behind.
    if (stopped < cols && (words[stopped * CELL] ?? 0) >>> WIDTH_SHIFT === 0) words[stopped * CELL] = ONE_COLUMN;
    buffer.x = stopped;
    input._parser.precedingJoinState = asciiJoinState;
    input._dirtyRowTracker.markDirty(buffer.y);
    return next;
  };

  const special = (): boolean => input._charsetService.charset !== undefined || core.coreService.modes.insertMode;

  input._parser.setPrintHandler((data, start, end) => {
    const slowly = special();
    for (let at = start; at < end; ) {
      const next = slowly || end - at < MIN_RUN ? -1 : run(data, at, end);
      if (next > at) {
        at = next;
        continue;
      }
      const stop = next < 0 ? end : nextPlain(data, at, end);
      slow(data, at, stop);
      at = stop;
    }
  });

  const echo = new Uint32Array(ECHO_BYTES);
  return (bytes) => {
    const { length } = bytes;
    const between = input._parser.currentState === 0 && input._utf8Decoder.interim[0] === 0;
    // A row that is filled would wrap, or not, with the next character: the emulator knows.
    if (!between || length > ECHO_BYTES || input._activeBuffer.x + length >= core._bufferService.cols || special())
      return false;
    for (let i = 0; i < length; i += 1) {
      const code = bytes[i] as number;
      if (code < 0x20 || code > 0x7e) return false;
      echo[i] = code;
    }
    return run(echo, 0, length) === length;
  };
}

/** One character the ordinary way: it wraps the row. Or several, up to the next plain one: what combines must not be parted. */
function nextPlain(data: Uint32Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end && ((data[at] ?? 0) < 0x20 || (data[at] ?? 0) > 0x7e)) at += 1;
  return at;
}
