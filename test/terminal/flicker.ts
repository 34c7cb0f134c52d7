/** Replays what a terminal was sent, piece by piece, and looks at its screen in between: wherever a write is cut, nothing may vanish that is there again at its end. */
import xterm from '@xterm/headless';

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
const PIECES = /\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[^\x1b]+/g;
const ERASES = /^\x1b\[[0-9;?]*[JKPM@LST]$/;
/** As painter.ts: fewer cells are changed with the cursor where it is. */
const QUIET_CELLS = 8;
/** As painter.ts: so many unchanged cells may be written between two changes, and the second half of a wide character with them. */
const BRIDGE = 4;

/** What was sent, and from where on the terminal had another size. */
export interface Recording {
  readonly raw: string;
  readonly cols: number;
  readonly rows: number;
  readonly resizes: readonly { readonly at: number; readonly cols: number; readonly rows: number }[];
}

export interface Flicker {
  /** In order, at most a few. */
  readonly problems: readonly string[];
  readonly frames: number;
  readonly pieces: number;
  /** Frames in which every row was placed anew. */
  readonly repaints: number;
}

/** Whole frames, and what came between them, which is one piece of its own. */
export function framesOf(raw: string): readonly string[] {
  const frames: string[] = [];
  for (let at = 0; at < raw.length; ) {
    const begin = raw.indexOf(BEGIN, at);
    if (begin !== at) {
      frames.push(raw.slice(at, begin < 0 ? raw.length : begin));
      at = begin < 0 ? raw.length : begin;
      continue;
    }
    const end = raw.indexOf(END, at);
    const next = end < 0 ? raw.length : end + END.length;
    frames.push(raw.slice(at, next));
    at = next;
  }
  return frames;
}

class Screen {
  readonly #term: InstanceType<typeof xterm.Terminal>;
  /** xterm keeps it where nobody can read it. */
  cursorVisible = true;

  constructor(cols: number, rows: number) {
    this.#term = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
  }
  async write(text: string): Promise<void> {
    if (text.includes('\x1b[?25')) this.cursorVisible = text.lastIndexOf('\x1b[?25h') > text.lastIndexOf('\x1b[?25l');
    await new Promise<void>((resolve) => this.#term.write(text, resolve));
  }
  resize(cols: number, rows: number): void {
    this.#term.resize(cols, rows);
  }
  /** The next cell that is written. */
  cursor(): { readonly x: number; readonly y: number } {
    const { cursorX: x, cursorY: y } = this.#term.buffer.active;
    return { x, y };
  }
  /** What stands in each cell, and how it looks. */
  cells(): readonly (readonly string[])[] {
    const { active } = this.#term.buffer;
    return Array.from({ length: this.#term.rows }, (_, y) => {
      const line = active.getLine(active.viewportY + y);
      return Array.from({ length: this.#term.cols }, (_cell, x) => {
        const c = line?.getCell(x);
        if (c === undefined) return '';
        const look = [c.isBold(), c.isDim(), c.isItalic(), c.isUnderline(), c.isInverse(), c.isStrikethrough()];
        const colors = [c.getFgColorMode(), c.getFgColor(), c.getBgColorMode(), c.getBgColor()];
        return `${c.getChars() || ' '} ${c.getWidth()} ${[...look, ...colors].join()}`;
      });
    });
  }
  rows(): readonly string[] {
    const buffer = this.#term.buffer.active;
    return Array.from(
      { length: this.#term.rows },
      (_, y) => buffer.getLine(buffer.viewportY + y)?.translateToString(false) ?? '',
    );
  }
}

/** What is neither as it was nor as it will be. */
function strange(before: readonly string[], now: readonly string[], after: readonly string[]): string | undefined {
  for (const [y, row] of now.entries()) {
    if (row === before[y] || row === after[y]) continue;
    for (let x = 0; x < row.length; x += 1)
      if (row[x] !== before[y]?.[x] && row[x] !== after[y]?.[x]) return `row ${y}, column ${x}: '${row.trimEnd()}'`;
  }
  return undefined;
}

type Cells = readonly (readonly string[])[];

/** Cells that a frame writes one behind the other, though they were on the screen already: more than a jump over them would cost. */
class Rewritten {
  readonly #before: Cells;
  readonly #after: Cells;
  #run = 0;
  #end = { x: -1, y: -1 };
  longest = 0;
  at = { x: -1, y: -1 };

  constructor(before: Cells, after: Cells) {
    this.#before = before;
    this.#after = after;
  }

  wrote({ x, y }: { readonly x: number; readonly y: number }, length: number): void {
    if (x !== this.#end.x || y !== this.#end.y) this.#run = 0;
    for (let at = x; at < x + length; at += 1) {
      this.#run = this.#before[y]?.[at] === this.#after[y]?.[at] ? this.#run + 1 : 0;
      if (this.#run > this.longest) [this.longest, this.at] = [this.#run, { x: at, y }];
    }
    this.#end = { x: x + length, y };
  }
}

/** `from`: what came before is drawn and not looked at. */
export async function flickerIn({ raw, cols, rows, resizes }: Recording, from: number): Promise<Flicker> {
  const pieceByPiece = new Screen(cols, rows);
  const whole = new Screen(cols, rows);
  const problems: string[] = [];
  const cuts = [from, ...resizes.map((one) => one.at), raw.length];
  let [frames, pieces, repaints] = [0, 0, 0];
  await pieceByPiece.write(raw.slice(0, from));
  await whole.write(raw.slice(0, from));
  for (let part = 0; part + 1 < cuts.length; part += 1) {
    const size = part === 0 ? undefined : resizes[part - 1];
    if (size !== undefined) for (const one of [pieceByPiece, whole]) one.resize(size.cols, size.rows);
    for (const frame of framesOf(raw.slice(cuts[part], cuts[part + 1]))) {
      const [before, beforeCells] = [whole.rows(), whole.cells()];
      const shown = whole.cursorVisible;
      await whole.write(frame);
      const after = whole.rows();
      const all = frame.match(PIECES) ?? [];
      const text = all.filter((one) => !one.startsWith('\x1b'));
      const written = text.reduce((sum, one) => sum + one.length, 0);
      const repaint = all.filter((one) => one.endsWith('H')).length >= before.length;
      if (repaint) repaints += 1;
      const rewritten = new Rewritten(beforeCells, whole.cells());
      for (const piece of all) {
        if (problems.length > 5) break;
        const cursor = pieceByPiece.cursor();
        await pieceByPiece.write(piece);
        pieces += 1;
        const erased = /^\x1b\[(\d+)X$/.exec(piece)?.[1];
        if (erased !== undefined) rewritten.wrote(cursor, Number(erased));
        else if (!piece.startsWith('\x1b')) rewritten.wrote(cursor, pieceByPiece.cursor().x - cursor.x);
        if (ERASES.test(piece)) problems.push(`${JSON.stringify(piece)} erases or moves what is on the screen`);
        const wrong = strange(before, pieceByPiece.rows(), after);
        if (wrong !== undefined) problems.push(`after ${JSON.stringify(piece)}: ${wrong}`);
        if (shown && written > 4 * QUIET_CELLS && !piece.startsWith('\x1b') && pieceByPiece.cursorVisible)
          problems.push(`the cursor is seen while ${JSON.stringify(piece)} is written`);
      }
      // Where the whole screen is placed anew, another one may have written on it.
      if (!repaint && rewritten.longest > BRIDGE) {
        const { x, y } = rewritten.at;
        problems.push(
          `${rewritten.longest} cells up to row ${y}, column ${x} are written again: ${JSON.stringify(frame)}`,
        );
      }
      const outside = !frame.startsWith(BEGIN);
      // The echo of a key, at the cursor: one run of text, and the cursor behind it.
      if (outside && (text.length > 1 || frame.includes('X')))
        problems.push(`outside of a frame: ${JSON.stringify(frame)}`);
      frames += 1;
    }
  }
  return { problems, frames, pieces, repaints };
}
