/** The key table as the user wants it: another prefix, other keys. What would make a key approve by accident, or lock somebody in, is refused. */
import { nearest } from '../../config/nearest.ts';
import { NonoError } from '../../platform/errors.ts';
import type { Action, Binding, KeyContext } from './binding.ts';
import { DEFAULT_PREFIX, defaultKeymap, type Keymap, keymapOf } from './keymap.ts';
import { rowActions } from './list-keys.ts';
import { bindings as standard } from './table.ts';

/** As a configuration writes it: `prefix = "Ctrl-]"`, and for each place its actions with their keys. */
export interface KeyWishes {
  readonly prefix?: string | undefined;
  /** False when wheel and clicks are left to the terminal. */
  readonly mouse?: boolean | undefined;
  readonly keys?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>> | undefined;
  /** Where the configuration says it: `file:line:column`. */
  readonly placeOf?: ((path: readonly string[]) => string) | undefined;
}

/** Bytes that are something else on every keyboard: Tab, Enter, Esc, Backspace, and what a shell cannot do without. */
const NOT_A_PREFIX = new Set(['C-i', 'C-j', 'C-m', 'C-[', 'C-h', 'C-c', 'C-d', 'C-z', 'C-q', 'C-s']);
/** Text is typed there: a letter with a meaning could not be written. */
const TEXT_PLACES: readonly KeyContext[] = ['filter', 'override', 'edit', 'command', 'scroll-search', 'help'];
const NAMED = [
  'esc',
  'enter',
  'tab',
  'space',
  'up',
  'down',
  'left',
  'right',
  'pageup',
  'pagedown',
  'home',
  'end',
  'backspace',
  'delete',
  'S-tab',
];
const WORDS: Readonly<Record<string, string>> = {
  pgup: 'pageup',
  pgdn: 'pagedown',
  escape: 'esc',
  return: 'enter',
  del: 'delete',
  'shift-tab': 'S-tab',
};

/** Of one key of the configuration. */
class Refused extends Error {
  readonly path: readonly string[];
  readonly hint: string | undefined;
  constructor(path: readonly string[], message: string, hint?: string) {
    super(`${path.join('.')}: ${message}`);
    this.path = path;
    this.hint = hint;
  }
}

function refused(path: readonly string[], message: string, hint?: string): never {
  throw new Refused(path, message, hint);
}

const PREFIX = ['ui', 'prefix'];
const KEYS = ['ui', 'keys'];

/** `Ctrl-]`, `C-]`, `PgUp`, `x`: the name that the key table uses. */
function keyName(path: readonly string[], written: string): string {
  const ctrl = /^(?:c|ctrl|control)[-+](.)$/iu.exec(written)?.[1];
  if (ctrl !== undefined) return `C-${ctrl.toLowerCase()}`;
  if (Array.from(written).length === 1 && written !== ' ') return written;
  const lower = written.toLowerCase();
  const name = WORDS[lower] ?? NAMED.find((one) => one.toLowerCase() === lower);
  return name ?? refused(path, `'${written}' is not the name of a key`, 'for example Ctrl-], x, PgUp, Space');
}

function prefixOf(written: string, mouse: boolean): string {
  if (written.toLowerCase() === 'none') {
    if (!mouse)
      refused(PREFIX, "'none' needs the mouse", 'a click on the last line takes its place: without mouse = false');
    return '';
  }
  if (/^f([1-9]|1[0-2])$/i.test(written)) return written.toUpperCase();
  const name = keyName(PREFIX, written);
  const ctrl = /^C-([a-z\\\]^_])$/.exec(name);
  if (ctrl === null || NOT_A_PREFIX.has(name))
    refused(
      PREFIX,
      `'${written}' cannot be the prefix`,
      'Ctrl with a letter, or Ctrl-\\ Ctrl-] Ctrl-^ Ctrl-_, not one that terminals or shells need; F1 to F12; none',
    );
  return name;
}

function checkKey(place: string, action: string, key: string, approves: boolean): void {
  const path = [...KEYS, place, action];
  if (TEXT_PLACES.includes(place as KeyContext) && Array.from(key).length === 1)
    refused(path, `'${key}' is text there`, 'use a key with Ctrl or a named one');
  // A key that is pressed without looking must not grant anything.
  if (approves && (NAMED.includes(key) || key.startsWith('C-')))
    refused(path, `${key} cannot approve`, 'use a letter or a digit');
  if (key === 'esc' && action !== 'back') refused(path, 'Esc always leads back');
}

function changed(
  place: string,
  wishes: Readonly<Record<string, string | readonly string[]>>,
  all: readonly Binding[],
): readonly Binding[] {
  const here = all.filter((one) => one.in === place);
  const actions = new Set(here.map((one) => one.action));
  for (const action of Object.keys(wishes)) {
    if (actions.has(action as Action)) continue;
    const meant = nearest(action, actions);
    refused(
      [...KEYS, place, action],
      'no such action',
      meant === undefined ? `there are: ${[...actions].join(', ')}` : `did you mean ${meant}?`,
    );
  }
  return all.map((one) => {
    const wish = one.in === place ? wishes[one.action] : undefined;
    if (wish === undefined) return one;
    const keys = (typeof wish === 'string' ? [wish] : wish).map((key) => keyName([...KEYS, place, one.action], key));
    if (keys.length === 0 && one.action !== 'back') return { ...one, keys };
    for (const key of keys) checkKey(place, one.action, key, one.approves === true);
    // Whatever is asked for, Esc leads out.
    return { ...one, keys: one.action === 'back' && !keys.includes('esc') ? [...keys, 'esc'] : keys };
  });
}

/** What is done with a row has the same key in the list and on the row's page, unless that one is named, too. */
function onThePageToo(
  list: Readonly<Record<string, string | readonly string[]>>,
  page: Readonly<Record<string, unknown>>,
  all: readonly Binding[],
): readonly Binding[] {
  const both = Object.entries(list).filter(([action]) => rowActions.has(action as Action) && !(action in page));
  return changed('details', Object.fromEntries(both), all);
}

function checkConflicts(all: readonly Binding[]): void {
  const seen = new Map<string, Binding>();
  for (const one of all) {
    for (const key of one.keys) {
      const other = seen.get(`${one.in}\0${key}`);
      if (other !== undefined) refused([...KEYS, one.in], `${key} would be ${other.action} and ${one.action}`);
      seen.set(`${one.in}\0${key}`, one);
    }
  }
}

/** The user's table. Throws NonoError 'usage' with the place that is wrong. */
export function userKeymap(wishes: KeyWishes): Keymap {
  try {
    return keymapAsWished(wishes);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const place = wishes.placeOf === undefined ? '' : `${wishes.placeOf(error.path)}: `;
    throw new NonoError('usage', `${place}${error.message}`, error.hint === undefined ? {} : { hint: error.hint });
  }
}

function keymapAsWished(wishes: KeyWishes): Keymap {
  if (wishes.prefix === undefined && wishes.keys === undefined) return defaultKeymap;
  const prefix = wishes.prefix === undefined ? DEFAULT_PREFIX : prefixOf(wishes.prefix, wishes.mouse !== false);
  let all: readonly Binding[] = standard.map((one) => ({
    ...one,
    keys: one.keys.map((key) => (key === DEFAULT_PREFIX ? prefix : key)).filter((key) => key !== ''),
  }));
  // A prefix that means something in the chrome keeps its meaning as the prefix.
  all = all.map((one) =>
    one.action === 'back' || one.action === 'prefix' || one.action === 'literal-prefix'
      ? one
      : { ...one, keys: one.keys.filter((key) => key !== prefix) },
  );
  const places = new Set<string>(standard.map((one) => one.in));
  for (const [place, keys] of Object.entries(wishes.keys ?? {})) {
    if (place === 'shell') refused([...KEYS, place], 'only the prefix can be changed there', 'prefix = "Ctrl-]"');
    if (!places.has(place))
      refused(
        [...KEYS, place],
        'no such place',
        `there are: ${[...places].filter((one) => one !== 'shell').join(', ')}`,
      );
    all = changed(place, keys, all);
    if (place === 'list') all = onThePageToo(keys, wishes.keys?.['details'] ?? {}, all);
  }
  checkConflicts(all);
  return keymapOf(all, prefix);
}
