/** The mouse where the program in the pane has not asked for it: the wheel looks back, a drag selects and copies. It approves nothing and presses no key of
 * the chrome. Over a link its address is shown. With Shift, terminals keep the mouse to themselves. */
import { contains, type Rect } from '../../terminal/geometry.ts';
import type { InnerModes } from '../../terminal/inner-modes.ts';
import { isHover, isPress, type MouseReport } from '../../terminal/mouse.ts';
import type { SessionController } from '../controller.ts';

export interface PaneMouseDoors {
  readonly session: SessionController;
  readonly pane: () => Rect;
  readonly modes: () => InnerModes;
  /** A full-screen program has its own screen: then the wheel is arrow keys, as in xterm. */
  readonly alternate: () => boolean;
  readonly toShell: (bytes: Uint8Array) => void;
  /** The address of the link in a cell of the pane, as the program has it on the screen. */
  readonly link: (x: number, y: number) => string | undefined;
  /** Whether it is the border's, which is dragged. */
  readonly border: (report: MouseReport) => boolean;
  /** A press beside the pane; only where no key leads there. */
  readonly beside: (x: number, y: number) => void;
}

const MOTION = 32;
const WHEEL = 64;
const LINES = 3;
const CLICK_MS = 400;

/** Takes reports in screen coordinates. */
export function paneMouse(doors: PaneMouseDoors): (report: MouseReport) => void {
  const { session } = doors;
  let pressed: { readonly x: number; readonly y: number } | undefined;
  let pressedAt = 0;
  let clicks = 0;
  let held = false;
  let selecting = false;
  /** The selection opened the scrollback, so its end closes it. */
  let opened = false;

  const wheel = (up: boolean): void => {
    const view = session.ui.scroll;
    if (view !== undefined) {
      view.scroll(up ? -LINES : LINES);
      if (!up && view.behind === 0 && !view.selecting && view.typing === undefined) session.closeScroll();
    } else if (doors.alternate()) {
      const arrow = `\x1b${doors.modes().applicationCursor ? 'O' : '['}${up ? 'A' : 'B'}`;
      doors.toShell(Buffer.from(arrow.repeat(LINES)));
    } else if (up && session.openScroll() && session.ui.scroll?.history === 0) session.closeScroll();
    else session.ui.scroll?.scroll(-LINES);
  };

  /** A second press in the same place selects the word, a third the line. */
  const press = (x: number, y: number): void => {
    const now = session.options.now();
    clicks = pressed?.x === x && pressed.y === y && now - pressedAt < CLICK_MS ? (clicks % 3) + 1 : 1;
    pressed = { x, y };
    pressedAt = now;
    if (clicks === 1) session.ui.scroll?.pointAt(x, y);
    else if (begin(x, y)) {
      if (clicks === 2) session.ui.scroll?.selectWord();
      else session.ui.scroll?.toggleSelection(true);
    }
  };

  const begin = (x: number, y: number): boolean => {
    opened = session.ui.scroll === undefined;
    if (opened && !session.openScroll()) return false;
    session.ui.scroll?.clearSelection();
    session.ui.scroll?.pointAt(x, y);
    selecting = true;
    return true;
  };

  const drag = (x: number, y: number): void => {
    if (!held || pressed === undefined || (clicks > 1 && pressed.x === x && pressed.y === y)) return;
    if (!selecting) {
      if (!begin(pressed.x, pressed.y)) return;
      session.ui.scroll?.toggleSelection(false);
    }
    session.ui.scroll?.pointAt(x, y);
  };

  const release = (): void => {
    const view = session.ui.scroll;
    if (selecting && view?.selecting) session.clipboard.copy(view.selected());
    if (selecting && opened) session.closeScroll();
    held = false;
    selecting = false;
  };

  return (report) => {
    const { focus, dialog } = session.ui;
    if (dialog !== undefined || (focus !== 'shell' && focus !== 'scroll')) return;
    if (doors.border(report)) return;
    const pane = doors.pane();
    const x = report.x - pane.x;
    const y = report.y - pane.y;
    const inside = contains(pane, report.x, report.y);
    if (isHover(report)) {
      session.hover(
        inside ? (session.ui.scroll?.linkAt(x, y) ?? (session.ui.scroll ? undefined : doors.link(x, y))) : undefined,
      );
      return;
    }
    if (!inside && isPress(report) && report.button === 0) {
      doors.beside(report.x, report.y);
      return;
    }
    if ((report.button & WHEEL) !== 0) {
      if (!inside || (report.button & 3) > 1) return;
      wheel((report.button & 1) === 0);
    } else if ((report.button & 3) !== 0 && !report.release) return;
    else if (report.release) release();
    else if ((report.button & MOTION) !== 0)
      drag(Math.min(Math.max(x, 0), pane.width - 1), Math.min(Math.max(y, -1), pane.height));
    else if (inside) {
      held = true;
      press(x, y);
    }
    session.options.changed(true);
  };
}
