/** A dialog on the screen: its lines, cut to pages or scrolled to what is being typed, and the place that they take. */
import type { Rect } from '../../terminal/geometry.ts';
import { textWidth } from '../../terminal/visible-text.ts';
import type { SessionController } from '../controller.ts';
import { whichKeyView } from '../input/which-key.ts';
import type { KeyContext } from '../keys/binding.ts';
import { keyFor } from '../keys/key-words.ts';
import type { RuleTables } from '../rows/row-text.ts';
import type { DialogView, Line } from '../screen/chrome-model.ts';
import { dialogRect, type Layout } from '../screen/layout.ts';
import type { Dialog } from '../screen/ui-state.ts';
import type { DialogText } from './dialog-text.ts';
import { dialogText } from './dialog-view.ts';
import { isPaged } from './pages.ts';
import { lineWidth } from './wrapped-lines.ts';

const DIALOG_WIDTH = 76;
const CONSOLE_WIDTH = 112;
const LEAST_WIDTH = 30;
/** Border and blanks around the title. */
const TITLE_EDGES = 6;

export interface PlacedDialog {
  readonly view: DialogView;
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}

/** What lies over pane and list; tells the session whether it can be read, and its pages. */
export function placeDialog(
  session: SessionController,
  layout: Layout,
  { rules, profile }: { readonly rules: RuleTables; readonly profile: string },
): PlacedDialog | undefined {
  const { dialog, target } = session.ui;
  session.dialogReadable = false;
  if (layout.split === 'tiny') return undefined;
  if (dialog === undefined)
    return session.ui.whichKey
      ? { view: whichKeyView(session.keymap, layout, session.options.cursorRow?.() ?? 0), cursor: undefined }
      : undefined;
  const width = Math.min(dialog.kind === 'command' ? CONSOLE_WIDTH : DIALOG_WIDTH, layout.size.cols - 4);
  const height = layout.size.rows - 4;
  const { notices, console, keymap } = session;
  const text = dialogText(dialog, { rules, target, profile, notices, console, keymap, width, height });
  session.dialogReadable = true;
  if (text.page !== undefined) session.pageRows = Math.max(1, text.page);
  const paged = isPaged(dialog) && text.lines.length > height;
  // Pages are all of one size.
  const { columns: least = LEAST_WIDTH, lines: leastLines = 0 } = text.least ?? {};
  const wanted = Math.max(...text.lines.map(lineWidth), textWidth(text.title) + 2, paged ? width : least);
  const centred = dialogRect(layout, wanted, Math.max(text.lines.length, leastLines));
  // A command line stands at the bottom, and what it prints grows upwards.
  const rect = dialog.kind === 'command' ? { ...centred, y: layout.size.rows - 1 - centred.height } : centred;
  const room = rect.height - 2;
  const { title } = text;
  if (text.follow !== undefined) {
    const { lines, below } = following(text, room);
    return { view: { rect, title: withBelow(title, below, rect), lines }, cursor: textCursor(text, rect, 0) };
  }
  if (isPaged(dialog)) return { view: { rect, ...page(session, dialog, text, rect) }, cursor: undefined };
  // A line that is being typed stays in sight.
  const most = Math.max(0, text.lines.length - room);
  const scroll = Math.min(most, text.cursor?.line ?? most);
  const lines = text.lines.slice(scroll, scroll + room);
  const below = text.lines.length - scroll - lines.length;
  return { view: { rect, title: withBelow(title, below, rect), lines }, cursor: textCursor(text, rect, scroll) };
}

function page(session: SessionController, { kind }: Dialog, { title, lines }: DialogText, rect: Rect) {
  const room = rect.height - 2;
  const count = Math.max(1, Math.ceil(lines.length / room));
  const at = session.pages.show(JSON.stringify([kind, lines]), count);
  if (count === 1) return { title, lines };
  const where = `${at + 1} of ${count} · ${keyFor(session.keymap, kind as KeyContext, 'page-down')}`;
  return { title: titled(title, where, rect), lines: lines.slice(at * room, (at + 1) * room) };
}

/** The question itself stands in the lines; that there are more of them must not be cut, so that words of the title are left out for it. */
function titled(title: string, more: string, { width }: Rect): string {
  const words = title.split(' ');
  while (words.length > 0 && textWidth(`${words.join(' ')} · ${more}`) > width - TITLE_EDGES) words.pop();
  return words.length === 0 ? more : `${words.join(' ')} · ${more}`;
}

/** What is not seen is said to be there. */
function withBelow(title: string, lines: number, rect: Rect): string {
  return lines > 0 ? titled(title, `${lines} more below`, rect) : title;
}

/** The first two lines, and as much of the rest as holds the line that is to be seen. */
function following(text: DialogText, room: number): { readonly lines: readonly Line[]; readonly below: number } {
  const fixed = text.lines.slice(0, 2);
  const rest = text.lines.slice(2);
  const left = Math.max(1, room - 2);
  const end = Math.min(rest.length, Math.max(left, (text.follow ?? 0) + Math.min(left, 3)));
  return { lines: [...fixed, ...rest.slice(Math.max(0, end - left), end)], below: rest.length - end };
}

function textCursor(text: DialogText, rect: Rect, scroll: number): { x: number; y: number } | undefined {
  if (text.cursor === undefined || text.cursor.line < scroll) return undefined;
  return { x: rect.x + 2 + text.cursor.column, y: rect.y + 1 + text.cursor.line - scroll };
}
