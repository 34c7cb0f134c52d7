/** The mouse where the program in the pane has not asked for it: the wheel looks back, a drag selects and copies. It approves nothing and presses no key of
 * the chrome. With Shift, terminals keep the mouse to themselves. */
import { contains, type Rect } from '../terminal/geometry.ts';
import type { InnerModes } from '../terminal/inner-modes.ts';
import type { MouseReport } from '../terminal/mouse.ts';
import type { SessionController } from './controller.ts';

export interface PaneMouseDoors {
  readonly session: SessionController;
  readonly pane: () => Rect;
  readonly modes: () => InnerModes;
  /** A full-screen program has its own screen: then the wheel is arrow keys, as in xterm. */
  readonly alternate: () => boolean;
  readonly toShell: (bytes: Uint8Array) => void;
}

const MOTION = 32;
const WHEEL = 64;
const LINES = 3;

/** Takes reports in screen coordinates. */
export function paneMouse(doors: PaneMouseDoors): (report: MouseReport) => void {
  const { session } = doors;
  let pressed: { readonly x: number; readonly y: number } | undefined;
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

  const drag = (x: number, y: number): void => {
    if (pressed === undefined) return;
    if (!selecting) {
      opened = session.ui.scroll === undefined;
      if (opened && !session.openScroll()) return;
      session.ui.scroll?.clearSelection();
      session.ui.scroll?.pointAt(pressed.x, pressed.y);
      session.ui.scroll?.toggleSelection(false);
      selecting = true;
    }
    session.ui.scroll?.pointAt(x, y);
  };

  const release = (): void => {
    const view = session.ui.scroll;
    if (selecting && view !== undefined) session.copy(view.selected());
    if (selecting && opened) session.closeScroll();
    pressed = undefined;
    selecting = false;
  };

  return (report) => {
    const { focus, dialog } = session.ui;
    if (dialog !== undefined || (focus !== 'shell' && focus !== 'scroll')) return;
    const pane = doors.pane();
    const x = report.x - pane.x;
    const y = report.y - pane.y;
    const inside = contains(pane, report.x, report.y);
    if ((report.button & WHEEL) !== 0) {
      if (!inside || (report.button & 3) > 1) return;
      wheel((report.button & 1) === 0);
    } else if ((report.button & 3) !== 0 && !report.release) return;
    else if (report.release) release();
    else if ((report.button & MOTION) !== 0)
      drag(Math.min(Math.max(x, 0), pane.width - 1), Math.min(Math.max(y, -1), pane.height));
    else if (inside) {
      pressed = { x, y };
      session.ui.scroll?.pointAt(x, y);
    }
    session.options.changed(true);
  };
}
