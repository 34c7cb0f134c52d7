/** Replays what a terminal was sent, piece by piece, and looks at its screen in between: wherever a write is cut, nothing may vanish that is there again at its end. */
import xterm from '@xterm/headless';

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
const PIECES = /\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[^\x1b]+/g;
const ERASES = /^\x1b\[[0-9;?]*[JKPM@LST]$/;
/** As painter.ts: fewer cells are changed with the cursor where it is. */
const QUIET_CELLS = 8;

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
      const before = whole.rows();
      const shown = whole.cursorVisible;
      await whole.write(frame);
      const after = whole.rows();
      const all = frame.match(PIECES) ?? [];
      const text = all.filter((one) => !one.startsWith('\x1b'));
      const written = text.reduce((sum, one) => sum + one.length, 0);
      if (all.filter((one) => one.endsWith('H')).length >= before.length) repaints += 1;
      for (const piece of all) {
        if (problems.length > 5) break;
        await pieceByPiece.write(piece);
        pieces += 1;
        if (ERASES.test(piece)) problems.push(`${JSON.stringify(piece)} erases or moves what is on the screen`);
        const wrong = strange(before, pieceByPiece.rows(), after);
        if (wrong !== undefined) problems.push(`after ${JSON.stringify(piece)}: ${wrong}`);
        if (shown && written > 4 * QUIET_CELLS && !piece.startsWith('\x1b') && pieceByPiece.cursorVisible)
          problems.push(`the cursor is seen while ${JSON.stringify(piece)} is written`);
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
