/** Colours of what nono prints, by role. State is never said by colour alone. */
import { isTerminal } from '../../platform/terminal.ts';
import type { ThemeColors } from '../../session/screen/chrome-model.ts';
import type { ThemeName } from '../pane/theme-names.ts';
import { colourChoices, themeNames } from '../pane/theme-names.ts';
import type { Options } from '../tables/flags.ts';

export const roles = ['good', 'bad', 'warn', 'label', 'name', 'dim'] as const;
export type Role = (typeof roles)[number];

/** Each text with its colour around it, or as it is. */
export type Paint = Readonly<Record<Role | 'bold', (text: string) => string>>;

export type Coloured = Exclude<ThemeName, 'minimal'>;

/**
 * Roles in the order above, 24-bit. Where a published colour is too faint for text on the theme's own background (4.5:1, WCAG 2 AA), it is a shade further away from it: latte's all but
 * red and mauve, and the dim ones of frappe and tokyo-night.
 */
export const palettes: Readonly<Record<Coloured, readonly string[]>> = {
  mocha: ['a6e3a1', 'f38ba8', 'f9e2af', '89b4fa', 'cba6f7', '9399b2'],
  latte: ['2e7d1f', 'd20f39', '8f5b00', '1a5fe0', '8839ef', '5c5f77'],
  frappe: ['a6d189', 'e78284', 'e5c890', '8caaee', 'ca9ee6', '9aa2c0'],
  macchiato: ['a6da95', 'ed8796', 'eed49f', '8aadf4', 'c6a0f6', '939ab7'],
  'tokyo-night': ['9ece6a', 'f7768e', 'e0af68', '7aa2f7', 'bb9af7', '7f88b0'],
};

/** Of the terminal's own palette: none of them is yellow or white, which a light background swallows, nor blue, which a dark one does. */
export const terminalPalette: Readonly<Record<Role, string>> = {
  good: '32',
  bad: '31',
  warn: '35',
  label: '1',
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

export function isTheme(name: string | undefined): name is ThemeName {
  return (themeNames as readonly (string | undefined)[]).includes(name);
}

/** An unknown name, as none, is the terminal's own palette (with-config.ts warns). */
function paintFor(theme: string | undefined): Paint {
  const bold = wrapped('1', '22');
  // Weight alone.
  if (theme === 'minimal') return { ...plain, good: bold, bad: bold, dim: wrapped('2', '22'), bold };
  if (!isTheme(theme)) {
    const entries = roles.map((role) => {
      const code = terminalPalette[role];
      return [role, wrapped(code, code.length === 1 ? '22' : '39')] as const;
    });
    return { ...(Object.fromEntries(entries) as Record<Role, (text: string) => string>), bold };
  }
  const colours = palettes[theme as Coloured];
  const entries = roles.map((role, i) => [role, wrapped(rgb(colours[i] as string), '39')] as const);
  return { ...(Object.fromEntries(entries) as Record<Role, (text: string) => string>), bold };
}

export function isColourChoice(value: string | undefined): boolean {
  return value === undefined || (colourChoices as readonly string[]).includes(value);
}

type Wishes = Pick<Options, 'theme' | 'color'>;

/** `0` and `false` are how the programs that know FORCE_COLOR are told no. */
const forced = (value: string | undefined): boolean => value !== undefined && !/^(?:|0|false)$/.test(value);

/** Whether decoration is wanted on a descriptor. State is never said by colour alone. */
export function coloured(options: Wishes, fd: number, env: NodeJS.ProcessEnv): boolean {
  if (options.color === 'always' || options.color === 'never') return options.color === 'always';
  if (env['NO_COLOR']) return false;
  if (forced(env['FORCE_COLOR']) || forced(env['CLICOLOR_FORCE'])) return true;
  return isTerminal(fd) && env['TERM'] !== 'dumb';
}

const STDOUT = 1;

/** For standard output, unless another descriptor is named. `--theme` wins over NONO_THEME, which the parser has put in its place, and that over config.toml. */
export function paint(options: Wishes, fd = STDOUT, env: NodeJS.ProcessEnv = process.env): Paint {
  return coloured(options, fd, env) ? paintFor(options.theme) : plain;
}

/** The colours of the session's own screen, which stands on a terminal always: true for the terminal's own, false for none. */
export function chromeColours(options: Wishes, env: NodeJS.ProcessEnv): boolean | ThemeColors {
  const wanted = options.color === 'never' ? false : options.color === 'always' || !env['NO_COLOR'];
  if (!wanted || options.theme === 'minimal') return false;
  if (!isTheme(options.theme)) return true;
  const [granted, denied, held] = palettes[options.theme as Coloured].map((hex) => `#${hex}`) as [
    string,
    string,
    string,
  ];
  return { granted, denied, held, on: options.theme === 'latte' ? 'light' : 'dark' };
}
