/** The border between pane and list, taken with the mouse: the list gets the size that it is dragged to. */
import { contains, type Size } from '../../terminal/geometry.ts';
import { isHover, isPress, type MouseReport } from '../../terminal/mouse.ts';
import type { SessionController } from '../controller.ts';
import { withListSize } from './layout-keys.ts';

export interface BorderDoors {
  readonly session: SessionController;
  readonly size: () => Size;
  /** Pressed and let go where it was. */
  readonly clicked: (x: number, y: number) => void;
}

const WHEEL = 64;
/** A pointer reports every cell that it crosses; each size is a frame, and a SIGWINCH inside. */
const SPACING_MS = 40;

export class BorderDrag {
  readonly #doors: BorderDoors;
  #held = false;
  #moved = false;
  /** Where the pointer is, while that waits for its turn. */
  #newest: MouseReport | undefined;
  #cancel: (() => void) | undefined;

  constructor(doors: BorderDoors) {
    this.#doors = doors;
  }

  /** Whether the report is the border's, and nobody else's. */
  take(report: MouseReport): boolean {
    if (isPress(report)) {
      this.#end();
      this.#held = report.button === 0 && this.#isBorder(report);
      this.#moved = false;
      return this.#held;
    }
    if (!this.#held || (report.button & WHEEL) !== 0) return false;
    if (report.release || isHover(report)) {
      if (report.release && !this.#moved) this.#doors.clicked(report.x, report.y);
      this.#end();
      this.#held = false;
    } else {
      this.#moved = true;
      this.#newest = report;
      if (this.#cancel === undefined) this.#follow();
    }
    return true;
  }

  #isBorder({ x, y }: MouseReport): boolean {
    const { session, size } = this.#doors;
    const { divider, split, paneShown } = session.layout(size());
    return session.ui.mouse && paneShown && (split === 'right' || split === 'bottom') && contains(divider, x, y);
  }

  /** To where the pointer is now, and after a while to where it is then. */
  #follow(): void {
    this.#cancel = undefined;
    if (!this.#apply()) return;
    this.#cancel = this.#doors.session.options.clock.timeout(() => this.#follow(), SPACING_MS);
  }

  #apply(): boolean {
    const to = this.#newest;
    this.#newest = undefined;
    if (to === undefined) return false;
    const { session } = this.#doors;
    const size = this.#doors.size();
    const { split, hint } = session.layout(size);
    const wanted = split === 'right' ? size.cols - 1 - to.x : hint.y - 1 - to.y;
    session.setLayout(withListSize(session.ui.layout, size, wanted));
    return true;
  }

  #end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#apply();
  }
}
