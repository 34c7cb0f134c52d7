/** Keys while a dialog is open. Approving keys come here only after arming.ts let them through. */

import { grantRule, nextTarget, typedFor } from '../approval/approvals.ts';
import { consoleKey, lineEdits } from '../console/console-keys.ts';
import type { SessionController } from '../controller.ts';
import { afterPrefix } from '../input/after-prefix.ts';
import { listKey, rowKey, typedCharacter } from '../input/list-keys.ts';
import type { Action, Binding } from '../keys/binding.ts';
import { keyLabel } from '../keys/keymap.ts';
import type { Dialog } from '../screen/ui-state.ts';
import { helpItems } from './help-items.ts';
import { edited, inserted, lineOf } from './line-editor.ts';
import { isPaged } from './pages.ts';

type Of<K extends Dialog['kind']> = Extract<Dialog, { readonly kind: K }>;

/** Carries out one key of the open dialog. */
export function dialogKey(session: SessionController, action: Action | undefined, name: string): void {
  const { ui } = session;
  const dialog = ui.dialog;
  if (dialog === undefined) return;
  if (dialog.kind === 'command') {
    if (session.console !== undefined && action !== 'back') consoleKey(session, session.console, action, name);
    else if (session.console?.back() !== true) session.closeConsole();
    return;
  }
  const pages = isPaged(dialog) ? stepOf(action, 1) : undefined;
  if (pages !== undefined) {
    session.turnPage(pages);
    return;
  }
  if (dialog.kind === 'clipboard') {
    if (action === 'back' || action === 'confirm') session.clipboard.answer(dialog.wish, action === 'confirm');
    return;
  }
  if (action === 'back') {
    session.closeDialog();
    return;
  }
  switch (dialog.kind) {
    case 'details':
      detailsKey(session, dialog, action);
      break;
    case 'save':
      saveKey(session, dialog, action);
      break;
    case 'override':
      overrideKey(session, dialog, action, name);
      break;
    case 'override-confirm':
      overrideConfirmKey(session, dialog, action);
      break;
    case 'edit':
      editKey(session, dialog, action, name);
      break;
    case 'grant':
      grantKey(session, dialog, action);
      break;
    case 'help':
      helpKey(session, dialog, action, name);
      break;
    case 'quit':
      if (action === 'confirm') session.options.quit();
      break;
  }
}

const TO_THE_END = 1e6;

function stepOf(action: Action | undefined, page: number): number | undefined {
  const by: Partial<Record<Action, number>> = {
    down: 1,
    up: -1,
    'page-down': page,
    'page-up': -page,
    first: -TO_THE_END,
    last: TO_THE_END,
  };
  return action === undefined ? undefined : by[action];
}

/** What was done is said in the list; what asks first has opened its own question. */
function detailsKey(session: SessionController, dialog: Of<'details'>, action: Action | undefined): void {
  if (rowKey(session, action) && action !== 'toggle-target' && session.ui.dialog === dialog) session.closeDialog();
}

function saveKey(session: SessionController, dialog: Of<'save'>, action: Action | undefined): void {
  const { ui, granter } = session;
  if (action === 'toggle-target' && dialog.row.kind === 'path') {
    const target = nextTarget(dialog.row, ui.target);
    const rule = grantRule(dialog.row, target);
    if ('refused' in rule) {
      session.sayKeys(rule.refused);
      return;
    }
    ui.target = target;
    granter.askToSave(dialog.row);
  }
  if (action === 'confirm') {
    session.closeDialog();
    void granter.saveAndAllow(dialog.rules);
  }
}

function overrideKey(
  session: SessionController,
  dialog: Of<'override'>,
  action: Action | undefined,
  name: string,
): void {
  const typed = typedCharacter(name);
  const write = (text: string): void => {
    session.ui.dialog = { ...dialog, typed: text };
  };
  if (action === 'accept-text') {
    if (dialog.typed === typedFor(dialog.row)) session.granter.confirmOverride(dialog.row, dialog.rule);
    else session.say(`this is not the ${dialog.row.net === undefined ? 'path' : 'address'}`);
  } else if (action === 'erase') write(Array.from(dialog.typed).slice(0, -1).join(''));
  else if (action === 'erase-all') write('');
  else if (typed !== undefined && dialog.typed.length < 4096) write(dialog.typed + typed);
}

function overrideConfirmKey(
  session: SessionController,
  dialog: Of<'override-confirm'>,
  action: Action | undefined,
): void {
  if (action !== 'confirm-session' && action !== 'confirm-profile') return;
  if (action === 'confirm-profile' && !dialog.always) {
    session.say('a rule of a group: this session only');
    return;
  }
  session.closeDialog();
  if (action === 'confirm-session') session.granter.overrideForSession(dialog.rule);
  else void session.granter.saveAndAllow([dialog.rule]);
}

function editKey(session: SessionController, dialog: Of<'edit'>, action: Action | undefined, name: string): void {
  const typed = typedCharacter(name);
  const edit = action === undefined ? undefined : lineEdits[action];
  if (edit !== undefined) session.granter.editTo(dialog.row, edited(dialog.line, edit));
  else if (action === 'toggle-target') session.granter.editTo(dialog.row, lineOf(directoryAbove(dialog.line.text)));
  else if (action === 'accept-text') {
    if ('refused' in dialog.rule) session.say(dialog.rule.refused);
    else session.granter.askToGrant(dialog.rule, dialog.covers);
  } else if (typed !== undefined && dialog.line.text.length < 4096)
    session.granter.editTo(dialog.row, inserted(dialog.line, typed));
}

/** `/a/b/c` and `/a/b/c/` both lie in `/a/b/`. */
function directoryAbove(text: string): string {
  const cut = text.replace(/\/+$/, '');
  return cut.slice(0, Math.max(1, cut.lastIndexOf('/') + 1));
}

function grantKey(session: SessionController, dialog: Of<'grant'>, action: Action | undefined): void {
  if (action !== 'confirm-session' && action !== 'confirm-profile') return;
  const pattern = dialog.rules.some((rule) => 'path' in rule && rule.kind === 'pattern');
  if (pattern && action === 'confirm-profile') {
    session.say('a pattern: this session only');
    return;
  }
  session.closeDialog();
  if (action === 'confirm-session') session.granter.grantForSession(dialog.rules);
  else void session.granter.saveAndAllow(dialog.rules);
}

function helpKey(session: SessionController, dialog: Of<'help'>, action: Action | undefined, name: string): void {
  const typed = typedCharacter(name);
  const filter = (text: string): void => {
    session.ui.dialog = { ...dialog, filter: text, at: 0 };
  };
  const items = helpItems(session.keymap, dialog.about, dialog.filter);
  const step = stepOf(action, session.pageRows);
  if (action === 'erase') filter(Array.from(dialog.filter).slice(0, -1).join(''));
  else if (action === 'erase-all') filter('');
  else if (action === 'run-item') runItem(session, dialog, items[dialog.at]);
  else if (step !== undefined) {
    session.ui.dialog = { ...dialog, at: Math.min(items.length - 1, Math.max(0, dialog.at + step)) };
  } else if (typed !== undefined) filter((dialog.filter + typed).slice(0, 80));
}

/** Does what the key of a line would do. What approves is left to the key itself: it counts only on a row that was looked at. */
function runItem(session: SessionController, dialog: Of<'help'>, item: Binding | undefined): void {
  if (item === undefined) return;
  session.closeDialog();
  const key = item.keys[0] ?? '';
  if (item.approves === true) session.say(`${keyLabel(key)} does this, on the row that is selected`);
  else if (item.in === 'shell') session.prefix();
  else if (item.in === 'prefix') afterPrefix(session, item.action);
  else if (dialog.about === 'list') listKey(session, item.action, key);
}
