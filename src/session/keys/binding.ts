/** What a line of the table of keys says. Names of contexts and actions are what the user's settings use. */
import type { Approvable } from '../approval/approvable.ts';

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
  | 'suspend'
  | 'back'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'half-page-up'
  | 'half-page-down'
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
  | 'again'
  | 'policies'
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
  /** In place of the help where there is no room for it and `hint` is absent. */
  readonly short?: string;
  /** Needs the arming of arming.ts. */
  readonly approves?: true;
}
