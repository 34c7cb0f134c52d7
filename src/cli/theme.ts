/** Colours of what nono prints, by role. State is never said by colour alone. */
import { isTerminal } from '../platform/terminal.ts';
import type { Options } from './flags.ts';
import type { ThemeName } from './theme-names.ts';
import { themeNames } from './theme-names.ts';

export const roles = ['good', 'bad', 'warn', 'label', 'name', 'dim'] as const;
export type Role = (typeof roles)[number];

/** Each text with its colour around it, or as it is. */
export type Paint = Readonly<Record<Role | 'bold', (text: string) => string>>;

/** Roles in the order above, 24-bit. */
const palettes: Readonly<Record<Exclude<ThemeName, 'minimal'>, readonly string[]>> = {
  mocha: ['a6e3a1', 'f38ba8', 'f9e2af', '89b4fa', 'cba6f7', '9399b2'],
  latte: ['40a02b', 'd20f39', 'df8e1d', '1e66f5', '8839ef', '7c7f93'],
  frappe: ['a6d189', 'e78284', 'e5c890', '8caaee', 'ca9ee6', '949cbb'],
  macchiato: ['a6da95', 'ed8796', 'eed49f', '8aadf4', 'c6a0f6', '939ab7'],
  'tokyo-night': ['9ece6a', 'f7768e', 'e0af68', '7aa2f7', 'bb9af7', '737aa2'],
};

/** Of the terminal's own palette: none of them is yellow or white, which a light background swallows. */
const terminalPalette: Readonly<Record<Role, string>> = {
  good: '32',
  bad: '31',
  warn: '35',
  label: '34',
  name: '36',
  dim: '2',
};

const plain: Paint = {
  good: String,
  bad: String,
  warn: String,
  label: String,
  name: String,
  dim: String,
  bold: String,
};

/** Text as it is, wherever it goes. */
export const plainPaint = plain;

function wrapped(open: string, close: string) {
  return (text: string): string => (text === '' ? '' : `\x1b[${open}m${text}\x1b[${close}m`);
}

function rgb(hex: string): string {
  const value = Number.parseInt(hex, 16);
  return `38;2;${value >> 16};${(value >> 8) & 255};${value & 255}`;
}

function isTheme(name: string | undefined): name is ThemeName {
  return (themeNames as readonly (string | undefined)[]).includes(name);
}

/** An unknown name is mocha, as in the original; no name is the terminal's own palette. */
export function paintFor(theme: string | undefined): Paint {
  const bold = wrapped('1', '22');
  if (theme === undefined) {
    const entries = roles.map((role) => {
      const code = terminalPalette[role];
      return [role, wrapped(code, code === '2' ? '22' : '39')] as const;
    });
    return { ...(Object.fromEntries(entries) as Record<Role, (text: string) => string>), bold };
  }
  const known = isTheme(theme) ? theme : 'mocha';
  // Weight alone.
  if (known === 'minimal') return { ...plain, good: bold, bad: bold, dim: wrapped('2', '22'), bold };
  const colours = palettes[known];
  const entries = roles.map((role, i) => [role, wrapped(rgb(colours[i] as string), '39')] as const);
  return { ...(Object.fromEntries(entries) as Record<Role, (text: string) => string>), bold };
}

/** Whether decoration is wanted on a descriptor. */
function coloured(fd: number, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] || env['CLICOLOR_FORCE']) return true;
  return isTerminal(fd) && env['TERM'] !== 'dumb';
}

const STDOUT = 1;

/** For standard output, unless another descriptor is named. `--theme` wins over NONO_THEME, which the parser has put in its place. */
export function paint(options: Pick<Options, 'theme'>, fd = STDOUT, env: NodeJS.ProcessEnv = process.env): Paint {
  return coloured(fd, env) ? paintFor(options.theme) : plain;
}
