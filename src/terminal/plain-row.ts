/** Draws a row of text with colours straight into cells, the same cells as the emulator makes of it. A row with anything else in it is left to the emulator. */
import { blankCells, CELL_WORDS, type CellGrid, WIDTH_SHIFT } from './cells.ts';

const ESC = 0x1b;
const ONE_COLUMN = 1 << WIDTH_SHIFT;
const COLOR = 0x3ffffff;
const P16 = 0x1000000;
const RGB = 0x3000000;
const BOLD = 0x8000000;
const INVERSE = 0x4000000;
const DIM = 0x8000000;
const ITALIC = 0x4000000;
/** `CSI n m` with a few numbers, or `CSI n G`. */
const SEQUENCE = /\x1b\[([\d;]{0,32})([mG])/y;

/** One column in every table of widths, and nothing that joins or is joined. */
function isPlain(code: number): boolean {
  return (
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa1 && code <= 0x2ff && code !== 0xad) ||
    (code >= 0x2010 && code <= 0x2015) ||
    (code >= 0x2018 && code <= 0x201f) ||
    code === 0x2022 ||
    code === 0x2026 ||
    (code >= 0x2190 && code <= 0x2193) ||
    (code >= 0x2500 && code <= 0x257f)
  );
}

/** What the next characters look like. */
class Pen {
  fg = 0;
  bg = 0;

  /** False when a number is not known here. */
  take(parameters: string): boolean {
    const numbers = parameters.split(';').map(Number);
    for (let i = 0; i < numbers.length; i += 1) {
      const n = numbers[i] as number;
      if (n === 38 || n === 48) {
        const [kind, red, green, blue] = numbers.slice(i + 1, i + 5);
        if (kind !== 2 || blue === undefined || Math.max(red ?? 256, green ?? 256, blue) > 255) return false;
        this.#color(n === 38, RGB | ((red ?? 0) << 16) | ((green ?? 0) << 8) | blue);
        i += 4;
      } else if (!this.#one(n)) return false;
    }
    return true;
  }

  #color(front: boolean, color: number): void {
    if (front) this.fg = (this.fg & ~COLOR) | color;
    else this.bg = (this.bg & ~COLOR) | color;
  }

  #one(n: number): boolean {
    if (n === 0) {
      this.fg = 0;
      this.bg = 0;
    } else if (n === 1) this.fg |= BOLD;
    else if (n === 2) this.bg |= DIM;
    else if (n === 3) this.bg |= ITALIC;
    else if (n === 7) this.fg |= INVERSE;
    else if (n === 22) {
      this.fg &= ~BOLD;
      this.bg &= ~DIM;
    } else if (n === 23) this.bg &= ~ITALIC;
    else if (n === 27) this.fg &= ~INVERSE;
    else if (n >= 30 && n <= 37) this.#color(true, P16 | (n - 30));
    else if (n === 39) this.#color(true, 0);
    else if (n >= 40 && n <= 47) this.#color(false, P16 | (n - 40));
    else if (n === 49) this.#color(false, 0);
    else if (n >= 90 && n <= 97) this.#color(true, P16 | (n - 82));
    else if (n >= 100 && n <= 107) this.#color(false, P16 | (n - 92));
    else return false;
    return true;
  }
}

/** Erases the row and draws the text; what goes beyond the last column stays in it, as without wrapping. False when the text is not plain: the row is then half drawn. */
export function drawPlainRow(grid: CellGrid, y: number, text: string): boolean {
  const { words, cols } = grid;
  const start = grid.at(0, y);
  blankCells(words, start, start + cols * CELL_WORDS);
  const pen = new Pen();
  let x = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === ESC) {
      SEQUENCE.lastIndex = i;
      const [all, parameters = '', final] = SEQUENCE.exec(text) ?? [];
      if (all === undefined) return false;
      if (final === 'm') {
        if (!pen.take(parameters)) return false;
      } else {
        const column = Number(parameters);
        if (!Number.isInteger(column)) return false;
        x = Math.min(Math.max(column, 1), cols) - 1;
      }
      i += all.length - 1;
      continue;
    }
    if (!isPlain(code)) return false;
    const at = start + Math.min(x, cols - 1) * CELL_WORDS;
    words[at] = code | ONE_COLUMN;
    words[at + 1] = pen.fg;
    words[at + 2] = pen.bg;
    x += 1;
  }
  return true;
}
