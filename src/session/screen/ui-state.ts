/** What the user is looking at: focus, selection, filter, dialog. The rows themselves are in denials.ts. */

import type { ScrollView } from '../../terminal/scroll-view.ts';
import type { Refusal, Target } from '../approval/approvals.ts';
import type { ApprovedPath, GrantRule } from '../approval/profile-saver.ts';
import type { EditedLine } from '../dialog/line-editor.ts';
import type { KeyContext } from '../keys/binding.ts';
import type { DenialRow, RowId } from '../rows/denial-row.ts';
import type { DenialList } from '../rows/denials.ts';
import { isNetPath, netText } from '../rows/net-target.ts';
import type { ProcessInfo } from '../rows/process-info.ts';
import { type Order, ordered, type Ranks } from '../rows/row-order.ts';
import { defaultWish, type LayoutWish } from './layout.ts';

/** A process that waits for an answer, or asked last; undefined when it has ended. */
export interface Asker {
  readonly pid: number;
  readonly process: ProcessInfo | undefined;
}

/** A question or a page over the pane. Opened only by the user's own key. */
export type Dialog =
  | {
      readonly kind: 'details';
      readonly row: DenialRow;
      /** Those that an answer concerns; none for a row of many paths. */
      readonly askers: readonly Asker[];
    }
  | {
      readonly kind: 'save';
      readonly row: DenialRow;
      readonly rules: readonly GrantRule[];
      readonly preview: readonly string[];
    }
  | { readonly kind: 'override'; readonly row: DenialRow; readonly rule: GrantRule; readonly typed: string }
  | {
      readonly kind: 'override-confirm';
      readonly row: DenialRow;
      readonly rule: GrantRule;
      readonly preview: readonly string[];
      /** Whether it may be saved, too. */
      readonly always: boolean;
    }
  | {
      readonly kind: 'grant';
      readonly rules: readonly GrantRule[];
      readonly preview: readonly string[];
      readonly covers: readonly string[];
    }
  | {
      readonly kind: 'edit';
      readonly row: DenialRow;
      readonly line: EditedLine;
      readonly rule: ApprovedPath | Refusal;
      /** What it would cover, in words. */
      readonly covers: readonly string[];
    }
  | { readonly kind: 'command' }
  | { readonly kind: 'clipboard'; readonly wish: ClipboardWish }
  | { readonly kind: 'help'; readonly about: KeyContext; readonly filter: string; readonly at: number }
  | { readonly kind: 'quit' };

/** Text that a program wants in the clipboard. The number tells two wishes with the same text apart. */
export interface ClipboardWish {
  readonly number: number;
  readonly text: string;
}

export interface Ui {
  focus: 'shell' | 'prefix' | 'list' | 'scroll';
  /** After the prefix, while only keys of the list's size are ours: what else is typed is the shell's. */
  sizing: boolean;
  /** The scrollback, while it is looked at. */
  scroll: ScrollView | undefined;
  /** The newest wish that was neither granted nor refused. */
  clipboard: ClipboardWish | undefined;
  /** Whether the wheel and drags in the pane are ours; otherwise the terminal's own. */
  mouse: boolean;
  selected: RowId | undefined;
  target: Target;
  filter: string;
  /** The filter line has the keyboard. */
  filtering: boolean;
  readonly unfolded: Set<RowId>;
  order: Order;
  ranks: Ranks | undefined;
  hideMuted: boolean;
  dialog: Dialog | undefined;
  layout: LayoutWish;
  /** No key has followed the prefix for a moment. */
  whichKey: boolean;
  /** One line in place of the hints, until the next key or for some seconds. */
  message: string;
  /** The address of the link under the mouse. */
  hover: string | undefined;
  /** Denials since the list was last looked at. */
  unseen: number;
}

/** A session as it begins: the shell has the keyboard. */
export function initialUi(): Ui {
  return {
    focus: 'shell',
    sizing: false,
    scroll: undefined,
    clipboard: undefined,
    mouse: true,
    selected: undefined,
    target: 'file',
    filter: '',
    filtering: false,
    unfolded: new Set(),
    order: 'arrival',
    ranks: undefined,
    hideMuted: false,
    dialog: undefined,
    layout: defaultWish,
    whichKey: false,
    message: '',
    hover: undefined,
    unseen: 0,
  };
}

/** Which part of the key table applies. */
export function contextOf(ui: Ui): KeyContext {
  if (ui.dialog !== undefined) return ui.dialog.kind;
  if (ui.focus === 'list' && ui.filtering) return 'filter';
  if (ui.focus === 'scroll' && ui.scroll?.typing !== undefined) return 'scroll-search';
  return ui.focus;
}

function matches(row: DenialRow, filter: string): boolean {
  const wanted = filter.toLowerCase();
  return `${isNetPath(row.path) ? `${netText(row.path)} ${row.name?.name ?? ''}` : row.path} ${row.comm} ${row.verb} ${row.outcome}`
    .toLowerCase()
    .includes(wanted);
}

/** Rows in the order they are shown, members of unfolded rows below their row. */
export function visibleRows(list: DenialList, ui: Ui): readonly DenialRow[] {
  const shown: DenialRow[] = [];
  for (const row of ordered(list.rows, ui.ranks)) {
    // What waits is never hidden.
    if (ui.hideMuted && row.muted && row.holds.size === 0) continue;
    const members = ui.filter === '' ? row.members : row.members.filter((m) => matches(m, ui.filter));
    if (ui.filter !== '' && members.length === 0 && !matches(row, ui.filter)) continue;
    shown.push(row);
    if (ui.unfolded.has(row.id)) shown.push(...members);
  }
  return shown;
}

/** The selected row, if it is still there. */
export function selectedRow(list: DenialList, ui: Ui): DenialRow | undefined {
  return ui.selected === undefined ? undefined : list.get(ui.selected);
}

/** Moves by rows of what is shown; a row that has gone gives way to the last one. */
export function moved(rows: readonly DenialRow[], selected: RowId | undefined, by: number): RowId | undefined {
  if (rows.length === 0) return undefined;
  const at = rows.findIndex((row) => row.id === selected);
  const next = at < 0 ? rows.length - 1 : Math.min(rows.length - 1, Math.max(0, at + by));
  return rows[next]?.id;
}

/** Where a selected row is shown no longer: the next one that is, or the one before; the last one where nobody knows where it stood. */
export function nearestShown(list: DenialList, ui: Ui): RowId | undefined {
  const all = ordered(list.rows, ui.ranks).flatMap((row) => [row, ...row.members]);
  const shown = new Set(visibleRows(list, ui));
  const at = all.findIndex((row) => row.id === ui.selected);
  const isShown = (row: DenialRow): boolean => shown.has(row);
  const next = at < 0 ? undefined : all.slice(at).find(isShown);
  return (next ?? all.slice(0, at < 0 ? undefined : at).findLast(isShown))?.id;
}

/** The next row with a waiting call, after the selected one, round and round. */
export function nextHeld(rows: readonly DenialRow[], selected: RowId | undefined): RowId | undefined {
  const at = rows.findIndex((row) => row.id === selected);
  const order = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
  return order.find((row) => row.holds.size > 0)?.id;
}
