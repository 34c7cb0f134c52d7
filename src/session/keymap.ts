/** The one table of keys. The router, the hint line, the help and docs/keys.md are all made from it. Enter approves nothing, anywhere. */
import type { Approvable } from './approvable.ts';

/** Where a key is valid. */
export type KeyContext =
  | 'shell'
  | 'prefix'
  | 'list'
  | 'filter'
  | 'details'
  | 'save'
  | 'override'
  | 'override-confirm'
  | 'grant'
  | 'edit'
  | 'command'
  | 'home'
  | 'home-page'
  | 'scroll'
  | 'scroll-search'
  | 'clipboard'
  | 'help'
  | 'quit';

export type Action =
  | 'prefix'
  | 'focus-list'
  | 'help'
  | 'quit'
  | 'literal-prefix'
  | 'detach'
  | 'back'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'next-held'
  | 'unfold'
  | 'allow-once'
  | 'allow-session'
  | 'allow-profile'
  | 'toggle-target'
  | 'deny'
  | 'override'
  | 'undo'
  | 'details'
  | 'filter'
  | 'confirm'
  | 'confirm-session'
  | 'confirm-profile'
  | 'accept-text'
  | 'command'
  | 'run'
  | 'complete'
  | 'complete-back'
  | 'clear'
  | 'cursor-left'
  | 'cursor-right'
  | 'cursor-home'
  | 'cursor-end'
  | 'erase-next'
  | 'erase-word'
  | 'run-item'
  | 'open-item'
  | 'edit'
  | 'sort'
  | 'hide-muted'
  | 'zoom'
  | 'zoom-list'
  | 'hide-list'
  | 'split-right'
  | 'split-bottom'
  | 'larger-list'
  | 'smaller-list'
  | 'reset-layout'
  | 'scroll'
  | 'mouse'
  | 'clipboard'
  | 'next-match'
  | 'previous-match'
  | 'select'
  | 'select-lines'
  | 'copy'
  | 'next-link'
  | 'previous-link'
  | 'erase'
  | 'erase-all';

export interface Binding {
  readonly in: KeyContext;
  /** The first key is the one that hints and help show. */
  readonly keys: readonly string[];
  readonly action: Action;
  readonly help: string;
  /** One word for the hint line, and for which kind of row it is offered; absent = only in the help. */
  readonly hint?: string;
  readonly hintFor?: readonly Approvable[];
  /** Needs the arming of arming.ts. */
  readonly approves?: true;
}

const MOVES: readonly (readonly [readonly string[], Action, string])[] = [
  [['j', 'down'], 'down', 'next row'],
  [['k', 'up'], 'up', 'previous row'],
  [['pagedown', 'C-f'], 'page-down', 'one page down'],
  [['pageup', 'C-b'], 'page-up', 'one page up'],
  [['g', 'home'], 'first', 'first row'],
  [['G', 'end'], 'last', 'last row'],
];

const moves = (context: KeyContext): readonly Binding[] =>
  MOVES.map(([keys, action, help]) => ({ in: context, keys, action, help }));

const textKeys = (context: KeyContext): readonly Binding[] => [
  { in: context, keys: ['backspace', 'C-h'], action: 'erase', help: 'erase one character' },
  { in: context, keys: ['C-u'], action: 'erase-all', help: 'erase everything' },
];

export const bindings: readonly Binding[] = [
  { in: 'shell', keys: ['C-\\'], action: 'prefix', help: 'prefix: the next key is for nono', hint: 'nono' },

  { in: 'prefix', keys: ['d'], action: 'focus-list', help: 'go to the list of denials', hint: 'denials' },
  { in: 'prefix', keys: [':'], action: 'command', help: 'command line: why, allow, grants, revoke …', hint: 'command' },
  { in: 'prefix', keys: ['['], action: 'scroll', help: 'look back: scroll, search, copy', hint: 'scroll' },
  { in: 'prefix', keys: ['m'], action: 'mouse', help: 'leave the mouse to the terminal, and take it again' },
  { in: 'prefix', keys: ['c'], action: 'clipboard', help: 'what a program wants in the clipboard (asks first)' },
  { in: 'prefix', keys: ['z'], action: 'zoom', help: 'the shell alone on the screen, and back' },
  { in: 'prefix', keys: ['h'], action: 'hide-list', help: 'hide or show the list' },
  { in: 'prefix', keys: ['|'], action: 'split-right', help: 'the list beside the shell' },
  { in: 'prefix', keys: ['-'], action: 'split-bottom', help: 'the list below the shell' },
  { in: 'prefix', keys: ['>', '+'], action: 'larger-list', help: 'larger list; more presses may follow' },
  { in: 'prefix', keys: ['<'], action: 'smaller-list', help: 'smaller list' },
  { in: 'prefix', keys: ['='], action: 'reset-layout', help: 'the layout that the size suggests' },
  { in: 'prefix', keys: ['?'], action: 'help', help: 'keys, with a filter', hint: 'help' },
  { in: 'prefix', keys: ['D'], action: 'detach', help: 'leave the session running without a terminal (nono attach)' },
  { in: 'prefix', keys: ['q'], action: 'quit', help: 'end the session (asks first)', hint: 'quit' },
  {
    in: 'prefix',
    keys: ['C-\\'],
    action: 'literal-prefix',
    help: 'send the prefix key to the shell',
    hint: 'send it',
  },
  { in: 'prefix', keys: ['esc'], action: 'back', help: 'back to the shell', hint: 'shell' },

  {
    in: 'list',
    keys: ['a'],
    action: 'allow-once',
    help: 'allow the waiting call, once',
    hint: 'once',
    hintFor: ['held'],
    approves: true,
  },
  {
    in: 'list',
    keys: ['s'],
    action: 'allow-session',
    help: 'allow until this session ends',
    hint: 'session',
    hintFor: ['held', 'denied', 'fold'],
    approves: true,
  },
  {
    in: 'list',
    keys: ['p'],
    action: 'allow-profile',
    help: 'allow and save to the profile (shows the change, then asks)',
    hint: 'profile',
    hintFor: ['held', 'denied', 'fold'],
    approves: true,
  },
  {
    in: 'list',
    keys: ['o'],
    action: 'override',
    help: 'lift a deny rule for this path (the path must be typed)',
    hint: 'override',
    hintFor: ['rule'],
    approves: true,
  },
  {
    in: 'list',
    keys: ['f', 'D'],
    action: 'toggle-target',
    help: 'switch between the file and its directory; for an address: host and port, host, port',
    hint: 'scope',
    hintFor: ['denied'],
  },
  {
    in: 'list',
    keys: ['x'],
    action: 'deny',
    help: 'deny, and do not ask or tell again; a second time takes it back',
    hint: 'deny',
    hintFor: ['held', 'fold'],
    approves: true,
  },
  {
    in: 'list',
    keys: ['z'],
    action: 'undo',
    help: 'take the last approval back',
    hint: 'undo',
    hintFor: ['granted', 'rule'],
  },
  {
    in: 'list',
    keys: ['space', 'right', 'left'],
    action: 'unfold',
    help: 'show or hide the paths of a folded row',
    hint: 'unfold',
    hintFor: ['fold', 'startup'],
  },
  {
    in: 'list',
    keys: ['enter'],
    action: 'details',
    help: 'details: process, rule, what an approval would add',
    hint: 'details',
    hintFor: ['rule', 'granted', 'denied'],
  },
  {
    in: 'list',
    keys: ['e'],
    action: 'edit',
    help: 'edit what an approval would cover: a path, a directory, a pattern',
  },
  { in: 'list', keys: ['t'], action: 'sort', help: 'sort by path, by program, by count, or as they came' },
  { in: 'list', keys: ['m'], action: 'hide-muted', help: 'hide or show what was answered with no' },
  { in: 'list', keys: ['n', 'tab'], action: 'next-held', help: 'next waiting call' },
  ...moves('list'),
  {
    in: 'list',
    keys: ['/'],
    action: 'filter',
    help: 'filter the list',
    hint: 'filter',
    hintFor: ['granted', 'startup', 'none'],
  },
  {
    in: 'list',
    keys: ['esc', 'q', 'C-\\', 'C-c'],
    action: 'back',
    help: 'back to the shell (Esc first ends a filter)',
    hint: 'shell',
  },
  { in: 'list', keys: ['w'], action: 'zoom-list', help: 'the list alone on the screen, and back' },
  { in: 'list', keys: [':'], action: 'command', help: 'command line: why, allow, grants, revoke …' },
  { in: 'list', keys: ['?'], action: 'help', help: 'keys, with a filter', hint: 'help' },

  {
    in: 'filter',
    keys: ['enter', 'down', 'tab'],
    action: 'accept-text',
    help: 'keep the filter, go to the rows',
    hint: 'keep',
  },
  { in: 'filter', keys: ['esc', 'C-\\', 'C-c'], action: 'back', help: 'end the filter', hint: 'clear' },
  ...textKeys('filter'),

  { in: 'details', keys: ['esc', 'q', 'enter', 'C-\\', 'C-c'], action: 'back', help: 'close', hint: 'close' },
  ...moves('details'),

  { in: 'save', keys: ['y'], action: 'confirm', help: 'save this rule and allow', hint: 'save', approves: true },
  {
    in: 'save',
    keys: ['f', 'D'],
    action: 'toggle-target',
    help: 'switch between the file and its directory',
    hint: 'scope',
  },
  { in: 'save', keys: ['esc', 'n', 'q', 'C-\\', 'C-c'], action: 'back', help: 'change nothing', hint: 'cancel' },

  {
    in: 'override',
    keys: ['enter'],
    action: 'accept-text',
    help: 'go on when the path is complete (nothing is allowed yet)',
    hint: 'go on',
  },
  { in: 'override', keys: ['esc', 'C-\\', 'C-c'], action: 'back', help: 'change nothing', hint: 'cancel' },
  ...textKeys('override'),

  {
    in: 'override-confirm',
    keys: ['s'],
    action: 'confirm-session',
    help: 'lift the rule until this session ends',
    hint: 'session',
    approves: true,
  },
  {
    in: 'override-confirm',
    keys: ['p'],
    action: 'confirm-profile',
    help: 'lift the rule and save that to the profile',
    hint: 'profile',
    approves: true,
  },
  {
    in: 'override-confirm',
    keys: ['esc', 'n', 'q', 'C-\\', 'C-c'],
    action: 'back',
    help: 'change nothing',
    hint: 'cancel',
  },

  {
    in: 'grant',
    keys: ['s'],
    action: 'confirm-session',
    help: 'allow until this session ends',
    hint: 'session',
    approves: true,
  },
  {
    in: 'grant',
    keys: ['p'],
    action: 'confirm-profile',
    help: 'allow and save the change that is shown to the profile',
    hint: 'profile',
    approves: true,
  },
  { in: 'grant', keys: ['esc', 'n', 'q', 'C-\\', 'C-c'], action: 'back', help: 'change nothing', hint: 'cancel' },

  {
    in: 'edit',
    keys: ['enter'],
    action: 'accept-text',
    help: 'go on: asks for how long (nothing is allowed yet)',
    hint: 'go on',
  },
  {
    in: 'edit',
    keys: ['tab'],
    action: 'toggle-target',
    help: 'the directory above, with everything below it',
    hint: 'wider',
  },
  { in: 'edit', keys: ['left', 'C-b'], action: 'cursor-left', help: 'one character to the left' },
  { in: 'edit', keys: ['right', 'C-f'], action: 'cursor-right', help: 'one character to the right' },
  { in: 'edit', keys: ['home', 'C-a'], action: 'cursor-home', help: 'to the beginning' },
  { in: 'edit', keys: ['end', 'C-e'], action: 'cursor-end', help: 'to the end' },
  { in: 'edit', keys: ['backspace', 'C-h'], action: 'erase', help: 'erase one character' },
  { in: 'edit', keys: ['delete', 'C-d'], action: 'erase-next', help: 'erase the character at the cursor' },
  { in: 'edit', keys: ['C-w'], action: 'erase-word', help: 'erase one part of the path' },
  { in: 'edit', keys: ['C-u'], action: 'erase-all', help: 'erase what is before the cursor' },
  { in: 'edit', keys: ['esc', 'C-\\', 'C-c'], action: 'back', help: 'change nothing', hint: 'cancel' },

  { in: 'command', keys: ['enter'], action: 'run', help: 'run the line (grants nothing by itself)', hint: 'run' },
  { in: 'command', keys: ['tab'], action: 'complete', help: 'complete; again: the next candidate', hint: 'complete' },
  { in: 'command', keys: ['S-tab'], action: 'complete-back', help: 'the candidate before' },
  { in: 'command', keys: ['up', 'C-p'], action: 'up', help: 'the line before, kept across sessions', hint: 'history' },
  { in: 'command', keys: ['down', 'C-n'], action: 'down', help: 'the line after' },
  { in: 'command', keys: ['pageup'], action: 'page-up', help: 'scroll the output up', hint: 'scroll' },
  { in: 'command', keys: ['pagedown'], action: 'page-down', help: 'scroll the output down' },
  { in: 'command', keys: ['/'], action: 'filter', help: 'on an empty line: filter the output', hint: 'filter' },
  { in: 'command', keys: ['C-l'], action: 'clear', help: 'empty the output' },
  { in: 'command', keys: ['left', 'C-b'], action: 'cursor-left', help: 'one character to the left' },
  { in: 'command', keys: ['right', 'C-f'], action: 'cursor-right', help: 'one character to the right' },
  { in: 'command', keys: ['home', 'C-a'], action: 'cursor-home', help: 'to the beginning of the line' },
  { in: 'command', keys: ['end', 'C-e'], action: 'cursor-end', help: 'to the end of the line' },
  { in: 'command', keys: ['backspace', 'C-h'], action: 'erase', help: 'erase one character' },
  { in: 'command', keys: ['delete', 'C-d'], action: 'erase-next', help: 'erase the character at the cursor' },
  { in: 'command', keys: ['C-w'], action: 'erase-word', help: 'erase a word, or a part of a path' },
  { in: 'command', keys: ['C-u'], action: 'erase-all', help: 'erase what is before the cursor' },
  { in: 'command', keys: ['esc', 'C-\\', 'C-c'], action: 'back', help: 'close', hint: 'close' },

  { in: 'scroll', keys: ['k', 'up'], action: 'up', help: 'one row up' },
  { in: 'scroll', keys: ['j', 'down'], action: 'down', help: 'one row down' },
  { in: 'scroll', keys: ['h', 'left'], action: 'cursor-left', help: 'one column to the left' },
  { in: 'scroll', keys: ['l', 'right'], action: 'cursor-right', help: 'one column to the right' },
  { in: 'scroll', keys: ['0', 'home'], action: 'cursor-home', help: 'to the beginning of the row' },
  { in: 'scroll', keys: ['$', 'end'], action: 'cursor-end', help: 'to the end of the row' },
  { in: 'scroll', keys: ['pageup', 'C-b', 'b'], action: 'page-up', help: 'one page up', hint: 'up' },
  { in: 'scroll', keys: ['pagedown', 'C-f', 'space'], action: 'page-down', help: 'one page down' },
  { in: 'scroll', keys: ['g'], action: 'first', help: 'to the oldest row' },
  { in: 'scroll', keys: ['G'], action: 'last', help: 'to the newest row' },
  { in: 'scroll', keys: ['/'], action: 'filter', help: 'search, upwards; small letters find both', hint: 'search' },
  { in: 'scroll', keys: ['n'], action: 'next-match', help: 'next match, older' },
  { in: 'scroll', keys: ['N'], action: 'previous-match', help: 'match before, newer' },
  { in: 'scroll', keys: ['v'], action: 'select', help: 'begin or end a selection', hint: 'select' },
  { in: 'scroll', keys: ['V'], action: 'select-lines', help: 'begin or end a selection of whole lines' },
  {
    in: 'scroll',
    keys: ['y'],
    action: 'copy',
    help: 'send the selection, the link or the line to the clipboard of the terminal',
    hint: 'copy',
  },
  { in: 'scroll', keys: ['tab'], action: 'next-link', help: 'next link; its address is shown' },
  { in: 'scroll', keys: ['S-tab'], action: 'previous-link', help: 'link before' },
  {
    in: 'scroll',
    keys: ['esc', 'q', 'C-\\', 'C-c'],
    action: 'back',
    help: 'back to the shell, as by every key that is not here',
    hint: 'shell',
  },
  { in: 'scroll', keys: ['?'], action: 'help', help: 'keys, with a filter', hint: 'help' },

  { in: 'scroll-search', keys: ['enter'], action: 'accept-text', help: 'search', hint: 'search' },
  { in: 'scroll-search', keys: ['esc', 'C-\\', 'C-c'], action: 'back', help: 'search nothing', hint: 'cancel' },
  ...textKeys('scroll-search'),

  {
    in: 'clipboard',
    keys: ['y'],
    action: 'confirm',
    help: 'send this text to the clipboard of the terminal',
    hint: 'allow',
    approves: true,
  },
  { in: 'clipboard', keys: ['esc', 'n', 'q', 'C-\\', 'C-c'], action: 'back', help: 'refuse it', hint: 'refuse' },

  { in: 'help', keys: ['enter'], action: 'run-item', help: 'do what the line says', hint: 'do it' },
  { in: 'help', keys: ['down'], action: 'down', help: 'next line' },
  { in: 'help', keys: ['up'], action: 'up', help: 'line before' },
  { in: 'help', keys: ['pagedown'], action: 'page-down', help: 'one page down' },
  { in: 'help', keys: ['pageup'], action: 'page-up', help: 'one page up' },
  { in: 'help', keys: ['esc', 'C-\\', 'C-c'], action: 'back', help: 'close', hint: 'close' },
  ...textKeys('help'),

  {
    in: 'home',
    keys: ['enter'],
    action: 'open-item',
    help: 'start the shell, or show the session or group',
    hint: 'start',
  },
  { in: 'home', keys: ['i'], action: 'details', help: 'what is in the profile; the log of a session', hint: 'details' },
  { in: 'home', keys: ['/'], action: 'filter', help: 'filter', hint: 'filter' },
  ...moves('home'),
  { in: 'home', keys: ['esc', 'q', 'C-c'], action: 'back', help: 'leave (Esc first ends a filter)', hint: 'leave' },
  { in: 'home-page', keys: ['/'], action: 'filter', help: 'only lines that hold a text', hint: 'filter' },
  ...moves('home-page'),
  { in: 'home-page', keys: ['esc', 'q', 'C-c'], action: 'back', help: 'back (Esc first ends a filter)', hint: 'back' },

  {
    in: 'quit',
    keys: ['y'],
    action: 'confirm',
    help: 'end the session: everything in it is ended',
    hint: 'end it',
    approves: true,
  },
  { in: 'quit', keys: ['esc', 'n', 'q', 'C-\\', 'C-c'], action: 'back', help: 'go on', hint: 'go on' },
];

/** The detach key of dtach and abduco: free in shells, editors and pagers. */
export const DEFAULT_PREFIX = 'C-\\';

/** A table of keys in use: the one above, or the user's own (user-keys.ts). */
export interface Keymap {
  readonly prefix: string;
  readonly bindings: readonly Binding[];
  /** What a key means here, undefined when nothing. */
  bindingFor(context: KeyContext, key: string): Binding | undefined;
  /** The hints of a context, most useful first, at most six; Esc and `?` keep the last places. */
  hintsFor(context: KeyContext, row: Approvable): readonly Hint[];
}

export function keymapOf(all: readonly Binding[], prefix: string): Keymap {
  const index = new Map(all.flatMap((b) => b.keys.map((key) => [`${b.in}\0${key}`, b] as const)));
  return {
    prefix,
    bindings: all,
    bindingFor: (context, key) => index.get(`${context}\0${key}`),
    hintsFor: (context, row) => hints(all, context, row),
  };
}

const NAMES: Record<string, string> = {
  esc: 'Esc',
  enter: 'Enter',
  tab: 'Tab',
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

/** The table as it stands above. */
export const defaultKeymap = keymapOf(bindings, DEFAULT_PREFIX);
