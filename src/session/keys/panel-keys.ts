/** What a program wants in the clipboard; the help. */
import type { Binding } from './binding.ts';
import { pageKeys, prefixClosing, textKeys } from './shared-keys.ts';

export const panelKeys: readonly Binding[] = [
  {
    in: 'clipboard',
    keys: ['y'],
    action: 'confirm',
    help: 'send this text to the clipboard of the terminal',
    hint: 'send',
    approves: true,
  },
  { in: 'clipboard', keys: ['esc', 'n', 'q', 'C-c'], action: 'back', help: 'refuse it', hint: 'refuse' },
  prefixClosing('clipboard'),
  ...pageKeys('clipboard'),
  { in: 'help', keys: ['enter'], action: 'run-item', help: 'do what the line says', hint: 'do it' },
  { in: 'help', keys: ['down'], action: 'down', help: 'next line' },
  { in: 'help', keys: ['up'], action: 'up', help: 'line before' },
  { in: 'help', keys: ['pagedown'], action: 'page-down', help: 'one page down' },
  { in: 'help', keys: ['pageup'], action: 'page-up', help: 'one page up' },
  { in: 'help', keys: ['esc', 'C-c'], action: 'back', help: 'close', hint: 'close' },
  prefixClosing('help'),
  ...textKeys('help'),
];
