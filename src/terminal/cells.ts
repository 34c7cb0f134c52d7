/** The grid that everything on the screen becomes: four words a cell, so that comparing two frames is integer comparison. */

/** Words per cell: content, foreground + flags, background + flags, underline style and colour. */
export const CELL_WORDS = 4;

/** Layout of the content word; the same as @xterm/headless uses, so that rows can be copied without decoding. */
export const CODE_MASK = 0x1fffff;
export const IS_CLUSTER = 0x200000;
export const WIDTH_SHIFT = 22;
/** An empty cell: a space, one column wide. */
export const BLANK = 32 | (1 << WIDTH_SHIFT);

/** Columns that a cell's content takes: 0 marks the second half of a wide character. */
export function cellWidth(content: number): number {
  return (content >>> WIDTH_SHIFT) & 3;
}

/** Numbers for multi-code-point cells, so that a cell stays four integers. Starts over when it has grown too large; the owner then repaints. */
export class ClusterTable {
  #ids = new Map<string, number>();
  #texts: string[] = [];
  #limit: number;
  /** Changes when old numbers have lost their meaning. */
  generation = 0;

  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= this.#limit) {
      this.#ids.clear();
      this.#texts = [];
      this.generation += 1;
    }
    const id = this.#texts.length;
    this.#texts.push(text);
    this.#ids.set(text, id);
    return id;
  }

  text(id: number): string {
    return this.#texts[id] ?? ' ';
  }
}

/** Copies of copies: a loop over a whole screen is a millisecond of every start, where no code is compiled yet. */
export function blankCells(words: Uint32Array, from: number, to: number): void {
  words.fill(0, from, to);
  if (to > from) words[from] = BLANK;
  for (let done = CELL_WORDS; done < to - from; done *= 2)
    words.copyWithin(from + done, from, from + Math.min(done, to - from - done));
}

/** A rectangle of cells, row by row. */
export class CellGrid {
  readonly cols: number;
  readonly rows: number;
  readonly words: Uint32Array;

  constructor(cols: number, rows: number) {
    this.cols = cols;
    this.rows = rows;
    this.words = new Uint32Array(cols * rows * CELL_WORDS);
    this.clear();
  }

  clear(): void {
    blankCells(this.words, 0, this.words.length);
  }

  at(x: number, y: number): number {
    return (y * this.cols + x) * CELL_WORDS;
  }
}

/** Blanks wide characters that an overlay or an edge has cut in half, so that no half can shift the row on the real screen. */
export function mendWideCells(grid: CellGrid, y: number): void {
  const { words, cols } = grid;
  for (let x = 0, i = grid.at(0, y); x < cols; x += 1, i += CELL_WORDS) {
    // Written out: most cells of a start are looked at before anything is compiled.
    const width = ((words[i] as number) >>> WIDTH_SHIFT) & 3;
    if (width === 1) continue;
    if (width === 2 && x + 1 < cols && cellWidth(words[i + CELL_WORDS] ?? 0) === 0) {
      x += 1;
      i += CELL_WORDS;
      continue;
    }
    words[i] = BLANK;
  }
}
