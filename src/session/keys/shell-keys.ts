/** In the shell one key is ours; what may follow it. */
import type { Binding } from './binding.ts';

export const shellKeys: readonly Binding[] = [
  { in: 'shell', keys: ['C-\\'], action: 'prefix', help: 'prefix: the next key is for nono' },
  { in: 'prefix', keys: ['d'], action: 'focus-list', help: 'go to the list of denials', hint: 'denials' },
  { in: 'prefix', keys: [':'], action: 'command', help: 'command line: why, allow, grants, revoke', hint: 'command' },
  {
    in: 'prefix',
    keys: ['p'],
    action: 'policies',
    help: 'what is granted and denied now, and by what',
    short: 'policies',
  },
  { in: 'prefix', keys: ['['], action: 'scroll', help: 'look back: scroll, search, copy', hint: 'scroll' },
  { in: 'prefix', keys: ['m'], action: 'mouse', help: 'leave the mouse to the terminal, and back', short: 'mouse' },
  {
    in: 'prefix',
    keys: ['c'],
    action: 'clipboard',
    help: 'what a program wants in the clipboard (asks)',
    short: 'clipboard',
  },
  { in: 'prefix', keys: ['z'], action: 'zoom', help: 'the shell alone on the screen, and back', short: 'zoom' },
  { in: 'prefix', keys: ['h'], action: 'hide-list', help: 'hide or show the list', short: 'hide list' },
  { in: 'prefix', keys: ['|'], action: 'split-right', help: 'the list beside the shell', short: 'right' },
  { in: 'prefix', keys: ['-'], action: 'split-bottom', help: 'the list below the shell', short: 'below' },
  {
    in: 'prefix',
    keys: ['>', '+'],
    action: 'larger-list',
    help: 'larger list; more presses may follow',
    short: 'larger',
  },
  { in: 'prefix', keys: ['<'], action: 'smaller-list', help: 'smaller list', short: 'smaller' },
  { in: 'prefix', keys: ['='], action: 'reset-layout', help: 'the layout that the size suggests', short: 'reset' },
  { in: 'prefix', keys: ['?'], action: 'help', help: 'keys, with a filter', hint: 'help' },
  { in: 'prefix', keys: ['D'], action: 'detach', help: 'detach: the session goes on (nono attach)', short: 'detach' },
  { in: 'prefix', keys: ['q'], action: 'quit', help: 'end the session (asks first)', hint: 'quit' },
  {
    in: 'prefix',
    keys: ['C-\\'],
    action: 'literal-prefix',
    help: 'send the prefix key to the shell',
    hint: 'send it',
  },
  { in: 'prefix', keys: ['esc'], action: 'back', help: 'back to the shell', hint: 'shell' },
];
