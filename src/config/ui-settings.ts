/** `[ui]` of config.toml: how the terminal UI looks and which keys it takes. Nothing here widens access; what cannot be understood is named and stops the start. */
import { join } from 'node:path';
import { NonoError } from '../platform/errors.ts';
import { nearest } from './nearest.ts';
import { readTextFile } from './read-text.ts';

export interface UiSettings {
  readonly prefix?: string;
  readonly split?: 'auto' | 'right' | 'bottom';
  readonly theme?: 'auto' | 'dark' | 'light';
  readonly ascii?: boolean;
  /** Whether wheel and drags in the pane are nono's; `false` leaves the mouse to the terminal. */
  readonly mouse?: boolean;
  /** What programs inside may do with the clipboard. */
  readonly clipboard?: 'off' | 'ask' | 'on';
  readonly keys?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

type Value = string | boolean | readonly string[];

export const uiKeys = ['prefix', 'split', 'theme', 'ascii', 'mouse', 'clipboard'] as const;

/** The forms of TOML that these tables need: strings, lists of strings, true and false, on one line. */
function value(text: string): Value | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^'[^']*'$/.test(text)) return text.slice(1, -1);
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) {
    try {
      return JSON.parse(text) as string;
    } catch {
      return undefined;
    }
  }
  if (!text.startsWith('[') || !text.endsWith(']')) return undefined;
  const items = text.slice(1, -1).match(/'[^']*'|"(?:[^"\\]|\\.)*"|[^\s,]+/g) ?? [];
  const values = items.map(value);
  return values.every((one): one is string => typeof one === 'string') ? values : undefined;
}

function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i += 1) {
    const c = line[i];
    if (quote !== '' && c === '\\' && quote === '"') i += 1;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '#') return line.slice(0, i);
  }
  return line;
}

/** Reads the text of a config.toml; other tables than those of `ui` are left to whom they belong. */
export function parseUiSettings(text: string, file: string): UiSettings {
  const found: Record<string, Value> = {};
  const keys: Record<string, Record<string, readonly string[]>> = {};
  let table = '';
  text.split(/\r?\n/).forEach((raw, i) => {
    const line = withoutComment(raw).trim();
    const bad = (what: string, hint?: string): never => {
      throw new NonoError('usage', `${file}:${i + 1}: ${what}`, hint === undefined ? {} : { hint });
    };
    if (line === '') return;
    const header = /^\[\s*([\w.\s-]+?)\s*\]$/.exec(line)?.[1];
    if (header !== undefined) {
      table = header.replace(/\s*\.\s*/g, '.');
      return;
    }
    if (table !== 'ui' && !table.startsWith('ui.')) return;
    const [, key = '', written = ''] =
      /^([\w-]+|"[^"]*"|'[^']*')\s*=\s*(.*)$/.exec(line) ?? bad('is not `key = value`');
    const name = key.replace(/^["']|["']$/g, '');
    const got = value(written) ?? bad(`${name}: not a string, a list of strings, true or false`);
    if (table === 'ui') {
      // Read by others (user-config.ts).
      if (name === 'detach_sequence') return;
      if (!(uiKeys as readonly string[]).includes(name)) {
        const meant = nearest(name, uiKeys);
        bad(`ui.${name} is not known`, meant === undefined ? `known: ${uiKeys.join(', ')}` : `did you mean ${meant}?`);
      }
      found[name] = got;
      return;
    }
    const place =
      /^ui\.keys\.([\w-]+)$/.exec(table)?.[1] ??
      bad(`[${table}] is not known`, 'keys are in [ui.keys.list], [ui.keys.prefix] …');
    if (typeof got === 'boolean') bad(`${name}: a key, or a list of keys`);
    keys[place] = { ...keys[place], [name]: typeof got === 'string' ? [got] : (got as readonly string[]) };
  });
  return settings(found, keys, file);
}

function settings(found: Record<string, Value>, keys: NonNullable<UiSettings['keys']>, file: string): UiSettings {
  const wrong = (name: string, wanted: string): never => {
    throw new NonoError('usage', `${file}: ui.${name} must be ${wanted}`);
  };
  const flag = (name: string): boolean | undefined => {
    const got = found[name];
    return got === undefined || typeof got === 'boolean' ? got : wrong(name, 'true or false');
  };
  const { prefix, split, clipboard, theme } = found;
  if (prefix !== undefined && typeof prefix !== 'string') wrong('prefix', 'one key');
  if (split !== undefined && split !== 'auto' && split !== 'right' && split !== 'bottom')
    wrong('split', '"auto", "right" or "bottom"');
  // Other names are those of themes (cli/theme-names.ts).
  if (theme !== undefined && typeof theme !== 'string')
    wrong('theme', '"auto", "dark", "light" or the name of a theme');
  if (clipboard !== undefined && clipboard !== 'off' && clipboard !== 'ask' && clipboard !== 'on')
    wrong('clipboard', '"off", "ask" or "on"');
  const mouse = flag('mouse');
  const ascii = flag('ascii');
  return {
    keys,
    ...(typeof prefix === 'string' ? { prefix } : {}),
    ...(split === 'auto' || split === 'right' || split === 'bottom' ? { split } : {}),
    ...(clipboard === 'off' || clipboard === 'ask' || clipboard === 'on' ? { clipboard } : {}),
    ...(mouse === undefined ? {} : { mouse }),
    ...(theme === 'auto' || theme === 'dark' || theme === 'light' ? { theme } : {}),
    ...(ascii === undefined ? {} : { ascii }),
  };
}

/** The user's settings; none when there is no such file. */
export function readUiSettings(config: string): UiSettings {
  const file = join(config, 'config.toml');
  const text = readTextFile(file, 'usage');
  return text === undefined ? {} : parseUiSettings(text, file);
}
