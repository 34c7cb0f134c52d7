/** The command line. */
import type { Binding } from './binding.ts';
import { prefixClosing } from './shared-keys.ts';

export const commandKeys: readonly Binding[] = [
  { in: 'command', keys: ['enter'], action: 'run', help: 'run the line (grants nothing by itself)', hint: 'run' },
  {
    in: 'command',
    keys: ['tab'],
    action: 'complete',
    help: 'complete; again: the next candidate; on an empty line: the commands',
    hint: 'complete',
  },
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
  { in: 'command', keys: ['esc', 'C-c'], action: 'back', help: 'close', hint: 'close' },
  prefixClosing('command'),
];
