/** The table of keys in use: what a key means, what the hint line offers, what a key is called. */
import type { Approvable } from '../approval/approvable.ts';
import type { Binding, KeyContext } from './binding.ts';
import { bindings } from './table.ts';

/** The detach key of dtach and abduco: free in shells, editors and pagers. */
export const DEFAULT_PREFIX = 'C-\\';

/** A table of keys in use: keys/table.ts, or the user's own (user-keys.ts). */
export interface Keymap {
  readonly prefix: string;
  readonly bindings: readonly Binding[];
  /** What a key means here, undefined when nothing. */
  bindingFor(context: KeyContext, key: string): Binding | undefined;
  /** The hints of a context, most useful first, at most six; Esc and `?` keep the last places. */
  hintsFor(context: KeyContext, row: Approvable): readonly Hint[];
}

export function keymapOf(all: readonly Binding[], prefix: string): Keymap {
  // Made with the first key.
  let index: ReadonlyMap<string, Binding> | undefined;
  const indexed = () => {
    index ??= new Map(all.flatMap((b) => b.keys.map((key) => [`${b.in}\0${key}`, b] as const)));
    return index;
  };
  return {
    prefix,
    bindings: all,
    bindingFor: (context, key) => indexed().get(`${context}\0${key}`),
    hintsFor: (context, row) => (context === 'shell' ? shellHints(all, prefix) : hints(all, context, row)),
  };
}

const NAMES: Record<string, string> = {
  esc: 'Esc',
  enter: 'Enter',
  tab: 'Tab',
  'S-tab': 'Shift-Tab',
  space: 'Space',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  backspace: 'Backspace',
  delete: 'Delete',
};

/** A key as the user reads it on the keyboard. */
export function keyLabel(key: string): string {
  const ctrl = key.startsWith('C-') ? key.slice(2) : undefined;
  return ctrl === undefined ? (NAMES[key] ?? key) : `Ctrl-${ctrl.length === 1 ? ctrl : (NAMES[ctrl] ?? ctrl)}`;
}

/** One item of the hint line. */
export interface Hint {
  readonly key: string;
  readonly text: string;
}

export const MAX_HINTS = 6;

function hints(all: readonly Binding[], context: KeyContext, row: Approvable): readonly Hint[] {
  const fitting = all.filter(
    (b) =>
      b.in === context &&
      b.keys.length > 0 &&
      b.hint !== undefined &&
      (b.hintFor === undefined || b.hintFor.includes(row)),
  );
  const hint = (b: Binding): Hint => ({ key: keyLabel(b.keys[0] ?? ''), text: b.hint ?? '' });
  const last = fitting.filter((b) => b.action === 'back' || b.action === 'help');
  const first = fitting.filter((b) => !last.includes(b)).slice(0, MAX_HINTS - last.length);
  return [...first, ...last].map(hint);
}

/** In the shell: what the prefix leads to, so that nobody has to press it to find out. */
function shellHints(all: readonly Binding[], prefix: string): readonly Hint[] {
  const after = all.filter((b) => b.in === 'prefix' && b.action !== 'back' && b.action !== 'literal-prefix');
  return hints(after, 'prefix', 'none').map(({ key, text }) => ({ key: `${keyLabel(prefix)} ${key}`, text }));
}

/** The table as it stands. */
export const defaultKeymap = keymapOf(bindings, DEFAULT_PREFIX);
