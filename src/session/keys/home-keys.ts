/** `nono` alone. */
import type { Binding } from './binding.ts';
import { moves } from './shared-keys.ts';

const SUSPEND = 'suspend: back to the shell outside (fg goes on)';

export const homeKeys: readonly Binding[] = [
  {
    in: 'home',
    keys: ['enter'],
    action: 'open-item',
    help: 'start the shell, or show the session or group',
    hint: 'start',
  },
  { in: 'home', keys: ['i'], action: 'details', help: 'what is in the profile; the log of a session', hint: 'details' },
  { in: 'home', keys: ['/'], action: 'filter', help: 'filter', hint: 'filter' },
  { in: 'home', keys: ['?'], action: 'help', help: 'keys, with a filter', hint: 'help' },
  ...moves('home'),
  { in: 'home', keys: ['C-z'], action: 'suspend', help: SUSPEND },
  { in: 'home', keys: ['esc', 'q', 'C-c'], action: 'back', help: 'leave (Esc first ends a filter)', hint: 'leave' },
  { in: 'home-page', keys: ['/'], action: 'filter', help: 'only lines that hold a text', hint: 'filter' },
  ...moves('home-page'),
  { in: 'home-page', keys: ['C-z'], action: 'suspend', help: SUSPEND },
  { in: 'home-page', keys: ['esc', 'q', 'C-c'], action: 'back', help: 'back (Esc first ends a filter)', hint: 'back' },
];
