/** Compares the frame on the screen with the next one and writes only what differs. Pure: cells in, bytes out. */
import { BLANK, CELL_WORDS, CellGrid, type ClusterTable, CODE_MASK, cellWidth, IS_CLUSTER } from './cells.ts';
import { sgr } from './sgr.ts';

/** Where the real cursor is to stand, or hidden. `style` is the DECSCUSR number, 0 the user's own. */
export interface Cursor {
  readonly x: number;
  readonly y: number;
  readonly visible: boolean;
  readonly style: number;
}

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
/** Below this many changed cells hiding the cursor costs more than it saves. */
const QUIET_CELLS = 8;
/** A run of blank cells this long is erased (ECH) instead of written. */
const ERASE_RUN = 10;
/** Unchanged cells between two changes that are cheaper to write again than to jump over. */
const BRIDGE = 4;

const SOFT_HYPHEN = 0xad;

/** Whether another terminal may give this character another width; the cursor is then placed anew behind it, so one cell cannot shift a row. */
function widthDisputed(content: number): boolean {
  if ((content & IS_CLUSTER) !== 0 || cellWidth(content) === 2) return true;
  const code = content & CODE_MASK;
  // From Hebrew on: marks and signs that later versions of Unicode brought, or took the width from. The soft hyphen has none in some.
  return (code >= 0x590 && !(code >= 0x2500 && code <= 0x259f)) || code === SOFT_HYPHEN;
}

/** Holds what the outer terminal shows, and knows the bytes that lead to the next frame. */
export class FramePainter {
  #shown: CellGrid;
  #clusters: ClusterTable;
  #generation: number;
  #stale = true;
  #cursor: Cursor = { x: -1, y: -1, visible: false, style: -1 };
  #out = '';
  #x = -1;
  #y = -1;
  #fg = 0;
  #bg = 0;
  #ext = 0;
  #changed = 0;
  #wasVisible = false;

  constructor(cols: number, rows: number, clusters: ClusterTable) {
    this.#shown = new CellGrid(cols, rows);
    this.#clusters = clusters;
    this.#generation = clusters.generation;
  }

  /** After a resize, or when something else may have written: every cell is painted again, row by row, without clearing the screen first. */
  invalidate(cols: number, rows: number): void {
    if (cols !== this.#shown.cols || rows !== this.#shown.rows) this.#shown = new CellGrid(cols, rows);
    this.#stale = true;
  }

  /** Bytes for the outer terminal, '' when nothing differs. `modes` are mode changes that belong to this frame; rows that are not `dirty` are not looked at. */
  paint(next: CellGrid, cursor: Cursor, modes = '', dirty: (y: number) => boolean = () => true): string {
    if (this.#generation !== this.#clusters.generation) this.#stale = true;
    this.#generation = this.#clusters.generation;
    this.#out = '';
    this.#x = this.#stale ? -1 : this.#cursor.x;
    this.#y = this.#stale ? -1 : this.#cursor.y;
    this.#changed = 0;
    if (this.#stale) this.#attributes(0, 0, 0, true);
    for (let y = 0; y < next.rows; y += 1) {
      if (!this.#stale && !dirty(y)) continue;
      this.#row(next, y);
      this.#shown.words.set(next.words.subarray(next.at(0, y), next.at(0, y + 1)), next.at(0, y));
    }
    this.#attributes(0, 0, 0, false);
    const body = this.#out;
    const tail = this.#placeCursor(cursor);
    this.#stale = false;
    if (body === '' && tail === '' && modes === '') return '';
    if (body === '' && modes === '') return tail;
    const hide = this.#changed > QUIET_CELLS && this.#wasVisible;
    const show = this.#changed > QUIET_CELLS && cursor.visible;
    return `${BEGIN}${modes}${hide ? '\x1b[?25l' : ''}${body}${tail}${show ? '\x1b[?25h' : ''}${END}`;
  }

  /** As `paint`, when only these cells differ, in one row from where the cursor stood; undefined when it did not stand there. One run needs no mark around it: a key
   * costs a slow line one byte. */
  paintRun(next: CellGrid, x: number, y: number, length: number, cursor: Cursor): string | undefined {
    const shown = this.#cursor;
    if (this.#stale || !shown.visible || !cursor.visible || shown.x !== x || shown.y !== y) return undefined;
    this.#out = '';
    this.#x = x;
    this.#y = y;
    const from = next.at(x, y);
    this.#run(next.words, next.at(0, y), x, x + length, y, next.cols);
    this.#attributes(0, 0, 0, false);
    for (let i = from; i < from + length * CELL_WORDS; i += 1) this.#shown.words[i] = next.words[i] as number;
    return this.#out + this.#placeCursor(cursor);
  }

  #placeCursor(cursor: Cursor): string {
    const last = this.#cursor;
    this.#wasVisible = last.visible;
    let s = '';
    const other = cursor.style !== last.style && (last.style !== -1 || cursor.style !== 0);
    // A terminal that was given back in between, or is another one now, has its own.
    if (other || (this.#stale && cursor.style !== 0)) s += `\x1b[${cursor.style} q`;
    if (cursor.visible && (this.#x !== cursor.x || this.#y !== cursor.y)) s += `\x1b[${cursor.y + 1};${cursor.x + 1}H`;
    if (cursor.visible !== last.visible || this.#stale) s += cursor.visible ? '\x1b[?25h' : '\x1b[?25l';
    this.#cursor = cursor.visible ? cursor : { ...cursor, x: this.#x, y: this.#y };
    return s;
  }

  #row(next: CellGrid, y: number): void {
    const { cols, words } = next;
    const old = this.#shown.words;
    const start = next.at(0, y);
    let x = 0;
    while (x < cols) {
      if (!this.#differs(words, old, start + x * CELL_WORDS)) {
        x += 1;
        continue;
      }
      let from = x;
      // The second half of a wide character cannot be written alone.
      if (from > 0 && cellWidth(words[start + from * CELL_WORDS] ?? 0) === 0) from -= 1;
      let end = x + 1;
      for (let probe = end; probe < cols && probe - end < BRIDGE; probe += 1) {
        if (this.#differs(words, old, start + probe * CELL_WORDS)) end = probe + 1;
      }
      while (end < cols && cellWidth(words[start + end * CELL_WORDS] ?? 0) === 0) end += 1;
      this.#run(words, start, from, end, y, cols);
      x = end;
    }
  }

  #differs(a: Uint32Array, b: Uint32Array, i: number): boolean {
    return this.#stale || a[i] !== b[i] || a[i + 1] !== b[i + 1] || a[i + 2] !== b[i + 2] || a[i + 3] !== b[i + 3];
  }

  #run(words: Uint32Array, start: number, from: number, end: number, y: number, cols: number): void {
    for (let x = from; x < end; ) {
      const i = start + x * CELL_WORDS;
      const blanks = this.#blanks(words, start, x, end);
      if (blanks >= ERASE_RUN) {
        this.#moveTo(x, y);
        this.#attributes(0, 0, 0, false);
        this.#out += `\x1b[${blanks}X`;
        this.#changed += blanks;
        x += blanks;
        continue;
      }
      const content = words[i] ?? BLANK;
      const width = Math.max(1, cellWidth(content));
      this.#moveTo(x, y);
      this.#attributes(words[i + 1] ?? 0, words[i + 2] ?? 0, words[i + 3] ?? 0, false);
      this.#out += this.#text(content);
      this.#changed += width;
      x += width;
      // Behind the last column terminals differ (pending wrap), as behind characters of disputed width.
      if (x >= cols || widthDisputed(content)) this.#x = -1;
      else this.#x = x;
    }
  }

  #blanks(words: Uint32Array, start: number, x: number, end: number): number {
    let n = 0;
    for (let i = start + x * CELL_WORDS; x + n < end; n += 1, i += CELL_WORDS) {
      if (words[i] !== BLANK || words[i + 1] !== 0 || words[i + 2] !== 0) break;
    }
    return n;
  }

  #text(content: number): string {
    if ((content & IS_CLUSTER) !== 0) return this.#clusters.text(content & CODE_MASK);
    const code = content & CODE_MASK;
    // No control character may leave through a cell, whatever the emulator stored.
    return code < 32 || (code >= 127 && code < 160) ? ' ' : String.fromCodePoint(code);
  }

  #moveTo(x: number, y: number): void {
    if (this.#x !== x || this.#y !== y) this.#out += `\x1b[${y + 1};${x + 1}H`;
    this.#x = x;
    this.#y = y;
  }

  #attributes(fg: number, bg: number, ext: number, force: boolean): void {
    if (!force && fg === this.#fg && bg === this.#bg && ext === this.#ext) return;
    this.#fg = fg;
    this.#bg = bg;
    this.#ext = ext;
    this.#out += sgr(fg, bg, ext);
  }
}
