/** A screen that bytes are written to: the pane's (fed by the pty) and the chrome's (fed by Ink frames). */
import { type CellGrid, type ClusterTable, CellGrid as Grid } from './cells.ts';
import type { Redrawn } from './cursor-line.ts';
import type { Size } from './geometry.ts';
import { HeldOutput, isPlain } from './held-output.ts';
import { type OuterWidths, type WidthProvider, widthProvider } from './outer-widths.ts';
import { type SavedRow, type Scrollback, saveRow } from './scrollback.ts';
import { changeWidths, type Door, HeadlessTerminal, openDoor } from './xterm-door.ts';

export interface EmulatorOptions extends Size {
  readonly clusters: ClusterTable;
  readonly scrollback: number;
  /** Forces the public interface of the library; for tests of the fallback. */
  readonly door?: 'public';
}

/** Less than this is parsed before it is worth a copy: an echo above all. */
const WORTH_HOLDING = 256;

/** The library's terminal behind the few operations the compositor needs. */
export class Emulator {
  readonly term: HeadlessTerminal;
  readonly #door: Door;
  readonly #clusters: ClusterTable;
  readonly #held = new HeldOutput();
  /** Whether the screen shows what is held, though the scrollback has not got it. */
  #shown = false;
  /** This many line breaks push everything older out of the screen and the scrollback: first down to the last row, then through both. */
  readonly #enough: () => number;

  constructor(options: EmulatorOptions) {
    this.term = new HeadlessTerminal({
      cols: options.cols,
      rows: options.rows,
      scrollback: options.scrollback,
      allowProposedApi: true,
      // Its complaints about what a program prints would go to the console, and so on the user's screen.
      logLevel: 'off',
      // Only these: title, size and state of the user's window are never reported.
      windowOptions: { pushTitle: true, popTitle: true },
    });
    this.#clusters = options.clusters;
    this.#enough = () => options.scrollback + 2 * this.rows + 1;
    this.#door = openDoor(this.term, options.clusters, options.door);
  }

  get cols(): number {
    return this.term.cols;
  }

  get rows(): number {
    return this.term.rows;
  }

  get direct(): boolean {
    return this.#door.direct;
  }

  feed(data: Uint8Array | string, done: () => void = () => {}): void {
    this.settle();
    this.#door.feed(data, done);
  }

  /** Prints what a key brings back when that changes nothing but a few cells behind the cursor. Answers how many, 0 when it has to be fed. */
  echo(bytes: Uint8Array): number {
    return this.#held.empty && this.#door.echo(bytes) ? bytes.length : 0;
  }

  /** Keeps output for later when it is plain: it is parsed before anybody looks, and what nobody could see any more is not parsed at all. Answers whether it was taken;
   * if not, it is to be fed. */
  hold(bytes: Uint8Array): boolean {
    const small = bytes.length < WORTH_HOLDING;
    if (this.#held.empty ? small || !this.#door.scrollsWhole() : small && this.#shown) return false;
    if (!isPlain(bytes)) return false;
    if (!this.#held.add(bytes, this.#enough())) {
      this.settle();
      if (!this.#held.add(bytes, this.#enough())) return false;
    }
    this.#shown = false;
    return true;
  }

  /** Makes the screen show what is held. Of a flood only the last rows are parsed for that: what is above them leaves the scrollback before anybody looks back, or is
   * parsed when somebody does. Until then the scrollback is wrong, and everything that reads it settles first. */
  show(): void {
    if (this.#held.empty || this.#shown) return;
    // Down to the last row first, where the cursor is not there yet.
    const screen = this.rows + 1 + (this.#door.cursorY() < this.rows - 1 ? this.rows : 0);
    const tail = this.#held.lastScreen(screen, this.#enough());
    if (tail === undefined) {
      this.settle();
      return;
    }
    this.#door.feed(tail, () => {});
    this.#shown = true;
  }

  /** Parses what is held. After `show` that is enough to push out all that was parsed for it. */
  settle(): void {
    if (!this.#held.empty) this.#door.feed(this.#held.take(this.#enough()), () => {});
    this.#shown = false;
  }

  resize(size: Size): void {
    this.settle();
    if (size.cols !== this.cols || size.rows !== this.rows)
      this.#door.resize(Math.max(2, size.cols), Math.max(1, size.rows), this.redrawn());
  }

  /** Who draws the line of the cursor again in another width. */
  protected redrawn(): Redrawn {
    return { by: 'editor', from: undefined };
  }

  /** The row that the cursor is in. */
  protected cursorRow(): object | undefined {
    return this.#door.cursorRow();
  }

  /** Copies cells of one row; what lies outside this screen comes out blank. */
  copyRow(row: number, column: number, count: number, grid: CellGrid, x: number, y: number): void {
    this.show();
    this.#door.copyRow(row < this.rows ? row : Number.MAX_SAFE_INTEGER, column, count, grid, x, y);
  }

  /** What is printed from now on is as wide as on the user's terminal. Answers those widths. */
  setWidths(widths: OuterWidths): WidthProvider | undefined {
    this.settle();
    return changeWidths(this.term, (base) => widthProvider(widths, base));
  }

  /** What is printed from now on is a link with this number. */
  beginLink(id: number): void {
    this.#door.beginLink(id);
  }

  /** The number of the link in a cell of the screen. */
  linkAt(x: number, y: number): number | undefined {
    this.settle();
    return this.#door.links(y).get(x);
  }

  /** A copy of everything that can be looked back on; `address` names a link's address. */
  scrollback(address: (link: number) => string | undefined): Scrollback {
    this.settle();
    const buffer = this.term.buffer.active;
    const grid = new Grid(this.cols, 1);
    const rows: SavedRow[] = [];
    for (let y = -buffer.baseY; y < this.rows; y += 1) {
      this.#door.copyRow(y, 0, this.cols, grid, 0, 0);
      const links = new Map<number, string>();
      for (const [column, id] of this.#door.links(y)) {
        const uri = address(id);
        if (uri !== undefined) links.set(column, uri);
      }
      rows.push(saveRow(grid, this.#clusters, links, buffer.getLine(buffer.baseY + y)?.isWrapped === true));
    }
    return { rows, screenTop: buffer.baseY, cursor: this.cursor };
  }

  /** Rows that may look different now; called while output is parsed. */
  onDirty(mark: (first: number, last: number) => void): void {
    this.#door.onDirty((first, last) => mark(first, Math.min(last, this.rows - 1)));
  }

  get cursor(): { readonly x: number; readonly y: number } {
    this.show();
    return { x: Math.min(this.#door.cursorX(), this.cols - 1), y: this.#door.cursorY() };
  }
}
