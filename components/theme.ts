/** How each tone looks: the sixteen ANSI colours, bold and dim, so that it reads on white as on black, or those of a theme; and only what NO_COLOR leaves. */
import type { Color, Tone } from '../src/session/screen/chrome-model.ts';

/** Props of Ink's Text. */
export interface Look {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly inverse?: boolean;
}

const COLORED: Record<Tone, Look> = {
  plain: {},
  quiet: { dimColor: true },
  strong: { bold: true },
  held: { color: 'magenta', bold: true },
  denied: { color: 'red' },
  granted: { color: 'green' },
  danger: { color: 'red', bold: true },
};

/** Brighter where it is dark; on white these would vanish. */
const ON_DARK: Partial<Record<Tone, string>> = {
  held: 'magentaBright',
  denied: 'redBright',
  granted: 'greenBright',
  danger: 'redBright',
};

/** Which of a theme's colours a tone has. */
const THEMED: Partial<Record<Tone, 'granted' | 'denied' | 'held'>> = {
  held: 'held',
  denied: 'denied',
  granted: 'granted',
  danger: 'denied',
};

/** The look of a tone; without colour the words and bold must do. */
export function look(
  tone: Tone,
  color: Color,
  background = color === 'dark' || color === 'light' ? color : undefined,
): Look {
  const { color: plain, ...rest } = COLORED[tone];
  const themed = THEMED[tone];
  if (typeof color === 'object') return themed === undefined ? rest : { ...rest, color: color[themed] };
  const name = (background === 'dark' ? ON_DARK[tone] : undefined) ?? plain;
  return color !== false && name !== undefined ? { ...rest, color: name } : rest;
}

/** The same on the selected row: turned over, faint text would be faint on light. */
export function rowLook(how: Look, selected: boolean): Look {
  if (!selected) return how;
  const { dimColor: _, ...rest } = how;
  return { ...rest, inverse: true };
}

/** Lines and marks, in a form that the terminal's character set has. */
export interface Glyphs {
  readonly ascii: boolean;
  readonly vertical: string;
  readonly horizontal: string;
  readonly times: string;
  readonly ellipsis: string;
}

/** Box drawing, or what --ascii and a locale without UTF-8 can show. */
export function glyphs(ascii: boolean): Glyphs {
  return ascii
    ? { ascii, vertical: '|', horizontal: '-', times: 'x', ellipsis: '..' }
    : { ascii, vertical: '│', horizontal: '─', times: '×', ellipsis: '…' };
}

/** Our own texts in ASCII; what is shown of the user's files stays as it is. */
export function plainGlyphs(text: string, ascii: boolean): string {
  return ascii ? text.replaceAll('·', '|').replaceAll('←', '<-').replaceAll('…', '..').replaceAll('×', 'x') : text;
}
