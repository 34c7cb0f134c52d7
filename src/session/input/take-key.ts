/** A key of the chrome: whether it counts now, and who carries it out. */

import type { SessionController } from '../controller.ts';
import { dialogKey } from '../dialog/dialog-keys.ts';
import type { Action } from '../keys/binding.ts';
import { contextOf, visibleRows } from '../screen/ui-state.ts';
import { afterPrefix } from './after-prefix.ts';
import { listKey } from './list-keys.ts';
import { scrollKey } from './scroll-keys.ts';
import { sizeActions } from './size-keys.ts';
import { unboundText } from './unbound-keys.ts';

/** These ask nothing more; the others show their rule whole in a question. A no is never too early to be read. */
const ALLOWS_AT_ONCE: ReadonlySet<Action | undefined> = new Set<Action>(['allow-once', 'allow-session']);

/** 'shell' when it is none of ours after all. */
export function takeKey(session: SessionController, name: string): 'shell' | undefined {
  const { ui, keymap, options } = session;
  const context = contextOf(ui);
  const binding = keymap.bindingFor(context, name);
  if (context === 'prefix' && ui.sizing && !sizeActions.has(binding?.action))
    return afterSizes(session, binding?.action);
  if (context === 'list' && binding?.approves && visibleRows(session.list, ui).length === 0) {
    session.say('nothing is listed');
  } else if (binding?.approves && unread(session, binding.action)) {
    session.say('nothing done: not every page was seen');
  } else if (binding?.approves && !options.arming.accepts(session.armKey())) {
    session.say('too early: press the key again');
  } else if (context === 'list' && !session.rowReadable && ALLOWS_AT_ONCE.has(binding?.action)) {
    session.sayKeys('nothing done: {details} shows all of it');
  } else if (binding?.action === 'prefix') {
    session.closeConsole();
    ui.filtering = false;
    session.closeScroll();
    session.prefix();
  } else if (context === 'prefix') {
    afterPrefix(session, binding?.action);
    if (binding === undefined) session.say(unboundText(keymap, name));
  } else if (context === 'list' || context === 'filter') listKey(session, binding?.action, name);
  else if (context === 'scroll' || context === 'scroll-search') scrollKey(session, binding?.action, name);
  else dialogKey(session, binding?.action, name);
  options.changed(true);
  return undefined;
}

/** Something else than a size. The prefix begins anew: taken as the second one, it would be a SIGQUIT for what runs in the shell. */
function afterSizes(session: SessionController, action: Action | undefined): 'shell' | undefined {
  if (action === 'literal-prefix') {
    session.prefix();
    return undefined;
  }
  session.ui.focus = 'shell';
  session.ui.sizing = false;
  session.options.changed(true);
  return 'shell';
}

/** What is approved has been on the screen as a whole. A no need not. */
function unread({ ui, pages }: SessionController, action: Action): boolean {
  return ui.dialog !== undefined && action !== 'deny' && !pages.othersSeen;
}
