/** The question before the end. */
import type { Binding } from './binding.ts';
import { pageKeys, prefixClosing } from './shared-keys.ts';

export const quitKeys: readonly Binding[] = [
  {
    in: 'quit',
    keys: ['y'],
    action: 'confirm',
    help: 'end the session: everything in it is ended',
    hint: 'end it',
    approves: true,
  },
  { in: 'quit', keys: ['esc', 'n', 'q', 'C-c'], action: 'back', help: 'go on', hint: 'go on' },
  prefixClosing('quit'),
  ...pageKeys('quit'),
];
