/** Keys while the list, or its filter line, has the keyboard. */
import { nextTarget } from '../approval/approvals.ts';
import type { SessionController } from '../controller.ts';
import type { Action } from '../keys/binding.ts';
import { moved, nextHeld, selectedRow, visibleRows } from '../screen/ui-state.ts';

const MAX_FILTER = 200;

/** A typed character, undefined for keys that write nothing. */
export function typedCharacter(name: string): string | undefined {
  if (name === 'space') return ' ';
  return Array.from(name).length === 1 ? name : undefined;
}

/** Carries out one key of the list. Keys without a meaning do nothing. */
export function listKey(session: SessionController, action: Action | undefined, name: string): void {
  if (session.ui.filtering) {
    filterKey(session, action, name);
    return;
  }
  const step = moveBy(session, action);
  if (step !== undefined) {
    session.select(moved(visibleRows(session.list, session.ui), session.ui.selected, step));
    return;
  }
  if (rowKey(session, action)) return;
  switch (action) {
    case 'back':
      if (session.granter.wait.giveUp()) break;
      if (session.ui.filter === '') session.focusShell();
      else session.setFilter('');
      break;
    case 'filter':
      session.ui.filtering = true;
      break;
    case 'sort':
      session.sortRows();
      break;
    case 'hide-muted':
      session.ui.hideMuted = !session.ui.hideMuted;
      session.keepSelection();
      break;
    case 'zoom-list':
      session.changeLayout('zoom-list');
      break;
    case 'command':
      session.openConsole();
      break;
    case 'help':
      session.ui.dialog = { kind: 'help', about: 'list', filter: '', at: 0 };
      break;
    case 'suspend':
      session.suspend();
      break;
    case 'again':
      session.again();
      break;
    case 'undo':
      void session.granter.undo();
      break;
    case 'next-held':
      session.select(nextHeld(visibleRows(session.list, session.ui), session.ui.selected) ?? session.ui.selected);
      break;
  }
}

function moveBy(session: SessionController, action: Action | undefined): number | undefined {
  switch (action) {
    case 'down':
      return 1;
    case 'up':
      return -1;
    case 'page-down':
      return session.pageRows;
    case 'page-up':
      return -session.pageRows;
    case 'first':
      return Number.MIN_SAFE_INTEGER;
    case 'last':
      return Number.MAX_SAFE_INTEGER;
    default:
      return undefined;
  }
}

/** Keys that need a row. True when the action was one of them. */
export function rowKey(session: SessionController, action: Action | undefined): boolean {
  const row = selectedRow(session.list, session.ui);
  const { granter, ui } = session;
  switch (action) {
    case 'allow-once':
      if (row) granter.once(row);
      return true;
    case 'allow-session':
      if (row) granter.session(row);
      return true;
    case 'allow-profile':
      if (row) granter.askToSave(row);
      return true;
    case 'override':
      if (row) granter.askToOverride(row);
      return true;
    case 'deny':
      if (row) granter.deny(row);
      return true;
    case 'toggle-target':
      if (row?.kind === 'path') ui.target = nextTarget(row, ui.target);
      return true;
    case 'edit':
      if (row) session.granter.askToEdit(row);
      return true;
    case 'unfold':
      if (row) toggleFold(session, row.fold?.id ?? row.id);
      return true;
    case 'details':
      if (row) session.showRow(row);
      return true;
    default:
      return false;
  }
}

function toggleFold(session: SessionController, id: number): void {
  const { unfolded } = session.ui;
  if (unfolded.delete(id)) session.select(id);
  else if ((session.list.get(id)?.members.length ?? 0) > 0) unfolded.add(id);
}

function filterKey(session: SessionController, action: Action | undefined, name: string): void {
  const { ui } = session;
  const typed = typedCharacter(name);
  if (action === 'accept-text') ui.filtering = false;
  else if (action === 'back') {
    ui.filtering = false;
    session.setFilter('');
  } else if (action === 'erase') session.setFilter(Array.from(ui.filter).slice(0, -1).join(''));
  else if (action === 'erase-all') session.setFilter('');
  else if (typed !== undefined && ui.filter.length < MAX_FILTER) session.setFilter(ui.filter + typed);
}
