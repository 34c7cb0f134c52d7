/** The list of denials. */
import type { Action, Binding, KeyContext } from './binding.ts';
import { moves, textKeys } from './shared-keys.ts';

/** What is done with a row, in the list and on its page. */
const rowKeys = (context: KeyContext): readonly Binding[] => [
  {
    in: context,
    keys: ['a', '1'],
    action: 'allow-once',
    help: 'allow the waiting call, once',
    hint: 'once',
    hintFor: ['held'],
    approves: true,
  },
  {
    in: context,
    keys: ['s', '2'],
    action: 'allow-session',
    help: 'allow until this session ends',
    hint: 'session',
    hintFor: ['held', 'denied', 'fold'],
    approves: true,
  },
  {
    in: context,
    keys: ['p', '3'],
    action: 'allow-profile',
    help: 'allow and save to the profile (shows the change, then asks)',
    hint: 'profile',
    hintFor: ['held', 'denied', 'fold'],
    approves: true,
  },
  {
    in: context,
    keys: ['o'],
    action: 'override',
    help: 'lift a deny rule for this path (the path must be typed)',
    hint: 'override',
    hintFor: ['rule'],
    approves: true,
  },
  {
    in: context,
    keys: ['f', 'D'],
    action: 'toggle-target',
    help: 'switch between the file and its directory; for an address: host and port, host, port',
    hint: 'scope',
    hintFor: ['denied'],
  },
  {
    in: context,
    keys: ['x', 'd', '4'],
    action: 'deny',
    help: 'deny, and do not ask or tell again; a second time takes it back',
    hint: 'deny',
    hintFor: ['held', 'fold'],
    approves: true,
  },
  {
    in: context,
    keys: ['e'],
    action: 'edit',
    help: 'edit what an approval would cover: a path, a directory, a pattern',
  },
];

/** What `rowKeys` is about. */
export const rowActions: ReadonlySet<Action> = new Set(rowKeys('list').map((one) => one.action));

export const listKeys: readonly Binding[] = [
  ...rowKeys('list'),
  {
    in: 'list',
    keys: ['r'],
    action: 'again',
    help: 'bring the last command back to the prompt; Enter runs it',
    hint: 'again',
    hintFor: ['granted'],
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
  { in: 'list', keys: ['t'], action: 'sort', help: 'group by directory or by program, sort by count, or as they came' },
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
  { in: 'list', keys: [':'], action: 'command', help: 'command line: why, allow, grants, revoke' },
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
  ...rowKeys('details'),
  { in: 'details', keys: ['esc', 'q', 'enter', 'C-\\', 'C-c'], action: 'back', help: 'close', hint: 'close' },
  ...moves('details'),
];
