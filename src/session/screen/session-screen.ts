/** Keeps the screen in step with the session: draws the chrome when something changed, and tells the arming what the user can have seen. */
import { Compositor, type Scene } from '../../terminal/compositor.ts';
import type { Clock } from '../../terminal/flush-scheduler.ts';
import type { Size } from '../../terminal/geometry.ts';
import type { OuterTerminal } from '../../terminal/outer-terminal.ts';
import type { PaneEvents } from '../../terminal/pane-screen.ts';
import { ScrollView } from '../../terminal/scroll-view.ts';
import type { Arming } from '../approval/arming.ts';
import type { SessionController } from '../controller.ts';
import { BetweenKeys } from './between-keys.ts';
import type { ChromeHandle, ChromeModule } from './chrome-model.ts';
import { firstFrame } from './first-frame.ts';
import { paneSize } from './layout.ts';
import { type View, ViewBuilder, type ViewOptions } from './view.ts';

export interface SessionScreenOptions {
  readonly terminal: OuterTerminal;
  readonly clock: Clock;
  readonly arming: Arming;
  readonly session: SessionController;
  readonly view: ViewOptions;
  readonly paneEvents: PaneEvents;
  readonly scrollback?: number | undefined;
  readonly now: () => number;
}

/** Rows and ages may come in hundreds a second; the eye needs a few. A held call does not wait for this. */
const CHROME_SPACING_MS = 50;
const URGENT_SPACING_MS = 16;
const SCROLLBACK = 2000;

export class SessionScreen {
  readonly compositor: Compositor;
  readonly #options: SessionScreenOptions;
  readonly #builder: ViewBuilder;
  readonly #betweenKeys: BetweenKeys;
  #size: Size;
  #chrome: ChromeHandle | undefined;
  #lines: readonly string[] = [];
  #version = 0;
  #lastRender = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #due = 0;
  #cancelAge: () => void = () => {};
  #stopped = false;
  #afterFrame: (() => void) | undefined;

  constructor(options: SessionScreenOptions) {
    this.#options = options;
    this.#builder = new ViewBuilder(options.view);
    this.#betweenKeys = new BetweenKeys(options.clock);
    this.#size = options.terminal.size();
    this.compositor = new Compositor({
      terminal: options.terminal,
      clock: options.clock,
      scene: this.#scene([], 'pane'),
      paneSize: paneSize(this.#size, options.session.ui.layout),
      paneEvents: options.paneEvents,
      scrollback: options.scrollback ?? SCROLLBACK,
    });
    this.compositor.onFlushed((version) => this.#flushed(version));
    this.#render();
  }

  /** Runs once, when the terminal has taken a frame that was sent after this call. */
  afterNextFrame(run: () => void): void {
    this.#afterFrame = run;
  }

  get size(): Size {
    return this.#size;
  }

  /** From now on Ink draws. `failed` is called when it cannot go on; the pane lives on. */
  mount(module: ChromeModule, failed: (error: Error) => void): void {
    if (this.#stopped) return;
    const view = this.#build();
    let works = true;
    const chrome = module.mountChrome({
      cols: this.#size.cols,
      rows: this.#size.rows,
      model: view.model,
      onFrame: (lines) => {
        this.#lines = lines;
      },
      onError: (error) => {
        works = false;
        this.#chrome = undefined;
        failed(error);
      },
    });
    // It may have failed in its first frame, in which then is nothing.
    if (works) this.#chrome = chrome;
    else this.#lines = firstFrame(view.model);
    this.#present(view);
  }

  resize(size: Size): void {
    this.#size = size;
    this.#chrome?.resize(size.cols, size.rows);
    this.#render();
    this.compositor.repaint();
  }

  /** The layout is another one; drawn at once, so that the shell's terminal and its place change together. */
  relayout(): void {
    this.#render();
  }

  /** The pane's scrollback as it is now; undefined while there is no pane. */
  lookBack(): ScrollView | undefined {
    const { pane, paneShown } = this.#options.session.layout(this.#size);
    return paneShown ? new ScrollView(this.compositor.pane.lookBack(), pane.width, pane.height) : undefined;
  }

  /** A key went to the shell: its echo is waited for. */
  keySent(): void {
    this.#betweenKeys.key();
    this.compositor.keySent();
  }

  /** Draws the chrome soon; at once when `urgent`. */
  refresh(urgent: boolean): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const now = clock.now();
    const due = Math.max(now, this.#lastRender + (urgent ? URGENT_SPACING_MS : CHROME_SPACING_MS));
    if (this.#cancel !== undefined) {
      if (this.#due === Number.POSITIVE_INFINITY ? !urgent : due >= this.#due) return;
      this.#cancel();
    }
    this.#due = due;
    const run = (): void => {
      this.#cancel = undefined;
      this.#render();
    };
    const start = (): void => {
      if (urgent || !this.#betweenKeys.typing) run();
      else {
        // Later than anything urgent.
        this.#due = Number.POSITIVE_INFINITY;
        this.#cancel = this.#betweenKeys.wait(run);
      }
    };
    this.#cancel = due <= now ? clock.immediate(start) : clock.timeout(start, Math.ceil(due - now));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancelAge();
    this.compositor.stop();
    this.#chrome?.unmount();
    this.#chrome = undefined;
  }

  #flushed(version: number): void {
    this.#options.arming.flushed(version);
    this.#betweenKeys.shown();
    const run = this.#afterFrame;
    this.#afterFrame = undefined;
    run?.();
  }

  #scene(overlays: Scene['overlays'], cursor: Scene['cursor']): Scene {
    const layout = this.#options.session.layout(this.#size);
    return { size: this.#size, pane: layout.paneShown ? layout.pane : undefined, overlays, cursor };
  }

  #render(): void {
    if (this.#stopped) return;
    const view = this.#build();
    if (this.#chrome === undefined) this.#lines = firstFrame(view.model);
    else this.#chrome.render(view.model);
    this.#present(view);
  }

  #build(): View {
    return this.#builder.build(this.#options.session, this.#size, this.#options.now());
  }

  /** Hands what was drawn to the compositor, and what it means to the arming. */
  #present(view: View): void {
    const { clock, session, arming } = this.#options;
    this.#version += 1;
    // Without Ink there is no list: nothing that is not shown can be approved.
    arming.drawn(this.#version, this.#chrome === undefined ? '' : session.armKey());
    this.compositor.setScene(this.#scene(this.#chrome === undefined ? [] : view.overlays, view.cursor));
    const { scroll, mouse } = session.ui;
    const { pane } = session.layout(this.#size);
    scroll?.fit(pane.width, pane.height);
    this.compositor.setMouse(mouse);
    this.compositor.setScroll(scroll);
    this.compositor.chromeFrame(this.#lines, this.#version);
    this.#lastRender = clock.now();
    this.#cancelAge();
    if (view.staleIn !== undefined)
      this.#cancelAge = clock.timeout(() => this.refresh(false), Math.max(1000, view.staleIn));
  }
}
