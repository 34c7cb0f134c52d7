/** The session behind the screen: takes supervisor events and keys, keeps the rows and the ui, sends commands. Knows no terminal and no Ink. */
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import type { Size } from '../terminal/geometry.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { defaultTarget } from './approval/approvals.ts';
import { armKey } from './approval/arm-key.ts';
import { Asking } from './approval/asking.ts';
import { Granter } from './approval/granter.ts';
import { Console } from './console/console.ts';
import type { ControllerOptions } from './controller-options.ts';
import { Pages } from './dialog/pages.ts';
import { changedLayout } from './input/layout-keys.ts';
import { takeKey } from './input/take-key.ts';
import type { Action } from './keys/binding.ts';
import { withKeys } from './keys/key-words.ts';
import { defaultKeymap, type Keymap } from './keys/keymap.ts';
import { takeNews } from './life/supervisor-news.ts';
import type { Background } from './outer/background.ts';
import { SessionClipboard } from './pane/session-clipboard.ts';
import { askers, type Caller, type DenialRow } from './rows/denial-row.ts';
import { DenialList } from './rows/denials.ts';
import { Refusals } from './rows/refusals.ts';
import { nextOrder, ranksOf } from './rows/row-order.ts';
import { type Layout, type LayoutWish, layoutFor } from './screen/layout.ts';
import {
  type Asker,
  contextOf,
  initialUi,
  moved,
  nearestShown,
  nextHeld,
  selectedRow,
  type Ui,
  visibleRows,
} from './screen/ui-state.ts';

const MESSAGE_MS = 6000;
/** Those who know the key never see the list of keys. */
const WHICH_KEY_MS = 400;

export class SessionController {
  readonly options: ControllerOptions;
  readonly list: DenialList;
  readonly ui: Ui = initialUi();
  readonly granter: Granter;
  readonly clipboard: SessionClipboard;
  readonly keymap: Keymap;
  /** What the terminal said about itself, or the user did. */
  background: Background | undefined;
  readonly refusals = new Refusals();
  readonly asking: Asking;
  /** The command line, from its first use on. */
  console: Console | undefined;
  /** What the supervisor said about this session as a whole; the help shows all of it. */
  readonly notices: string[] = [];
  /** How far a page goes in what has the keyboard, told by the view. */
  pageRows = 10;
  /** Those of the open dialog. */
  readonly pages = new Pages();
  /** Whether the open dialog is on the screen at all, told by the view; otherwise it cannot be answered with yes. */
  dialogReadable = false;
  /** Whether what the selected row is about is on the screen as a whole, told by the view; otherwise nothing is allowed from it. */
  rowReadable = true;
  /** Whether there is room for the list at all. */
  listVisible = true;
  #cancelMessage: () => void = () => {};
  #cancelWhichKey: () => void = () => {};
  #fromConsole = false;

  constructor(options: ControllerOptions) {
    this.options = options;
    this.keymap = options.keymap ?? defaultKeymap;
    this.ui.layout = options.layout ?? this.ui.layout;
    this.ui.mouse = options.mouse ?? true;
    this.list = new DenialList(options.nameServers);
    this.notices.push(...(options.opening ?? []));
    this.asking = new Asking(options.send);
    this.granter = new Granter(this);
    this.clipboard = new SessionClipboard(this);
  }

  /** More of what `opening` says. */
  found(notices: readonly string[]): void {
    this.notices.unshift(...notices);
  }

  get shellHasKeys(): boolean {
    return this.ui.focus === 'shell' && this.ui.dialog === undefined;
  }

  /** Whether the next key is one of the list. */
  get listHasKeys(): boolean {
    return this.ui.focus === 'list' && this.ui.dialog === undefined;
  }

  /** The shell is ready for the user: calls outside the grants are held from now on. */
  startAsking(): void {
    if (this.asking.begun) return;
    this.list.startupOver();
    this.asking.begin();
    this.options.changed(false);
  }

  listFailed(error: Error): void {
    this.asking.listFailed();
    this.say(`the list cannot be shown, nothing can be approved: ${error.message}`);
  }

  event(event: SupervisorEvent): void {
    takeNews(this, event);
  }

  /** Opens the page of a row. */
  showRow(row: DenialRow): void {
    const read = ({ pid }: Caller): Asker => ({ pid, process: this.options.readProcess(pid) });
    this.ui.dialog = { kind: 'details', row, askers: row.kind === 'path' ? askers(row).map(read) : [] };
  }

  /** Everything that an approval given now would depend on; the same string must have been on the screen for a while. */
  armKey(): string {
    return armKey(this);
  }

  prefix(): void {
    this.ui.focus = 'prefix';
    this.ui.sizing = false;
    this.ui.hover = undefined;
    this.#clearMessage();
    this.#cancelWhichKey();
    this.#cancelWhichKey = this.options.clock.timeout(() => {
      this.ui.whichKey = this.ui.focus === 'prefix';
      this.options.changed(false);
    }, WHICH_KEY_MS);
    this.options.changed(true);
  }

  /** Carries out a key. 'shell' when it is none of ours after all. */
  key(name: string): 'shell' | undefined {
    this.#clearMessage();
    this.#closeWhichKey();
    return takeKey(this, name);
  }

  /** To another page of the open dialog. */
  turnPage(by: number): void {
    this.pages.turn(by, this.options.arming.accepts(this.armKey()));
  }

  /** Pasted text is never a command; only the filter takes it as text. */
  pasted(text: string): void {
    this.#closeWhichKey();
    if (this.ui.focus === 'prefix') this.ui.focus = 'shell';
    if (contextOf(this.ui) === 'filter') this.setFilter(this.ui.filter + text.replace(/[\r\n].*/s, '').slice(0, 200));
    else if (this.ui.dialog?.kind === 'command') this.console?.type(text.replace(/[\r\n].*/s, ''));
    else this.say('pasted text is not taken as keys');
    this.options.changed(true);
  }

  /** The link under the mouse. */
  hover(address: string | undefined): void {
    if (this.ui.hover === address) return;
    this.ui.hover = address;
    this.options.changed(true);
  }

  /** The last command back at the prompt. Enter is left to the user: it may not be the one that was denied. */
  again(): void {
    const problem = this.options.again === undefined ? 'no command can be brought back here' : this.options.again();
    if (problem !== undefined) {
      this.say(problem);
      return;
    }
    this.focusShell();
    this.say('the last command is back: Enter runs it');
  }

  setFilter(filter: string): void {
    this.ui.filter = filter;
    this.keepSelection();
  }

  /** A selected row that is no longer shown gives way to the one beside it. */
  keepSelection(): void {
    this.select(nearestShown(this.list, this.ui));
  }

  /** The next order, over the rows there are now; the selection stays on its row. */
  sortRows(): void {
    this.ui.order = nextOrder(this.ui.order);
    this.ui.ranks = this.ui.order === 'arrival' ? undefined : ranksOf(this.list.rows, this.ui.order);
    const { order } = this.ui;
    const how = order === 'count' ? 'sorted' : 'grouped';
    this.say(order === 'arrival' ? 'in the order of arrival' : `${how} by ${order}; newer rows come below`);
  }

  select(id: number | undefined): void {
    if (id === this.ui.selected) return;
    this.ui.selected = id;
    const row = selectedRow(this.list, this.ui);
    if (row !== undefined) this.ui.target = defaultTarget(row);
  }

  focusList(): void {
    const { ui } = this;
    const rows = visibleRows(this.list, ui);
    ui.focus = 'list';
    ui.unseen = 0;
    this.select(nextHeld(rows, undefined) ?? moved(rows, undefined, 0));
  }

  /** Shows the scrollback in place of the screen. False when that cannot be. */
  openScroll(): boolean {
    this.ui.scroll = this.options.lookBack?.();
    if (this.ui.scroll !== undefined) this.ui.focus = 'scroll';
    return this.ui.scroll !== undefined;
  }

  closeScroll(): void {
    this.ui.scroll = undefined;
    if (this.ui.focus === 'scroll') this.ui.focus = 'shell';
  }

  /** Opens the command line over the pane; where it was left, if it was open before. */
  openConsole(): void {
    const { doors } = this.options;
    if (doors === undefined) {
      this.say('there is no command line here');
      return;
    }
    this.console ??= new Console({ session: this, doors }, () => this.options.changed(true));
    this.ui.dialog = { kind: 'command' };
    this.#fromConsole = true;
  }

  closeConsole(): void {
    this.#fromConsole = false;
    this.ui.dialog = undefined;
  }

  /** Closes a dialog; one that the command line opened leads back to it. */
  closeDialog(): void {
    this.ui.dialog = this.#fromConsole && this.ui.dialog?.kind !== 'command' ? { kind: 'command' } : undefined;
  }

  /** No to everything at and below a path: what waits now, and what will be asked. */
  refuse(path: string): void {
    this.refusals.add(path);
    for (const row of this.list.all()) {
      if (!this.refusals.mute(row)) continue;
      for (const holdId of row.holds.keys()) this.options.send({ type: 'verdict', holdId, allow: false });
    }
  }

  /** Takes such a no back; whether there was one. */
  askAgain(path: string): boolean {
    return this.refusals.remove(path, this.list.all());
  }

  /** What is on a screen of this size now. A hidden list that has the keyboard covers the shell, which is not resized for that. */
  layout(size: Size): Layout {
    const { layout, focus } = this.ui;
    const covered = focus === 'list' && (layout.hidden || layout.zoom === 'shell');
    return layoutFor(size, covered ? { ...layout, zoom: 'list' } : layout);
  }

  /** Carries out a key of the layout; false when it is none. */
  changeLayout(action: Action | undefined): boolean {
    const size = this.options.screenSize?.();
    const wish = size === undefined ? undefined : changedLayout(this.ui.layout, action, size);
    if (wish === undefined) return false;
    this.setLayout(wish);
    return true;
  }

  setLayout(wish: LayoutWish): void {
    this.ui.layout = wish;
    this.options.layoutChanged?.();
  }

  focusShell(): void {
    if (this.ui.layout.zoom === 'list') this.changeLayout('zoom-list');
    this.#fromConsole = false;
    this.ui.focus = 'shell';
    this.ui.scroll = undefined;
    this.ui.dialog = undefined;
    this.ui.filtering = false;
    this.ui.unseen = 0;
  }

  /** One line for the user, in place of the hints. Names in it may hold anything. */
  say(text: string): void {
    const message = visibleText(text);
    if (this.#fromConsole) this.console?.print({ text: message, tone: 'plain' });
    this.ui.message = message;
    this.#cancelMessage();
    this.#cancelMessage = this.options.clock.timeout(() => {
      this.ui.message = '';
      this.options.changed(false);
    }, MESSAGE_MS);
    this.options.changed(false);
  }

  /** A fixed line that names keys by their actions. */
  sayKeys(template: string): void {
    this.say(withKeys(template, this.keymap));
  }

  stop(): void {
    this.#cancelMessage();
    this.#cancelWhichKey();
    this.options.arming.stop();
  }

  #closeWhichKey(): void {
    this.#cancelWhichKey();
    this.ui.whichKey = false;
  }

  #clearMessage(): void {
    this.#cancelMessage();
    this.ui.message = '';
  }

  suspend(): void {
    this.focusShell();
    const problem = this.options.suspend === undefined ? 'this session cannot be suspended' : this.options.suspend();
    if (problem !== undefined) this.sayKeys(problem);
  }
}
