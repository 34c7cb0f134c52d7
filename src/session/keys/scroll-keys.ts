/** Looking back. */
import type { Binding } from './binding.ts';
import { prefixIn, textKeys } from './shared-keys.ts';

export const scrollKeys: readonly Binding[] = [
  { in: 'scroll', keys: ['k', 'up'], action: 'up', help: 'one row up' },
  { in: 'scroll', keys: ['j', 'down'], action: 'down', help: 'one row down' },
  { in: 'scroll', keys: ['h', 'left'], action: 'cursor-left', help: 'one column to the left' },
  { in: 'scroll', keys: ['l', 'right'], action: 'cursor-right', help: 'one column to the right' },
  { in: 'scroll', keys: ['0', 'home'], action: 'cursor-home', help: 'to the beginning of the row' },
  { in: 'scroll', keys: ['$', 'end'], action: 'cursor-end', help: 'to the end of the row' },
  { in: 'scroll', keys: ['pageup', 'C-b', 'b'], action: 'page-up', help: 'one page up', hint: 'up' },
  { in: 'scroll', keys: ['pagedown', 'C-f', 'space'], action: 'page-down', help: 'one page down' },
  { in: 'scroll', keys: ['C-u'], action: 'half-page-up', help: 'half a page up' },
  { in: 'scroll', keys: ['C-d'], action: 'half-page-down', help: 'half a page down' },
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
    keys: ['esc', 'q', 'C-c'],
    action: 'back',
    help: 'back to the shell, as by every key that is not here',
    hint: 'shell',
  },
  prefixIn('scroll'),
  { in: 'scroll', keys: ['?'], action: 'help', help: 'keys, with a filter', hint: 'help' },
  { in: 'scroll-search', keys: ['enter'], action: 'accept-text', help: 'search', hint: 'search' },
  { in: 'scroll-search', keys: ['esc', 'C-\\', 'C-c'], action: 'back', help: 'search nothing', hint: 'cancel' },
  ...textKeys('scroll-search'),
];
