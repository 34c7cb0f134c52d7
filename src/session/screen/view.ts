/** From the session's state to what is on the screen. Keeps only where the list was scrolled to. */
import { hintRoom } from '../../../components/fitting-hints.ts';
import { columnsFor, pathIsWhole } from '../../../components/row-columns.ts';
import { glyphs, plainGlyphs } from '../../../components/theme.ts';
import type { NetEndpoint } from '../../policy/decide/net-endpoint.ts';
import type { Rect, Size } from '../../terminal/geometry.ts';
import { cutMiddle, cutStart, textWidth, visibleName, visibleText } from '../../terminal/visible-text.ts';
import { type Approvable, approvable } from '../approval/approvable.ts';
import { defaultTarget, isDirectory, ruleText, type Target, widerRules } from '../approval/approvals.ts';
import type { SessionController } from '../controller.ts';
import { placeDialog } from '../dialog/dialog-place.ts';
import { type Attention, besideBox, messageBox } from '../dialog/message-box.ts';
import { currentHints } from '../input/current-hints.ts';
import type { Action } from '../keys/binding.ts';
import { keyFor } from '../keys/key-words.ts';
import { keyLabel } from '../keys/keymap.ts';
import type { DenialRow } from '../rows/denial-row.ts';
import { listNotes } from '../rows/list-notes.ts';
import { firstFor, headed, type Lines, rowsFitting } from '../rows/list-window.ts';
import { isNetPath, netFoldText, scopedEndpoint, scopeNote, scopeTarget } from '../rows/net-target.ts';
import { type Group, groupsOf } from '../rows/row-order.ts';
import {
  ageChangesIn,
  ageText,
  pathText,
  processText,
  type RuleTables,
  ruleName,
  shortRule,
  sideText,
  spelling,
  stateText,
  targetText,
  verbText,
} from '../rows/row-text.ts';
import {
  type ChromeModel,
  colorOn,
  type DialogView,
  type Line,
  type ListView,
  type RowView,
  type ThemeColors,
} from './chrome-model.ts';
import type { Layout } from './layout.ts';
import { type Peek, peekAt } from './peek.ts';
import { titleView } from './title-view.ts';
import { selectedRow, type Ui, visibleRows } from './ui-state.ts';

export interface ViewOptions {
  readonly profile: string;
  readonly shell: string;
  readonly workdir: string;
  readonly home: string;
  readonly rules: RuleTables;
  readonly color: boolean | ThemeColors;
  readonly ascii: boolean;
}

/** A model, and what the compositor must know of it. */
export interface View {
  readonly model: ChromeModel;
  readonly overlays: readonly Rect[];
  readonly cursor: 'pane' | 'hidden' | { readonly x: number; readonly y: number };
  /** Milliseconds until an age that is shown changes; undefined when none does. */
  readonly staleIn: number | undefined;
}

/** Of the line that heads the list: what stands around its text. */
const HEADER_EDGES = 4;
const NAME = 'denials';
/** A blank and a slash before what is typed, the place of the next character after it. */
const FILTER_EDGES = 3;
const APPROVABLE: ReadonlySet<Approvable> = new Set<Approvable>(['held', 'denied', 'fold']);

/** Lines of a row: two beside the pane, one below it; that of the start names neither a process nor a rule. */
function rowHeight(row: DenialRow | undefined, layout: Layout): 1 | 2 {
  return layout.split === 'right' && row?.kind !== 'startup' ? 2 : 1;
}

export class ViewBuilder {
  readonly #options: ViewOptions;
  #offset = 0;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  build(session: SessionController, size: Size, now: number): View {
    const layout = session.layout(size);
    const rows = visibleRows(session.list, session.ui);
    session.listVisible = layout.list.height > 0;
    const { ui } = session;
    const message = this.#message(session, layout.hint.width);
    const alert = this.#alert(session);
    const attention = ui.dialog !== undefined || ui.whichKey ? 'dialog' : ui.focus === 'list' ? 'list' : 'shell';
    const box = this.#messageBox(message, alert, layout, attention);
    const free = besideBox(layout, box, attention);
    const headerLines = layout.split === 'right' ? 1 : 0;
    const lines: Lines = { room: free.list.height - headerLines, of: (at) => rowHeight(rows[at], layout) };
    // A heading must never take the place of the row that a key would approve.
    const tallest = layout.split === 'right' ? 2 : 1;
    const groups = lines.room > tallest ? groupsOf(rows, session.ui.order, session.ui.ranks) : undefined;
    const shown = this.#window(rows, session, groups, lines);
    session.pageRows = Math.max(1, shown.length - 1);
    const list = this.#list(session, layout, rows, shown, groups, lines, now);
    const peek = ui.focus === 'list' ? this.#peek(session, list, free) : undefined;
    session.rowReadable = peek?.whole !== false;
    const dialog = placeDialog(session, free, this.#options) ?? (peek && { view: peek.view, cursor: undefined });
    const model: ChromeModel = {
      layout,
      color: colorOn(this.#options.color, session.background),
      ascii: this.#options.ascii,
      title: titleView({ ...this.#options, held: session.list.held, denied: session.list.denied }, layout.title.width),
      list,
      message,
      messageBox: box,
      alert,
      waiting: session.list.held,
      hints: currentHints(session, alert),
      dialog: dialog?.view,
    };
    const ages = shown.map((row) => ageChangesIn(now - row.lastAt));
    return {
      model,
      overlays: [dialog?.view, box].filter((one) => one !== undefined).map((one) => one.rect),
      cursor:
        session.shellHasKeys || (ui.focus === 'prefix' && ui.dialog === undefined)
          ? 'pane'
          : (dialog?.cursor ?? scrollCursor(ui, layout)),
      staleIn: ages.length === 0 ? undefined : Math.min(...ages),
    };
  }

  /** Follows the newest rows like a log, until the list has the keyboard: then it only moves to keep the selection in sight. */
  #window(
    rows: readonly DenialRow[],
    session: SessionController,
    groups: readonly Group[] | undefined,
    lines: Lines,
  ): readonly DenialRow[] {
    const last = firstFor(rows.length - 1, groups, lines);
    if (session.ui.focus !== 'list') this.#offset = last;
    else {
      const at = rows.findIndex((row) => row.id === session.ui.selected);
      // Of a row that was unfolded what lies in it comes into sight, as much of it as the row itself leaves room for.
      const end = Math.max(
        at,
        rows.findLastIndex((row) => row.fold?.id === session.ui.selected),
      );
      if (at >= 0) this.#offset = Math.min(at, Math.max(this.#offset, firstFor(end, groups, lines)));
      this.#offset = Math.min(this.#offset, last);
    }
    return rows.slice(this.#offset, this.#offset + rowsFitting(rows.length, groups, this.#offset, lines));
  }

  #messageBox(message: string, alert: string, layout: Layout, attention: Attention): DialogView | undefined {
    const text = plainGlyphs(message, this.#options.ascii);
    if (layout.split === 'tiny' || textWidth(text) <= hintRoom(layout.hint.width, alert)) return undefined;
    return messageBox(text, layout, attention);
  }

  #message(session: SessionController, width: number): string {
    const { scroll } = session.ui;
    const message = messageText(session);
    const under = session.ui.hover;
    if (message === '' && session.ui.dialog === undefined && under !== undefined && scroll?.typing === undefined)
      return `link: ${visibleText(under)}`;
    if (scroll === undefined || session.ui.dialog !== undefined) return message;
    if (scroll.typing !== undefined) {
      // The end is where it is being typed.
      const room = hintRoom(width, this.#alert(session)) - 2;
      return `/${cutMiddle(visibleText(scroll.typing), room)}_`;
    }
    return message === '' && scroll.link !== undefined ? `link: ${visibleText(scroll.link)}` : message;
  }

  #alert(session: SessionController): string {
    const { ui, list } = session;
    if ((ui.focus !== 'shell' && ui.focus !== 'scroll') || ui.dialog !== undefined) return '';
    const { keymap } = session;
    const after = (action: Action): string =>
      keymap.prefix === '' ? 'click here' : `${keyLabel(keymap.prefix)} ${keyFor(keymap, 'prefix', action)}`;
    const keys = after('focus-list');
    if (list.held > 0) return `${list.held} held · ${keys}`;
    if (ui.clipboard !== undefined) return `clipboard asked for · ${after('clipboard')}`;
    return ui.unseen > 0 ? `${ui.unseen} new ${ui.unseen === 1 ? 'denial' : 'denials'} · ${keys}` : '';
  }

  #list(
    session: SessionController,
    layout: Layout,
    rows: readonly DenialRow[],
    shown: readonly DenialRow[],
    groups: readonly Group[] | undefined,
    lines: Lines,
    now: number,
  ): ListView {
    const { ui, list } = session;
    const focused = ui.focus === 'list';
    const below = rows.length - this.#offset - shown.length;
    const room = (layout.split === 'right' ? layout.list.width : layout.divider.width) - HEADER_EDGES;
    const header: Line[number][] = [{ text: NAME, tone: focused ? 'strong' : 'quiet' }];
    if (ui.filtering || ui.filter !== '') {
      const most = room - NAME.length - FILTER_EDGES;
      header.push({ text: ` /${cutStart(visibleText(ui.filter), most)}${ui.filtering ? '_' : ''}`, tone: 'strong' });
    }
    if (ui.order !== 'arrival') header.push({ text: ` · by ${ui.order}`, tone: 'quiet' });
    if (ui.hideMuted) header.push({ text: ' · without what was answered no', tone: 'quiet' });
    if (focused && below > 0) header.push({ text: ` · ${below} below`, tone: 'quiet' });
    if (focused && this.#offset > 0) header.push({ text: ` · ${this.#offset} above`, tone: 'quiet' });
    if (list.forgotten > 0) header.push({ text: ` · ${list.forgotten} not shown`, tone: 'quiet' });
    const used = shown.reduce((sum, row) => sum + rowHeight(row, layout), 0);
    const free = lines.room - used - (groups === undefined ? 0 : shown.length);
    return {
      focused,
      header: wholeSpans(header, room),
      notes: listNotes(session, rows.length, { cols: layout.list.width, rows: free }, this.#options.ascii),
      rows: shown.map((row, i) => {
        const at = this.#offset + i;
        const group = headed(groups, at, this.#offset) ? groups?.[at] : undefined;
        return this.#row(row, focused && row.id === ui.selected, ui.target, group, now);
      }),
    };
  }

  #row(row: DenialRow, selected: boolean, target: Target, group: Group | undefined, now: number): RowView {
    const { home, rules } = this.#options;
    const rule = row.kind === 'startup' ? '' : ruleName(row, rules);
    const wider = selected ? widerNote(row, target) : '';
    return {
      id: row.id,
      selected,
      heading: group && { name: group.name === undefined ? 'newer' : groupName(group.name, home), rows: group.rows },
      member: row.fold !== undefined,
      state: stateText(row),
      verb: row.kind === 'startup' ? '' : verbText(row),
      path: rowPath(row, selected ? target : defaultTarget(row), home),
      // A name is that of one address: an approval of any address is not about it.
      name: row.kind !== 'path' ? '' : wider !== '' ? wider : (row.name?.name ?? ''),
      process: processText(row),
      // The row of the start says both in its first words.
      count: row.kind === 'startup' ? 1 : row.count,
      age: ageText(now - row.lastAt),
      rule,
      shortRule: shortRule(rule),
    };
  }

  /** For a selected row that says less than a key would allow. */
  #peek(session: SessionController, list: ListView, layout: Layout): Peek | undefined {
    const shown = list.rows.find((one) => one.selected);
    const row = selectedRow(session.list, session.ui);
    const { width, height } = layout.list;
    if (shown === undefined || row === undefined || height === 0) return undefined;
    const g = glyphs(this.#options.ascii);
    const columns = layout.split === 'right' ? undefined : columnsFor(list.rows, width, g);
    const cut = !pathIsWhole(shown, width, columns, g);
    const wider = APPROVABLE.has(approvable(row)) ? widerRules(row, session.ui.target) : [];
    if (!cut && wider.length === 0) return undefined;
    const key = keyFor(session.keymap, 'list', 'allow-session');
    const rules = wider.map((rule, i) => `${i === 0 ? `${key}:` : 'and'} ${visibleName(ruleText(rule))}`);
    const whole = isNetPath(row.path) ? `${shown.path} ${widerNote(row, session.ui.target)}`.trimEnd() : shown.path;
    return peekAt(shown.verb === '' ? 'row' : shown.verb, [...(cut ? [whole] : []), ...rules], layout);
  }
}

/** A wait is said for as long as it lasts, since what was asked for is not done yet; with the key that ends it where that is one. */
function messageText({ granter, listHasKeys, keymap, ui }: SessionController): string {
  const { text } = granter.wait;
  // The command line has printed it.
  if (ui.dialog?.kind === 'command') return text === undefined ? ui.message : '';
  if (text === undefined || (ui.message !== '' && !ui.message.startsWith(text))) return ui.message;
  return listHasKeys ? `${text}; ${keyFor(keymap, 'list', 'back')} gives up` : text;
}

function scrollCursor(ui: Ui, layout: Layout): View['cursor'] {
  if (ui.scroll === undefined || ui.scroll.typing !== undefined || ui.dialog !== undefined) return 'hidden';
  const { x, y } = ui.scroll.cursor;
  return { x: layout.pane.x + x, y: layout.pane.y + y };
}

/** What fits as a whole, in this order. */
function wholeSpans(line: Line, width: number): Line {
  let room = width;
  return line.filter((one) => {
    const fits = textWidth(one.text) <= room;
    if (fits) room -= textWidth(one.text);
    return fits;
  });
}

/** A directory ends in a slash, as everywhere. */
function groupName(name: string, home: string): string {
  const text = pathText(name, home);
  return name.startsWith('/') && !name.endsWith('/') ? `${text}/` : text;
}

function rowPath(row: DenialRow, target: Target, home: string): string {
  if (row.kind === 'startup') return `${row.count} denied during start-up`;
  if (isNetPath(row.path)) return netRowText(row, target);
  if (row.kind === 'fold')
    return `${pathText(row.path, home)}/ (${row.distinct} ${row.distinct === 1 ? 'path' : 'paths'})`;
  if (target !== 'directory' || isDirectory(row)) return targetText(row, home);
  // The selected row shows what a directory approval would cover.
  const { other } = row;
  const text = other === undefined ? pathText : sideText;
  const all = (path: string): string => `${text(path.slice(0, path.lastIndexOf('/') + 1), home)}*`;
  if (other === undefined) return all(spelling(row));
  const beside = other.allowed ? sideText(spelling(other), home) : all(spelling(other));
  return other.first ? `${beside} -> ${all(spelling(row))}` : `${all(spelling(row))} -> ${beside}`;
}

/** The endpoint of a row that is widened beyond the one that was asked for. */
function widened({ net }: DenialRow, target: Target): NetEndpoint | undefined {
  return net && (target === 'host' || target === 'port') ? scopedEndpoint(net, target) : undefined;
}

/** In words what the path of the row says with a star: those may be cut, the path stays in sight. */
function widerNote(row: DenialRow, target: Target): string {
  const endpoint = widened(row, target);
  if (endpoint !== undefined) return scopeNote(endpoint);
  return target === 'directory' && !isNetPath(row.path) && !isDirectory(row) ? '(directory)' : '';
}

function netRowText(row: DenialRow, target: Target): string {
  if (row.kind === 'fold') return netFoldText(row.path, row.distinct);
  const endpoint = widened(row, target);
  // The verb has its own column.
  return endpoint === undefined ? targetText(row, '') : scopeTarget(endpoint);
}
