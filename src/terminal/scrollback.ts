/** What the pane has shown, copied at one moment: what is searched and selected in it cannot move under the finger while the program goes on printing. */
import { BLANK, CELL_WORDS, type CellGrid, type ClusterTable, CODE_MASK, cellWidth, IS_CLUSTER } from './cells.ts';

/** One row as it was; blank cells at its end are left out. */
export interface SavedRow {
  readonly words: Uint32Array;
  /** Texts of cells with more than one code point: numbers of the cluster table do not outlive it. */
  readonly clusters: ReadonlyMap<number, string>;
  /** Addresses of links, by column. */
  readonly links: ReadonlyMap<number, string>;
  /** The row goes on where the one above ended: no line break lies between them. */
  readonly wrapped: boolean;
}

/** All rows, the oldest first. */
export interface Scrollback {
  readonly rows: readonly SavedRow[];
  /** The row that was the first of the screen. */
  readonly screenTop: number;
  readonly cursor: { readonly x: number; readonly y: number };
}

/** A place in the scrollback. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

function used(words: Uint32Array, cols: number): number {
  let n = cols;
  for (let i = (n - 1) * CELL_WORDS; n > 0; n -= 1, i -= CELL_WORDS)
    if (words[i] !== BLANK || words[i + 1] !== 0 || words[i + 2] !== 0) break;
  return n;
}

/** A row from a grid of one row. */
export function saveRow(
  grid: CellGrid,
  clusters: ClusterTable,
  links: ReadonlyMap<number, string>,
  wrapped: boolean,
): SavedRow {
  const cells = used(grid.words, grid.cols);
  const words = grid.words.slice(0, cells * CELL_WORDS);
  const texts = new Map<number, string>();
  for (let x = 0; x < cells; x += 1) {
    const content = words[x * CELL_WORDS] ?? 0;
    if ((content & IS_CLUSTER) !== 0) texts.set(x, clusters.text(content & CODE_MASK));
  }
  return { words, clusters: texts, links, wrapped };
}

/** Characters of a row from one column to another, without what the second halves of wide characters would add. */
function rowText(row: SavedRow, from = 0, to = Number.MAX_SAFE_INTEGER): string {
  let text = '';
  for (let x = from, end = Math.min(to, row.words.length / CELL_WORDS); x < end; x += 1) text += cellText(row, x);
  return text;
}

/** What is in a cell; '' for the second half of a wide character. */
export function cellText(row: SavedRow, x: number): string {
  const content = row.words[x * CELL_WORDS] ?? BLANK;
  if (cellWidth(content) === 0) return '';
  const cluster = row.clusters.get(x);
  if (cluster !== undefined) return cluster;
  const code = content & CODE_MASK;
  // A cell that was never written; a control cannot be in one, and must not get out of one.
  return code < 32 || (code >= 127 && code < 160) ? ' ' : String.fromCodePoint(code);
}

function before(a: Place, b: Place): boolean {
  return a.row < b.row || (a.row === b.row && a.column <= b.column);
}

/** Both ends in order; both belong to the selection. */
export function inOrder(a: Place, b: Place): readonly [Place, Place] {
  return before(a, b) ? [a, b] : [b, a];
}

/** What a person means by copying this: no blanks at the ends of lines, no breaks where the pane only wrapped. */
export function selectedText(rows: readonly SavedRow[], a: Place, b: Place): string {
  const [start, end] = inOrder(a, b);
  let text = '';
  for (let y = start.row; y <= end.row; y += 1) {
    const row = rows[y];
    if (row === undefined) continue;
    const part = rowText(row, y === start.row ? start.column : 0, y === end.row ? end.column + 1 : undefined);
    const goesOn = y < end.row && rows[y + 1]?.wrapped === true;
    text += goesOn ? part : `${part.trimEnd()}${y < end.row ? '\n' : ''}`;
  }
  return text;
}

/** A found text; more than one piece when it wraps. */
export interface Match {
  readonly pieces: readonly { readonly row: number; readonly from: number; readonly to: number }[];
}

const MAX_MATCHES = 10_000;

/** Finds a text in every line, also across wrapped rows. Small letters find both, as in vim and less. */
export function findAll(rows: readonly SavedRow[], wanted: string): readonly Match[] {
  if (wanted === '') return [];
  const fold = wanted === wanted.toLowerCase();
  const matches: Match[] = [];
  for (let y = 0; y < rows.length; ) {
    let text = '';
    const at: Place[] = [];
    let next = y;
    do {
      const row = rows[next] as SavedRow;
      for (let x = 0; x < row.words.length / CELL_WORDS; x += 1) {
        const c = cellText(row, x);
        // Lower case can be longer than the letter; then it is compared as it is.
        const folded = fold && c.toLowerCase().length === c.length ? c.toLowerCase() : c;
        for (let i = 0; i < folded.length; i += 1) at.push({ row: next, column: x });
        text += folded;
      }
      next += 1;
    } while (rows[next]?.wrapped === true);
    for (let i = text.indexOf(wanted); i >= 0; i = text.indexOf(wanted, i + wanted.length)) {
      matches.push(match(at.slice(i, i + wanted.length)));
      if (matches.length >= MAX_MATCHES) return matches;
    }
    y = next;
  }
  return matches;
}

function match(places: readonly Place[]): Match {
  const pieces: { row: number; from: number; to: number }[] = [];
  for (const { row, column } of places) {
    const last = pieces.at(-1);
    if (last?.row === row) last.to = column + 1;
    else pieces.push({ row, from: column, to: column + 1 });
  }
  return { pieces };
}
