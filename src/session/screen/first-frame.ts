/** The chrome before Ink is loaded: the same cells as its components draw (components/), from the same model, with nothing but strings. Dialogs wait for Ink. */
import { fittingHints, GAP } from '../../../components/fitting-hints.ts';
import { columnsFor, headingText, oneLine, twoLines } from '../../../components/row-columns.ts';
import { type Glyphs, glyphs, type Look, look, plainGlyphs, rowLook } from '../../../components/theme.ts';
import type { Rect } from '../../terminal/geometry.ts';
import { cutEnd, fit, textWidth } from '../../terminal/visible-text.ts';
import { wordLines } from '../../terminal/wrap.ts';
import type { ChromeModel, Color, Line, RowView } from './chrome-model.ts';

/** Text with a look, as Ink's Text has it. */
type Piece = readonly [text: string, look?: Look | undefined];

const PLAIN = '\x1b[m';
const BASE = 30;
const BRIGHT = 90;
const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const BLANKS = ' '.repeat(GAP);
const dim: Look = { dimColor: true };

function colorCode(color: string): string {
  if (color.startsWith('#')) {
    const hex = Number.parseInt(color.slice(1), 16);
    return `38;2;${hex >> 16};${(hex >> 8) & 0xff};${hex & 0xff}`;
  }
  const bright = color.endsWith('Bright');
  return String((bright ? BRIGHT : BASE) + NAMES.indexOf(bright ? color.slice(0, -'Bright'.length) : color));
}

function sgr({ color, bold, dimColor, inverse }: Look): string {
  const codes = [
    ...(bold ? ['1'] : []),
    ...(dimColor ? ['2'] : []),
    ...(inverse ? ['7'] : []),
    ...(color === undefined ? [] : [colorCode(color)]),
  ];
  return codes.length === 0 ? '' : `\x1b[${codes.join(';')}m`;
}

const styled = ([text, how = {}]: Piece): string => {
  const codes = sgr(how);
  return codes === '' || text === '' ? text : codes + text + PLAIN;
};

function widthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((n, [text]) => n + textWidth(text), 0);
}

/** Ink's `wrap="truncate"` over several pieces. */
function truncated(pieces: readonly Piece[], width: number): readonly Piece[] {
  if (widthOf(pieces) <= width) return pieces;
  let room = width;
  const kept: Piece[] = [];
  for (const [text, how] of pieces) {
    const w = textWidth(text);
    // What follows does not fit, so the mark has to.
    const cut = w < room ? text : cutEnd(`${text}…`, room);
    kept.push([cut, how]);
    room -= w;
    if (room <= 0) break;
  }
  return kept;
}

function spans(line: Line, color: Color, ascii: boolean): readonly Piece[] {
  return line.map((span) => [plainGlyphs(span.text, ascii), look(span.tone, color)]);
}

/** What a terminal says that has no room for anything else, in as many words as it has room for; a call that waits is not forgotten. */
export function tinyLines({ layout, waiting }: ChromeModel): readonly string[] {
  const { cols, rows } = layout.size;
  const held = waiting > 0 ? [`${waiting} held: enlarge to answer`] : [];
  const said = [`nono: ${cols}x${rows} is too small`, 'it needs 40x10; the shell goes on', ...held];
  const whole = said.flatMap((line) => wordLines(line, cols));
  if (whole.length <= rows) return whole;
  const brief = [...(waiting > 0 ? [`${waiting} held`] : []), 'too small', 'min 40x10'].slice(0, rows);
  return brief.map((line) => fit(line, cols).trimEnd());
}

/** Rows of text, to which pieces are added at a column. */
class Rows {
  readonly lines: string[];
  constructor(count: number) {
    this.lines = Array.from({ length: count }, () => '');
  }
  put(x: number, y: number, pieces: readonly Piece[]): void {
    if (y < this.lines.length) this.lines[y] += `\x1b[${x + 1}G${pieces.map(styled).join('')}`;
  }
}

function drawTitle(out: Rows, { title, layout, color, ascii }: ChromeModel): void {
  const { x, y, width } = layout.title;
  const right = spans(title.right, color, ascii);
  const room = width - 2;
  const rightWidth = widthOf(right);
  out.put(x + 1, y, truncated(spans(title.left, color, ascii), room - rightWidth - 1));
  out.put(x + 1 + room - rightWidth, y, right);
}

function drawDivider(out: Rows, { list, layout, color, ascii }: ChromeModel, g: Glyphs): void {
  const { x, y, width, height } = layout.divider;
  if (width === 1) {
    for (let row = 0; row < height; row += 1) out.put(x, y + row, [[g.vertical, dim]]);
    return;
  }
  const header = truncated(spans(list.header, color, ascii), width - 2);
  const after = Math.max(0, width - widthOf(header) - 3);
  out.put(x, y, [[`${g.horizontal} `, dim], ...header, [` ${g.horizontal.repeat(after)}`, dim]]);
}

function rowLines(row: RowView, width: number, model: ChromeModel, g: Glyphs): readonly (readonly Piece[])[] {
  const columns = model.layout.split === 'right' ? undefined : columnsFor(model.list.rows, width, g);
  const pieces = columns === undefined ? twoLines(row, width, g) : oneLine(row, width, g, columns);
  const selected = rowLook({}, row.selected);
  const faint = rowLook(dim, row.selected);
  const first: readonly Piece[] = [
    [pieces.mark, selected],
    [pieces.state, rowLook(look(row.state.tone, model.color), row.selected)],
    [pieces.verb, faint],
    [pieces.first, selected],
  ];
  const above: readonly (readonly Piece[])[] =
    row.heading === undefined ? [] : [[[headingText(row.heading, width, g), { bold: true }]]];
  if (pieces.second === undefined) return [...above, first];
  return [...above, first, [[pieces.second, faint]]];
}

function drawList(out: Rows, model: ChromeModel, g: Glyphs): void {
  const { list, layout, color, ascii } = model;
  const { x, y, width, height } = layout.list;
  const lines: (readonly Piece[])[] = [];
  if (layout.split === 'right') lines.push(truncated([[' '], ...spans(list.header, color, ascii)], width));
  for (const row of list.rows) lines.push(...rowLines(row, width, model, g));
  for (const note of list.notes) lines.push([[' '], ...truncated([[note, dim]], width - 1)]);
  for (const [i, line] of lines.slice(0, height).entries()) out.put(x, y + i, line);
}

function drawHints(out: Rows, rect: Rect, { hints, message, alert, ascii }: ChromeModel, g: Glyphs): void {
  const said = ` ${plainGlyphs(alert, ascii)} `;
  const before: readonly Piece[] = alert === '' ? [] : [[said, { inverse: true, bold: true }], [BLANKS]];
  const room = rect.width - 2 - widthOf(before);
  const rest: readonly Piece[] =
    message === ''
      ? fittingHints(hints, room).flatMap(({ key, text }, i): readonly Piece[] => [
          [i === 0 ? '' : BLANKS],
          [key, { bold: true }],
          [` ${text}`, dim],
        ])
      : [[cutEnd(plainGlyphs(message, ascii), room, g.ellipsis), { bold: true }]];
  out.put(rect.x + 1, rect.y, [...before, ...truncated(rest, room)]);
}

/** One string per screen row; the pane's part is left empty. */
export function firstFrame(model: ChromeModel): readonly string[] {
  const { layout } = model;
  if (layout.split === 'tiny') return tinyLines(model);
  const out = new Rows(layout.size.rows);
  const g = glyphs(model.ascii);
  if (layout.title.height > 0) drawTitle(out, model);
  if (layout.list.height > 0) {
    drawDivider(out, model, g);
    drawList(out, model, g);
  }
  drawHints(out, layout.hint, model, g);
  return out.lines;
}
