/** `[ui]` of config.toml: how the terminal UI looks and which keys it takes. Nothing here widens access; what cannot be understood is named and stops the start. */
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { NonoError } from '../platform/errors.ts';
import { nearest } from './nearest.ts';
import { readTextFile } from './read-text.ts';
import { placeIn } from './toml-place.ts';

export interface UiSettings {
  readonly prefix?: string;
  readonly split?: 'auto' | 'right' | 'bottom';
  readonly theme?: 'auto' | 'dark' | 'light';
  readonly ascii?: boolean;
  /** Whether wheel and drags in the pane are nono's; `false` leaves the mouse to the terminal. */
  readonly mouse?: boolean;
  /** A bell when something is denied or waits. */
  readonly bell?: boolean;
  /** What programs inside may do with the clipboard. */
  readonly clipboard?: 'off' | 'ask' | 'on';
  /** Takes what the user copies, instead of the terminal. A program and its arguments; no shell. */
  readonly copyCommand?: readonly string[];
  /** Rows of the pane that can be looked back on. */
  readonly scrollback?: number;
  /** What becomes of a session whose first terminal is closed. */
  readonly hangup?: 'end' | 'detach';
  readonly keys?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** `file:line:column` of a key of the file they were read from. */
  readonly placeOf?: (path: readonly string[]) => string;
}

type Table = Readonly<Record<string, unknown>>;

export const uiKeys = [
  'prefix',
  'split',
  'theme',
  'ascii',
  'mouse',
  'bell',
  'clipboard',
  'copy_command',
  'scrollback',
  'hangup',
] as const;

/** A row of 100 columns takes about 1 kB. */
const MAX_SCROLLBACK = 50_000;

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type PlaceOf = NonNullable<UiSettings['placeOf']>;

function keysOf(value: unknown, placeOf: PlaceOf): NonNullable<UiSettings['keys']> {
  const bad = (path: readonly string[], what: string): never => {
    const whole = ['ui', 'keys', ...path];
    throw new NonoError('usage', `${placeOf(whole)}: ${whole.join('.')} must be ${what}`, {
      hint: 'keys are in [ui.keys.list], [ui.keys.prefix] …',
    });
  };
  if (value === undefined) return {};
  if (!isTable(value)) return bad([], 'a table');
  return Object.fromEntries(
    Object.entries(value).map(([place, actions]) => {
      if (!isTable(actions)) return bad([place], 'a table of actions');
      const keys = Object.entries(actions).map(([action, written]): [string, readonly string[]] => {
        const list: readonly unknown[] = Array.isArray(written) ? written : [written];
        if (list.every((one): one is string => typeof one === 'string')) return [action, list];
        return bad([place, action], 'a key, or a list of keys');
      });
      return [place, Object.fromEntries(keys)];
    }),
  );
}

/** `ui` of a config.toml; what else stands in the file is judged elsewhere (user-config.ts). */
export function parseUiSettings(text: string, file: string): UiSettings {
  let ui: unknown;
  try {
    ui = parse(text)['ui'];
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new NonoError('usage', `${file}:${error.line}: is not TOML`, { cause: error });
  }
  if (ui === undefined) return {};
  const placeOf: PlaceOf = (path) => `${file}:${placeIn(text, path)}`;
  if (!isTable(ui)) throw new NonoError('usage', `${placeOf(['ui'])}: ui must be a table`);
  const { keys, detach_sequence: _others, ...found } = ui;
  for (const name of Object.keys(found)) {
    if ((uiKeys as readonly string[]).includes(name)) continue;
    const meant = nearest(name, uiKeys);
    throw new NonoError('usage', `${placeOf(['ui', name])}: ui.${name} is not known`, {
      hint: meant === undefined ? `known: ${uiKeys.join(', ')}` : `did you mean ${meant}?`,
    });
  }
  return settings(found, keysOf(keys, placeOf), placeOf);
}

function copyCommand(value: unknown, wrong: (name: string, wanted: string) => never): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const texts = list.filter((one): one is string => typeof one === 'string' && !one.includes('\0'));
  const [program = ''] = texts;
  if (texts.length !== list.length || program === '' || (program.includes('/') && !program.startsWith('/')))
    return wrong('copy_command', 'a list of strings: a program (a name, or an absolute path) and its arguments');
  return texts;
}

function settings(found: Table, keys: NonNullable<UiSettings['keys']>, placeOf: PlaceOf): UiSettings {
  const wrong = (name: string, wanted: string): never => {
    throw new NonoError('usage', `${placeOf(['ui', name])}: ui.${name} must be ${wanted}`);
  };
  const flag = (name: string): boolean | undefined => {
    const got = found[name];
    return got === undefined || typeof got === 'boolean' ? got : wrong(name, 'true or false');
  };
  const { prefix, split, clipboard, scrollback, theme, hangup } = found;
  if (prefix !== undefined && typeof prefix !== 'string') wrong('prefix', 'one key');
  if (split !== undefined && split !== 'auto' && split !== 'right' && split !== 'bottom')
    wrong('split', '"auto", "right" or "bottom"');
  // Other names are those of themes (cli/theme-names.ts).
  if (theme !== undefined && typeof theme !== 'string')
    wrong('theme', '"auto", "dark", "light" or the name of a theme');
  if (clipboard !== undefined && clipboard !== 'off' && clipboard !== 'ask' && clipboard !== 'on')
    wrong('clipboard', '"off", "ask" or "on"');
  if (hangup !== undefined && hangup !== 'end' && hangup !== 'detach') wrong('hangup', '"end" or "detach"');
  const rows = typeof scrollback === 'number' || typeof scrollback === 'bigint' ? Number(scrollback) : undefined;
  if (scrollback !== undefined && (rows === undefined || !Number.isInteger(rows) || rows < 0 || rows > MAX_SCROLLBACK))
    wrong('scrollback', `a number of rows, at most ${MAX_SCROLLBACK}`);
  const copy = copyCommand(found['copy_command'], wrong);
  const mouse = flag('mouse');
  const bell = flag('bell');
  const ascii = flag('ascii');
  return {
    keys,
    ...(typeof prefix === 'string' ? { prefix } : {}),
    ...(split === 'auto' || split === 'right' || split === 'bottom' ? { split } : {}),
    ...(clipboard === 'off' || clipboard === 'ask' || clipboard === 'on' ? { clipboard } : {}),
    ...(copy === undefined ? {} : { copyCommand: copy }),
    ...(hangup === 'end' || hangup === 'detach' ? { hangup } : {}),
    ...(mouse === undefined ? {} : { mouse }),
    ...(bell === undefined ? {} : { bell }),
    ...(rows === undefined ? {} : { scrollback: rows }),
    ...(theme === 'auto' || theme === 'dark' || theme === 'light' ? { theme } : {}),
    ...(ascii === undefined ? {} : { ascii }),
  };
}

/** The user's settings; none when there is no such file. */
export function readUiSettings(config: string, named?: string): UiSettings {
  const file = named ?? join(config, 'config.toml');
  const text = readTextFile(file, 'usage');
  if (text === undefined) return {};
  return { ...parseUiSettings(text, file), placeOf: (path) => `${file}:${placeIn(text, path)}` };
}
