/** Looking back: where one is in the scrollback, what is found and selected there, and how that looks in the pane's place. */
import { BLANK, CELL_WORDS, type CellGrid, type ClusterTable, cellWidth, IS_CLUSTER, WIDTH_SHIFT } from './cells.ts';
import {
  cellText,
  findAll,
  inOrder,
  type Match,
  type Place,
  type SavedRow,
  type Scrollback,
  selectedText,
} from './scrollback.ts';
import { UNDERLINE } from './sgr.ts';

/** Turned over, not set: what is already inverse must still stand out. */
const INVERSE = 0x4000000;
const BOLD = 0x8000000;
/** The second half of a wide character is '' and goes with its first. */
const WORD = /^[^\s"'`()[\]{}<>|;,│]*$/;

export class ScrollView {
  readonly #rows: readonly SavedRow[];
  readonly #screenTop: number;
  #width: number;
  #height: number;
  #top: number;
  #at: Place;
  #anchor: Place | undefined;
  #lines = false;
  #query = '';
  #matches: readonly Match[] = [];
  #byRow = new Map<number, readonly { readonly from: number; readonly to: number }[]>();
  /** What is being typed behind `/`; undefined when nothing is. */
  typing: string | undefined;

  constructor(book: Scrollback, width: number, height: number) {
    this.#rows = book.rows;
    this.#screenTop = book.screenTop;
    this.#width = width;
    this.#height = height;
    this.#top = book.screenTop;
    this.#at = { row: book.screenTop + book.cursor.y, column: book.cursor.x };
  }

  get #bottom(): number {
    return Math.max(0, this.#rows.length - this.#height);
  }

  /** Rows between what is shown and the newest. */
  get behind(): number {
    return Math.max(0, this.#screenTop - this.#top);
  }

  get history(): number {
    return this.#screenTop;
  }

  get selecting(): boolean {
    return this.#anchor !== undefined;
  }

  get query(): string {
    return this.#query;
  }

  get found(): number {
    return this.#matches.length;
  }

  /** In cells of the pane. */
  get cursor(): { readonly x: number; readonly y: number } {
    return { x: Math.min(this.#at.column, this.#width - 1), y: this.#at.row - this.#top };
  }

  /** The pane has another size. Rows stay as they were: they are cut, or end earlier. */
  fit(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return;
    this.#width = width;
    this.#height = height;
    this.#goTo(this.#at);
  }

  /** Moves what is shown; the cursor comes along when it would leave the screen. */
  scroll(by: number): void {
    this.#top = Math.min(this.#bottom, Math.max(0, this.#top + by));
    const row = Math.min(Math.max(this.#at.row, this.#top), this.#top + this.#height - 1);
    this.#at = { row, column: this.#at.column };
  }

  page(by: number): void {
    const step = Math.sign(by) * Math.max(1, Math.floor(Math.abs(by) * (this.#height - 1)));
    const { row, column } = this.#at;
    const old = this.#top;
    this.#top = Math.min(this.#bottom, Math.max(0, old + step));
    this.#goTo({ row: row + (this.#top === old ? step : this.#top - old), column });
  }

  move(rows: number, columns: number): void {
    this.#goTo({ row: this.#at.row + rows, column: Math.min(this.#at.column, this.#width - 1) + columns });
  }

  first(): void {
    this.#goTo({ row: 0, column: 0 });
  }

  last(): void {
    this.#goTo({ row: this.#rows.length - 1, column: 0 });
  }

  lineStart(): void {
    this.#goTo({ row: this.#at.row, column: 0 });
  }

  lineEnd(): void {
    const row = this.#rows[this.#at.row];
    this.#goTo({ row: this.#at.row, column: Math.max(0, (row?.words.length ?? 0) / CELL_WORDS - 1) });
  }

  /** To a cell of the pane, beyond its edges too: then it scrolls. */
  pointAt(x: number, y: number): void {
    this.#goTo({ row: this.#top + y, column: x });
  }

  /** Begins a selection at the cursor, or ends it. */
  toggleSelection(lines: boolean): void {
    const same = this.#anchor !== undefined && this.#lines === lines;
    this.#anchor = same ? undefined : (this.#anchor ?? this.#at);
    this.#lines = lines;
  }

  /** Selects the word at the cursor; a path or an address is one. Between words nothing. */
  selectWord(): void {
    const { row: y, column } = this.#at;
    const row = this.#rows[y];
    const inWord = (x: number): boolean => x >= 0 && row !== undefined && WORD.test(cellText(row, x));
    this.#anchor = undefined;
    if (!inWord(column)) return;
    let from = column;
    while (inWord(from - 1)) from -= 1;
    let to = column;
    while (inWord(to + 1)) to += 1;
    this.#lines = false;
    this.#anchor = { row: y, column: from };
    this.#at = { row: y, column: to };
  }

  clearSelection(): void {
    this.#anchor = undefined;
  }

  /** The selected text; of the whole line without a selection. */
  selected(): string {
    const [from, to] = this.#range() ?? this.#wholeLines(this.#at, this.#at);
    return selectedText(this.#rows, from, to);
  }

  /** Searches from the cursor upwards: what one looks for is usually the newest. */
  search(query: string): void {
    this.#query = query;
    this.#matches = findAll(this.#rows, query);
    const byRow = new Map<number, { from: number; to: number }[]>();
    for (const piece of this.#matches.flatMap((m) => m.pieces)) {
      const there = byRow.get(piece.row);
      if (there === undefined) byRow.set(piece.row, [piece]);
      else there.push(piece);
    }
    this.#byRow = byRow;
    this.jump(-1);
  }

  /** The next match in a direction, round and round; false when there is none. */
  jump(direction: 1 | -1): boolean {
    const starts = this.#matches.map((m) => m.pieces[0]).filter((p) => p !== undefined);
    const { row, column } = this.#at;
    const after = (p: { row: number; from: number }): boolean => p.row > row || (p.row === row && p.from > column);
    const earlier = (p: { row: number; from: number }): boolean => p.row < row || (p.row === row && p.from < column);
    const next =
      direction === 1 ? (starts.find(after) ?? starts[0]) : (starts.findLast(earlier) ?? starts[starts.length - 1]);
    if (next === undefined) return false;
    this.#show({ row: next.row, column: next.from });
    return true;
  }

  /** The address of the link under the cursor. */
  get link(): string | undefined {
    return this.#rows[this.#at.row]?.links.get(this.#at.column);
  }

  /** The address of the link in a cell of the pane. */
  linkAt(x: number, y: number): string | undefined {
    return this.#rows[this.#top + y]?.links.get(x);
  }

  /** Goes to the next link, round and round; false when there is none. */
  nextLink(direction: 1 | -1): boolean {
    const all: Place[] = [];
    this.#rows.forEach((row, y) => {
      let last: { column: number; uri: string } | undefined;
      for (const [column, uri] of row.links) {
        if (last === undefined || last.uri !== uri || last.column !== column - 1) all.push({ row: y, column });
        last = { column, uri };
      }
    });
    const { row, column } = this.#at;
    const later = (p: Place): boolean => p.row > row || (p.row === row && p.column > column);
    const earlier = (p: Place): boolean => p.row < row || (p.row === row && p.column < column);
    const next = direction === 1 ? (all.find(later) ?? all[0]) : (all.findLast(earlier) ?? all[all.length - 1]);
    if (next === undefined) return false;
    this.#show(next);
    return true;
  }

  /** Copies one row of what is shown, with what is found and selected turned over, and the mark that says where one is. */
  copyRow(y: number, count: number, grid: CellGrid, x: number, gridY: number, clusters: ClusterTable): void {
    const row = this.#rows[this.#top + y];
    const out = grid.words;
    let at = grid.at(x, gridY);
    for (let column = 0; column < count; column += 1, at += CELL_WORDS) {
      const from = column * CELL_WORDS;
      const there = row !== undefined && from < row.words.length;
      const content = there ? (row.words[from] ?? BLANK) : BLANK;
      out[at] =
        there && (content & IS_CLUSTER) !== 0
          ? (content & (3 << WIDTH_SHIFT)) | IS_CLUSTER | clusters.id(cellText(row, column))
          : content;
      out[at + 1] = there ? (row.words[from + 1] ?? 0) : 0;
      out[at + 2] = there ? (row.words[from + 2] ?? 0) : 0;
      out[at + 3] = there ? (row.words[from + 3] ?? 0) : 0;
    }
    this.#turnOver(this.#top + y, count, grid, x, gridY);
    if (y === 0) this.#mark(count, grid, x, gridY);
  }

  #turnOver(rowNumber: number, count: number, grid: CellGrid, x: number, gridY: number): void {
    const [from, to] = this.#selectedColumns(rowNumber, count);
    const change = (column: number, bit: number): void => {
      const i = grid.at(x + column, gridY) + 1;
      grid.words[i] = ((grid.words[i] ?? 0) ^ bit) >>> 0;
    };
    for (let column = from; column < to; column += 1) change(column, INVERSE);
    // Beside a selection a match is underlined: turned over it would look selected, and within it, turned over twice, like neither.
    const found = this.#anchor === undefined ? INVERSE : UNDERLINE;
    for (const piece of this.#byRow.get(rowNumber) ?? [])
      for (let column = piece.from; column < Math.min(piece.to, count); column += 1) change(column, found);
  }

  /** The first selected column of a row, and the first behind them. */
  #selectedColumns(rowNumber: number, count: number): readonly [number, number] {
    const range = this.#range();
    if (range === undefined || rowNumber < range[0].row || rowNumber > range[1].row) return [0, 0];
    const from = rowNumber === range[0].row ? range[0].column : 0;
    return [from, rowNumber === range[1].row ? Math.min(count, range[1].column + 1) : count];
  }

  #mark(count: number, grid: CellGrid, x: number, gridY: number): void {
    const text = ` scrolled ${this.behind}/${this.#screenTop} `;
    if (count < text.length) return;
    let at = grid.at(x + count - text.length, gridY);
    for (const c of text) {
      grid.words[at] = (c.codePointAt(0) ?? 32) | (1 << WIDTH_SHIFT);
      grid.words[at + 1] = INVERSE | BOLD;
      grid.words[at + 2] = 0;
      grid.words[at + 3] = 0;
      at += CELL_WORDS;
    }
  }

  #wholeLines(a: Place, b: Place): readonly [Place, Place] {
    const [start, end] = inOrder(a, b);
    let { row } = start;
    while (row > 0 && this.#rows[row]?.wrapped === true) row -= 1;
    let last = end.row;
    while (this.#rows[last + 1]?.wrapped === true) last += 1;
    return [
      { row, column: 0 },
      { row: last, column: Number.MAX_SAFE_INTEGER - 1 },
    ];
  }

  #range(): readonly [Place, Place] | undefined {
    if (this.#anchor === undefined) return undefined;
    return this.#lines ? this.#wholeLines(this.#anchor, this.#at) : inOrder(this.#anchor, this.#at);
  }

  /** With what is around it, when it was not to be seen. */
  #show(place: Place): void {
    if (place.row <= this.#top || place.row >= this.#top + this.#height)
      this.#top = Math.min(this.#bottom, Math.max(0, place.row - Math.floor(this.#height / 2)));
    this.#goTo(place);
  }

  #goTo(place: Place): void {
    const row = Math.min(this.#rows.length - 1, Math.max(0, place.row));
    let column = Math.min(this.#width - 1, Math.max(0, place.column));
    // Not on the second half of a wide character.
    const words = this.#rows[row]?.words;
    if (column > 0 && words !== undefined && column * CELL_WORDS < words.length)
      if (cellWidth(words[column * CELL_WORDS] ?? BLANK) === 0) column += place.column > this.#at.column ? 1 : -1;
    this.#at = { row, column: Math.min(this.#width - 1, column) };
    if (row < this.#top) this.#top = row;
    if (row >= this.#top + this.#height) this.#top = row - this.#height + 1;
    this.#top = Math.min(this.#bottom, Math.max(0, this.#top));
  }
}
