/** Keys while the command line has the keyboard. */

import type { SessionController } from '../controller.ts';
import type { LineEdit } from '../dialog/line-editor.ts';
import { typedCharacter } from '../input/list-keys.ts';
import type { Action } from '../keys/binding.ts';
import type { Console } from './console.ts';

export const lineEdits: Partial<Record<Action, LineEdit>> = {
  'cursor-left': 'left',
  'cursor-right': 'right',
  'cursor-home': 'home',
  'cursor-end': 'end',
  erase: 'erase',
  'erase-next': 'delete',
  'erase-word': 'erase-word',
  'erase-all': 'erase-all',
};

export function consoleKey(
  session: SessionController,
  console: Console,
  action: Action | undefined,
  name: string,
): void {
  if (console.filtering) {
    filterKey(console, action, name);
    return;
  }
  const typed = typedCharacter(name);
  const edit = action === undefined ? undefined : lineEdits[action];
  // `/` is a key of its own on an empty line only: elsewhere it is part of a path.
  if (action === 'filter' && console.line.text === '') console.beginFilter();
  else if (typed !== undefined) console.type(typed);
  else if (edit !== undefined) console.edit(edit);
  else if (action === 'run') void console.submit();
  else if (action === 'complete') console.choose(1);
  else if (action === 'complete-back') console.choose(-1);
  else if (action === 'up') console.move(-1);
  else if (action === 'down') console.move(1);
  else if (action === 'page-up') console.scroll += session.pageRows;
  else if (action === 'page-down') console.scroll = Math.max(0, console.scroll - session.pageRows);
  else if (action === 'clear') console.output.length = 0;
}

function filterKey(console: Console, action: Action | undefined, name: string): void {
  const typed = typedCharacter(name);
  console.scroll = 0;
  if (action === 'run') console.filtering = false;
  else if (action === 'erase') console.filter = Array.from(console.filter).slice(0, -1).join('');
  else if (action === 'erase-all') console.filter = '';
  else if (typed !== undefined && console.filter.length < 200) console.filter += typed;
}
