/** The whole of config.toml: every table and key that the original knows, and ours. Loaded only where the file exists. What is unknown or of another kind stops the start. */
import { parse, TomlError } from 'smol-toml';
import { NonoError } from '../platform/errors.ts';
import { cutEnd } from '../terminal/visible-text.ts';
import { nearest } from './nearest.ts';
import { readTextFile } from './read-text.ts';
import { MOST_NAME, placeIn } from './toml-place.ts';
import { parseUiSettings, uiKeys } from './ui-settings.ts';

export { readUiSettings } from './ui-settings.ts';

/** `any`: what stands there is not ours to judge here. */
type Kind = 'text' | 'count' | 'number' | 'truth' | 'texts' | 'table' | 'any';
type Shape = { readonly [key: string]: Kind | Shape };

const known: Shape = {
  meta: { version: 'any' },
  overrides: { sensitive_paths: 'table', commands: 'table' },
  extensions: 'table',
  trusted_keys: 'table',
  rollback: { max_sessions: 'count', max_storage_gb: 'number', max_snapshots: 'count', stale_grace_hours: 'number' },
  updates: { check: 'truth' },
  // What each may be is said where they are read (ui-settings.ts).
  ui: {
    ...Object.fromEntries(uiKeys.map((key) => [key, 'any'] as const)),
    theme: 'text',
    detach_sequence: 'text',
    keys: 'table',
  },
  redaction: {
    extra_flags: 'texts',
    extra_headers: 'texts',
    extra_query_keys: 'texts',
    allow_unredacted_defaults: 'any',
    unsafe_redaction_overrides: 'any',
  },
};

/** What has a mechanism here, or says nothing that could have one. */
const inForce = /^(?:meta\b|ui\.(?!detach_sequence$))/;

const kindWords: Readonly<Record<Kind, string>> = {
  text: 'a string',
  count: 'a whole number, 0 or more',
  number: 'a number, 0 or more',
  truth: 'true or false',
  texts: 'a list of strings',
  table: 'a table',
  any: 'a value',
};

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function fits(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'count':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
    case 'number':
      return typeof value === 'number' && value >= 0;
    case 'truth':
      return typeof value === 'boolean';
    case 'texts':
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
    case 'table':
      return isTable(value);
    case 'any':
      return true;
  }
}

function check(
  value: Record<string, unknown>,
  shape: Shape,
  path: readonly string[],
  fail: (path: readonly string[], what: string, hint?: string) => never,
): void {
  for (const [key, found] of Object.entries(value)) {
    const here = [...path, key];
    const wanted = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (wanted === undefined) {
      const meant = nearest(key, Object.keys(shape));
      fail(
        here,
        `unknown key '${cutEnd(here.join('.'), MOST_NAME)}'`,
        meant === undefined ? `known here: ${Object.keys(shape).join(', ')}` : `did you mean '${meant}'?`,
      );
    } else if (typeof wanted === 'string') {
      if (!fits(found, wanted)) fail(here, `${here.join('.')} must be ${kindWords[wanted]}`);
    } else if (isTable(found)) check(found, wanted, here, fail);
    else fail(here, `${here.join('.')} must be a table`);
  }
}

function leaves(value: Record<string, unknown>, shape: Shape, path: string): string[] {
  return Object.entries(value).flatMap(([key, found]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const wanted = shape[key];
    return isTable(found) && typeof wanted === 'object' ? leaves(found, wanted, here) : [here];
  });
}

export interface UserConfig {
  readonly theme: string | undefined;
  /** Where that is written: which names there are is not known here. */
  readonly themeAt?: string;
  /** Keys that are accepted and have no effect in this version. */
  readonly withoutEffect: readonly string[];
}

/** Throws NonoError with `file:line:column` for what is not TOML, not known, or of another kind. */
export function parseUserConfig(text: string, file: string): UserConfig {
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    if (text.trimStart().startsWith('{'))
      throw new NonoError('usage', `${file}: JSON, where a config.toml is expected`, {
        hint: 'a profile is given by --profile; manifests are written, not read',
      });
    const what = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw new NonoError('usage', `${file}:${error.line}:${error.column}: ${what}`);
  }
  check(table, known, [], (path, what, hint) => {
    throw new NonoError('usage', `${file}:${placeIn(text, path)}: ${what}`, hint === undefined ? {} : { hint });
  });
  parseUiSettings(text, file);
  const { ui } = table as { readonly ui?: { readonly theme?: string } };
  const withoutEffect = leaves(table, known, '').filter((key) => !inForce.test(key));
  if (ui?.theme === undefined) return { theme: undefined, withoutEffect };
  return { theme: ui.theme, themeAt: `${file}:${placeIn(text, ['ui', 'theme'])}`, withoutEffect };
}

/** The user's configuration, empty when the file is gone by now; one that was named must be there. */
export function readUserConfig(file: string, named = false): UserConfig {
  const text = readTextFile(file, 'usage');
  if (text === undefined && named)
    throw new NonoError('usage', `--config: there is no file ${file}`, { hint: 'check the path after --config' });
  return parseUserConfig(text ?? '', file);
}
