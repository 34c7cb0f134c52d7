/** The cells of an emulated screen as an SVG picture. Pure. */
import type { IBufferCell, Terminal } from '@xterm/headless';

/** How a terminal shows the colours that programs name by number. */
export interface Palette {
  readonly background: string;
  readonly foreground: string;
  readonly cursor: string;
  /** The sixteen colours of SGR 30–37 and 90–97, in that order. */
  readonly ansi: readonly string[];
}

export const FONT = 'DejaVu Sans Mono';
const CELL = { width: 9, height: 19, baseline: 14, font: 15 } as const;
/** The first of the 6×6×6 colours, and of the greys after them (ctlseqs: 256 colours). */
const CUBE = 16;
const GREYS = 232;
const DIM = 0.6;

const hex = (n: number): string => n.toString(16).padStart(2, '0');

function paletteColor(index: number, palette: Palette): string {
  if (index < CUBE) return palette.ansi[index] ?? palette.foreground;
  if (index >= GREYS) {
    const grey = hex(8 + 10 * (index - GREYS));
    return `#${grey}${grey}${grey}`;
  }
  const level = (n: number): string => hex(n === 0 ? 0 : 55 + 40 * n);
  const n = index - CUBE;
  return `#${level(Math.floor(n / 36))}${level(Math.floor(n / 6) % 6)}${level(n % 6)}`;
}

function colors(cell: IBufferCell, palette: Palette): { readonly ink: string; readonly paper: string | undefined } {
  const rgb = (value: number): string => `#${value.toString(16).padStart(6, '0')}`;
  const ink = cell.isFgRGB()
    ? rgb(cell.getFgColor())
    : cell.isFgPalette()
      ? paletteColor(cell.getFgColor(), palette)
      : undefined;
  const paper = cell.isBgRGB()
    ? rgb(cell.getBgColor())
    : cell.isBgPalette()
      ? paletteColor(cell.getBgColor(), palette)
      : undefined;
  return cell.isInverse()
    ? { ink: paper ?? palette.background, paper: ink ?? palette.foreground }
    : { ink: ink ?? palette.foreground, paper };
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string): string => text.replace(/[&<>]/g, (c) => escapes[c] ?? c);

function text(cell: IBufferCell, x: number, y: number, ink: string): string {
  const style = [
    cell.isBold() ? ' font-weight="bold"' : '',
    cell.isItalic() ? ' font-style="italic"' : '',
    cell.isDim() ? ` opacity="${DIM}"` : '',
    cell.isUnderline() ? ' text-decoration="underline"' : '',
    cell.isStrikethrough() ? ' text-decoration="line-through"' : '',
  ].join('');
  return `<text x="${x}" y="${y + CELL.baseline}" fill="${ink}"${style}>${escaped(cell.getChars())}</text>`;
}

/** What a person sees of the terminal now. The emulator does not tell whether the cursor is shown. */
export function screenSvg(terminal: Terminal, palette: Palette, cursorShown: boolean): string {
  const { cols, rows } = terminal;
  const buffer = terminal.buffer.active;
  const paper: string[] = [];
  const ink: string[] = [];
  for (let row = 0; row < rows; row++) {
    const line = buffer.getLine(buffer.viewportY + row);
    for (let col = 0; line !== undefined && col < cols; col++) {
      const cell = line.getCell(col);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const [x, y] = [col * CELL.width, row * CELL.height];
      const color = colors(cell, palette);
      const width = CELL.width * cell.getWidth();
      if (color.paper !== undefined)
        paper.push(`<rect x="${x}" y="${y}" width="${width}" height="${CELL.height}" fill="${color.paper}"/>`);
      if (cell.getChars().trim() !== '' && !cell.isInvisible()) ink.push(text(cell, x, y, color.ink));
    }
  }
  const [width, height] = [cols * CELL.width, rows * CELL.height];
  const cursor = `<rect x="${buffer.cursorX * CELL.width}" y="${buffer.cursorY * CELL.height}" width="${CELL.width}" height="${CELL.height}" fill="${palette.cursor}" opacity="0.45"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT}" font-size="${CELL.font}">`,
    `<rect width="100%" height="100%" fill="${palette.background}"/>`,
    ...paper,
    ...(cursorShown ? [cursor] : []),
    ...ink,
    '</svg>',
  ].join('\n');
}
