/** Keeps the screen, the pane and the shell's terminal of one size when the window or the layout changes. */
import type { Size } from '../../terminal/geometry.ts';
import type { Pty } from '../../terminal/pty.ts';
import { type LayoutWish, paneSize } from './layout.ts';
import type { SessionScreen } from './session-screen.ts';

const SETTLE_MS = 50;

export interface PaneFitOptions {
  readonly screen: () => SessionScreen | undefined;
  readonly pty: Pick<Pty, 'resize'>;
  readonly layout: () => LayoutWish;
  readonly window: () => Size;
  readonly after: (ms: number, run: () => void) => void;
}

export class PaneFit {
  readonly #options: PaneFitOptions;

  constructor(options: PaneFitOptions) {
    this.#options = options;
  }

  windowChanged(): void {
    this.window();
    // The last of a storm of sizes may come without a signal of its own.
    this.#options.after(SETTLE_MS, () => this.window());
  }

  /** To the size that the window has now. */
  window(): void {
    const { window, layout, pty } = this.#options;
    const screen = this.#options.screen();
    const size = window();
    if (screen === undefined || (size.cols === screen.size.cols && size.rows === screen.size.rows)) return;
    screen.resize(size);
    pty.resize(paneSize(size, layout()));
  }

  /** To another layout in the same window. */
  layout(): void {
    const { layout, pty } = this.#options;
    const screen = this.#options.screen();
    if (screen === undefined) return;
    screen.relayout();
    pty.resize(paneSize(screen.size, layout()));
  }
}
