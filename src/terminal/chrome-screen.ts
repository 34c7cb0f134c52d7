/** The chrome's cells, made of lines of text with colours. Our own texts and most names are plain, and drawn here; a row with wide or combining characters is drawn by an
 * emulator, which is made when the first one comes: most sessions have none, and none has one before its prompt. */
import { CELL_WORDS, CellGrid, type ClusterTable } from './cells.ts';
import { Emulator } from './emulator.ts';
import type { Size } from './geometry.ts';
import { type OuterWidths, unicode6, type WidthProvider } from './outer-widths.ts';
import { paddedRow } from './padded-row.ts';
import { drawPlainRow } from './plain-row.ts';

const NO_WRAP = '\x1b[?7l';

export interface ChromeScreenOptions extends Size {
  readonly clusters: ClusterTable;
  /** Everything through the emulator, by its public interface: it answers late, and one row must not overtake another. */
  readonly door?: 'public' | undefined;
}

export class ChromeScreen {
  readonly #options: ChromeScreenOptions;
  #cells: CellGrid;
  #emulator: Emulator | undefined;
  #widths: OuterWidths = unicode6;
  #provider: WidthProvider | undefined;
  /** Rows that the emulator has drawn. */
  readonly #drawnByIt = new Set<number>();

  constructor(options: ChromeScreenOptions) {
    this.#options = options;
    this.#cells = new CellGrid(options.cols, options.rows);
  }

  get rows(): number {
    return this.#cells.rows;
  }

  /** Whether something had to be left to the emulator so far. */
  get emulated(): boolean {
    return this.#emulator !== undefined;
  }

  /** Draws these rows anew; `done` when the cells are there. */
  draw(rows: readonly number[], lines: readonly string[], done: () => void): void {
    const text = (y: number): string => lines[y] ?? '';
    const left = this.#options.door === undefined ? rows.filter((y) => !drawPlainRow(this.#cells, y, text(y))) : rows;
    for (const y of rows) this.#drawnByIt.delete(y);
    for (const y of left) this.#drawnByIt.add(y);
    if (left.length === 0) {
      done();
      return;
    }
    const emulator = this.#made();
    const row = (y: number): string => (this.#provider === undefined ? text(y) : paddedRow(text(y), this.#provider));
    emulator.feed(left.map((y) => `\x1b[${y + 1};1H\x1b[m\x1b[2K${row(y)}`).join(''), () => {
      this.refresh();
      done();
    });
  }

  /** Takes the emulator's rows again: numbers of clusters have begun anew. */
  refresh(): void {
    for (const y of this.#drawnByIt) this.#emulator?.copyRow(y, 0, this.#cells.cols, this.#cells, 0, y);
  }

  #made(): Emulator {
    if (this.#emulator !== undefined) return this.#emulator;
    const { clusters, door } = this.#options;
    const { cols, rows } = this.#cells;
    const made = new Emulator({ cols, rows, scrollback: 0, clusters, ...(door === undefined ? {} : { door }) });
    made.feed(NO_WRAP);
    this.#provider = made.setWidths(this.#widths);
    this.#emulator = made;
    return made;
  }

  /** Nothing is drawn any more: every row is to be drawn again. */
  resize(size: Size): void {
    this.#cells = new CellGrid(size.cols, size.rows);
    this.#drawnByIt.clear();
    this.#emulator?.resize(size);
  }

  /** For what is drawn from now on. */
  setWidths(widths: OuterWidths): void {
    this.#widths = widths;
    if (this.#emulator !== undefined) this.#provider = this.#emulator.setWidths(widths);
  }

  /** Copies cells of a row to the same place. */
  copyRow(y: number, column: number, count: number, grid: CellGrid): void {
    const from = this.#cells.at(column, y);
    grid.words.set(this.#cells.words.subarray(from, from + count * CELL_WORDS), grid.at(column, y));
  }
}
