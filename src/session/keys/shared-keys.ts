/** Keys that several contexts have alike. */
import type { Action, Binding, KeyContext } from './binding.ts';

const MOVES: readonly (readonly [readonly string[], Action, string])[] = [
  [['j', 'down'], 'down', 'next row'],
  [['k', 'up'], 'up', 'previous row'],
  [['pagedown', 'C-f'], 'page-down', 'one page down'],
  [['pageup', 'C-b'], 'page-up', 'one page up'],
  [['g', 'home'], 'first', 'first row'],
  [['G', 'end'], 'last', 'last row'],
];

/** Through rows: vi keys, arrows and pages, the same everywhere. */
export const moves = (context: KeyContext): readonly Binding[] =>
  MOVES.map(([keys, action, help]) => ({ in: context, keys, action, help }));

/** Wherever the keyboard is, what follows the prefix means what it means in the shell. A question that only closed would leave that key to the list below, which denies and approves. */
export const prefixIn = (context: KeyContext): Binding => ({
  in: context,
  keys: ['C-\\'],
  action: 'prefix',
  help: 'prefix, as in the shell: the next key is for nono',
});

/** Where something is asked or typed. */
export const prefixClosing = (context: KeyContext): Binding => ({
  ...prefixIn(context),
  help: 'prefix: closes this, the next key is for nono',
});

/** A question that has no room for all of it has pages. */
export const pageKeys = (context: KeyContext): readonly Binding[] => [
  { in: context, keys: ['pagedown', 'space', 'down'], action: 'page-down', help: 'next page, where there are several' },
  { in: context, keys: ['pageup', 'up'], action: 'page-up', help: 'page before' },
];

/** Where a text is typed. */
export const textKeys = (context: KeyContext): readonly Binding[] => [
  { in: context, keys: ['backspace', 'C-h'], action: 'erase', help: 'erase one character' },
  { in: context, keys: ['C-u'], action: 'erase-all', help: 'erase everything' },
];
