/** One grid, one writer: the pane's cells and the chrome's cells are put together, compared with what the terminal shows, and only the difference is
 * sent, as one synchronised frame. Nothing that the sandboxed program prints reaches the terminal in any other way. */
import { CellGrid, ClusterTable, mendWideCells } from './cells.ts';
import { ChromeScreen } from './chrome-screen.ts';
import { type Clock, FlushScheduler } from './flush-scheduler.ts';
import { contains, type Rect, type Size, sameRect, sameRects } from './geometry.ts';
import { type InnerModes, modeChange, plainModes } from './inner-modes.ts';
import type { OuterTerminal } from './outer-terminal.ts';
import type { OuterWidths } from './outer-widths.ts';
import { type Cursor, FramePainter } from './painter.ts';
import { type PaneEvents, PaneScreen } from './pane-screen.ts';
import type { ScrollView } from './scroll-view.ts';

/** What a frame is made of, set by the session. */
export interface Scene {
  readonly size: Size;
  /** Where the pane is; undefined hides it (the terminal is too small). */
  readonly pane: Rect | undefined;
  /** What the chrome draws over the pane: a dialog, a message. */
  readonly overlays: readonly Rect[];
  /** 'pane' puts the cursor where the program has it and mirrors its modes; a cell puts it there; 'hidden' hides it. */
  readonly cursor: 'pane' | 'hidden' | { readonly x: number; readonly y: number };
}

export interface CompositorOptions {
  readonly terminal: OuterTerminal;
  readonly clock: Clock;
  readonly scene: Scene;
  readonly paneSize: Size;
  readonly paneEvents: PaneEvents;
  readonly scrollback: number;
  readonly door?: 'public';
}

/** Output is looked at in pieces of about what a terminal hands over at once. */
const PIECE = 8192;
/** The end of a synchronised update. */
const END_UPDATE = '\x1b[?2026l';

export class Compositor {
  readonly pane: PaneScreen;
  readonly #clusters = new ClusterTable();
  readonly #chrome: ChromeScreen;
  readonly #terminal: OuterTerminal;
  readonly #clock: Clock;
  readonly #scheduler: FlushScheduler;
  readonly #painter: FramePainter;
  readonly #paneEvents: PaneEvents;
  #grid: CellGrid;
  /** Rows to look at in the next frame: a key changes one, and the others need not be read. */
  #dirty: Uint8Array;
  #scene: Scene;
  #modes: InnerModes = plainModes;
  #chromeLines: readonly string[] = [];
  #extra = '';
  #scroll: ScrollView | undefined;
  #mouse = false;
  #generation = 0;
  #title = '';
  /** A terminal that comes back, or comes later, has not heard of it. */
  #newestTitle = '';
  #clipboard = '';
  #chromeVersion = 0;
  #onFlushed: (version: number) => void = () => {};
  #stopped = false;
  #missed = false;
  /** Sends it, when the terminal has taken the frame before. */
  #lastFrame: (() => void) | undefined;

  constructor(options: CompositorOptions) {
    const { size } = options.scene;
    this.#terminal = options.terminal;
    this.#clock = options.clock;
    this.#scene = options.scene;
    this.#paneEvents = options.paneEvents;
    const door = options.door === undefined ? {} : { door: options.door };
    this.pane = new PaneScreen(
      { ...options.paneSize, scrollback: options.scrollback, clusters: this.#clusters, ...door },
      {
        ...options.paneEvents,
        promptMark: (part) => {
          if (part === 'end') this.#scheduler.prompted();
          options.paneEvents.promptMark(part);
        },
      },
    );
    this.#chrome = new ChromeScreen({
      ...size,
      clusters: this.#clusters,
      door: this.pane.direct ? undefined : 'public',
    });
    this.#grid = new CellGrid(size.cols, size.rows);
    this.#dirty = new Uint8Array(size.rows).fill(1);
    this.pane.onDirty((first, last) => {
      const top = this.#scene.pane?.y ?? 0;
      this.#dirty.fill(1, top + first, top + last + 1);
    });
    this.#painter = new FramePainter(size.cols, size.rows, this.#clusters);
    this.#scheduler = new FlushScheduler(options.clock, () => this.#flush());
    options.terminal.onDrain(() => this.#drained());
  }

  #drained(): void {
    const last = this.#lastFrame;
    this.#lastFrame = undefined;
    if (last !== undefined) {
      last();
      return;
    }
    if (!this.#missed) return;
    this.#missed = false;
    this.#scheduler.request();
  }

  /** Output of the program. On the fast path it is parsed before this returns, or, when it is plain, before the next frame. */
  paneOutput(bytes: Uint8Array): void {
    if (this.#echo(bytes)) return;
    // A program that draws without a pause ends one frame and begins the next in one piece, and only between them its screen is whole.
    const end = this.pane.holding
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(END_UPDATE)
      : -1;
    const next = end < 0 ? bytes.length : end + END_UPDATE.length;
    this.#take(bytes.subarray(0, next));
    if (next === bytes.length) return;
    this.#scheduler.frameEnded();
    this.#take(bytes.subarray(next));
  }

  #take(bytes: Uint8Array): void {
    if (this.#held(bytes)) return;
    if (bytes.length <= PIECE) {
      this.#parse(bytes);
      return;
    }
    // What is plain in it is held, whatever else there is.
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      if (!this.#held(piece)) this.#parse(piece);
    }
  }

  #held(bytes: Uint8Array): boolean {
    if (!this.pane.hold(bytes)) return false;
    this.#scheduler.dataParsed(bytes.length, this.pane.holding);
    return true;
  }

  #parse(bytes: Uint8Array): void {
    this.pane.feed(bytes, () => this.#scheduler.dataParsed(bytes.length, this.pane.holding));
  }

  /** What a key usually brings back: a few characters at the cursor of a pane that is shown as it is. They go out alone, and nothing is composed or compared. */
  #echo(bytes: Uint8Array): boolean {
    const { pane, overlays, cursor } = this.#scene;
    if (pane === undefined || overlays.length > 0 || cursor !== 'pane' || this.#scroll !== undefined) return false;
    if (this.#missed || this.#stopped || !this.#terminal.ready || !this.#scheduler.echoes(bytes.length)) return false;
    const before = this.#cursor();
    // Behind the last column a terminal waits with wrapping, and not all terminals alike.
    if (!before.visible || before.x + bytes.length >= Math.min(pane.x + pane.width, this.#grid.cols)) return false;
    const length = this.pane.echo(bytes);
    if (length === 0) return false;
    this.pane.copyRow(before.y - pane.y, before.x - pane.x, length, this.#grid, before.x, before.y);
    const out = this.#painter.paintRun(this.#grid, before.x, before.y, length, this.#cursor());
    if (out === undefined) {
      this.#dirty[before.y] = 1;
      this.#scheduler.dataParsed(length, false);
      return true;
    }
    const version = this.#chromeVersion;
    this.#terminal.write(out, () => this.#onFlushed(version));
    this.#scheduler.echoed(length);
    return true;
  }

  /** A key went to the shell: its echo is to be shown at once. */
  keySent(): void {
    this.#scheduler.keySent();
  }

  /** The chrome as lines of text and SGR, one per screen row. `version` comes back from `onFlushed` when the user's terminal has these lines. */
  chromeFrame(lines: readonly string[], version: number): void {
    const changed: number[] = [];
    for (let y = 0; y < this.#chrome.rows; y += 1) if ((lines[y] ?? '') !== this.#chromeLines[y]) changed.push(y);
    this.#chromeLines = lines;
    this.#chrome.draw(changed, lines, () => {
      for (const y of changed) this.#dirty[y] = 1;
      this.#chromeVersion = version;
      this.#scheduler.request();
    });
  }

  /** Told after each frame which chrome it showed: approvals are armed by this, not by what was only drawn in memory. */
  onFlushed(run: (version: number) => void): void {
    this.#onFlushed = run;
  }

  setScene(scene: Scene): void {
    const { cols, rows } = scene.size;
    const resized = cols !== this.#grid.cols || rows !== this.#grid.rows;
    if ((this.#scene.cursor === 'pane') !== (scene.cursor === 'pane')) this.#focusMoved(scene.cursor === 'pane');
    if (!sameRect(scene.pane, this.#scene.pane) || !sameRects(scene.overlays, this.#scene.overlays))
      this.#dirty.fill(1);
    this.#scene = scene;
    if (resized) {
      this.#grid = new CellGrid(cols, rows);
      this.#dirty = new Uint8Array(rows).fill(1);
      this.#chrome.resize(scene.size);
      this.#chromeLines = [];
      this.repaint();
    }
    if (scene.pane !== undefined) this.pane.resize({ cols: scene.pane.width, rows: scene.pane.height });
    this.#scheduler.request();
  }

  /** Shows the scrollback in the pane's place, undefined the screen again. To be called whenever something in it has changed. */
  setScroll(view: ScrollView | undefined): void {
    const { pane } = this.#scene;
    if ((view !== undefined || this.#scroll !== undefined) && pane !== undefined)
      this.#dirty.fill(1, pane.y, pane.y + pane.height);
    this.#scroll = view;
    this.#scheduler.request();
  }

  /** Whether we ask for the mouse where the program in the pane does not, for the wheel and for selecting. */
  setMouse(wanted: boolean): void {
    this.#mouse = wanted;
    this.#scheduler.request();
  }

  /** A program that follows focus is told when the chrome takes the keyboard, as if its window had lost it. */
  #focusMoved(toPane: boolean): void {
    if (this.pane.modes.focusEvents) this.#paneEvents.reply(toPane ? '\x1b[I' : '\x1b[O');
  }

  /** Paints every cell again; after a resize or when another program wrote on the terminal. */
  repaint(): void {
    this.#dirty.fill(1);
    this.#painter.invalidate(this.#scene.size.cols, this.#scene.size.rows);
    this.#scheduler.request();
  }

  /** Pane and chrome count columns as the user's terminal does. */
  setWidths(widths: OuterWidths): void {
    this.pane.setWidths(widths);
    this.#chrome.setWidths(widths);
    this.#chromeLines = [];
  }

  /** After somebody else had the terminal (suspend and resume): its modes are those of a fresh one. */
  reenter(sequence: string): void {
    this.#modes = plainModes;
    this.#extra = sequence + this.#extra;
    this.#title = this.#newestTitle;
    this.repaint();
  }

  /** The newest title wins; a program that sets one in a loop costs one a frame. */
  setTitle(sequence: string): void {
    this.#title = sequence;
    this.#newestTitle = sequence;
    this.#scheduler.request();
  }

  /** Text for the clipboard, as clipboard.ts has encoded it; the newest wins. */
  clipboard(sequence: string): void {
    this.#clipboard = sequence;
    this.#scheduler.request();
  }

  /** Bytes that are no cells (a bell, a query) and go out with the next frame. Only fixed or sanitised strings may come here. */
  sideBand(sequence: string): void {
    if (this.#extra.length < 4096) this.#extra += sequence;
    this.#scheduler.request();
  }

  /** The last frame of a session: at once, or when the terminal has taken the one before it; after `ms` it goes without. Resolves when it was taken. */
  async finish(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.pane.feed('', resolve));
    const clock = this.#clock;
    await new Promise<void>((resolve) => {
      const cancel = clock.timeout(resolve, ms);
      const taken = (): void => {
        cancel();
        resolve();
      };
      const send = (): void => {
        this.#onFlushed = taken;
        this.#scheduler.force();
      };
      this.#missed = false;
      if (this.#terminal.ready) send();
      else this.#lastFrame = send;
    });
    this.stop();
  }

  stop(): void {
    this.#stopped = true;
    this.#scheduler.stop();
  }

  #flush(): boolean {
    if (this.#stopped) return false;
    if (!this.#terminal.ready) {
      this.#missed = true;
      return false;
    }
    // Marks the rows that it changes, so before they are copied.
    this.pane.show();
    this.#compose();
    if (this.#generation !== this.#clusters.generation) {
      // The numbers of clusters began anew on the way: what was copied before means something else now.
      this.#generation = this.#clusters.generation;
      this.#dirty.fill(1);
      this.#chrome.refresh();
      this.#compose();
    }
    const wanted = this.#wantedModes();
    const modes = this.#extra + modeChange(this.#modes, wanted) + this.#title + this.#clipboard;
    this.#title = '';
    this.#clipboard = '';
    this.#modes = wanted;
    this.#extra = '';
    const bytes = this.#painter.paint(this.#grid, this.#cursor(), modes, (y) => this.#dirty[y] === 1);
    this.#dirty.fill(0);
    const version = this.#chromeVersion;
    if (bytes === '') this.#onFlushed(version);
    else this.#terminal.write(bytes, () => this.#onFlushed(version));
    return true;
  }

  #wantedModes(): InnerModes {
    const modes = this.#scene.cursor === 'pane' ? this.pane.modes : plainModes;
    const ours = this.#mouse && (this.#scene.cursor === 'pane' || this.#scroll !== undefined);
    if (!ours || modes.mouse === 'drag' || modes.mouse === 'any') return modes;
    // Where the pointer is, only once there can be something to say of it. Drags always, also of a program that asked for less: the border is ours.
    return { ...modes, mouse: modes.mouse === 'none' && this.pane.hasLinks ? 'any' : 'drag' };
  }

  #compose(): void {
    const { pane, overlays } = this.#scene;
    const grid = this.#grid;
    for (let y = 0; y < grid.rows; y += 1) {
      if (this.#dirty[y] === 0) continue;
      const inPane = pane !== undefined && y >= pane.y && y < pane.y + pane.height ? pane : undefined;
      if (inPane === undefined) {
        this.#chrome.copyRow(y, 0, grid.cols, grid);
        continue;
      }
      const right = inPane.x + inPane.width;
      if (inPane.x > 0) this.#chrome.copyRow(y, 0, inPane.x, grid);
      if (right < grid.cols) this.#chrome.copyRow(y, right, grid.cols - right, grid);
      const width = Math.min(inPane.width, grid.cols - inPane.x);
      if (this.#scroll === undefined) this.pane.copyRow(y - inPane.y, 0, width, grid, inPane.x, y);
      else this.#scroll.copyRow(y - inPane.y, width, grid, inPane.x, y, this.#clusters);
      for (const over of overlays) {
        if (y < over.y || y >= over.y + over.height) continue;
        this.#chrome.copyRow(y, over.x, Math.min(over.width, grid.cols - over.x), grid);
      }
      mendWideCells(grid, y);
    }
  }

  #cursor(): Cursor {
    const { cursor, pane, overlays } = this.#scene;
    if (cursor === 'hidden' || pane === undefined) return { x: 0, y: 0, visible: false, style: 0 };
    if (cursor !== 'pane') return { ...cursor, visible: true, style: 0 };
    const at = this.pane.cursor;
    const [x, y] = [pane.x + at.x, pane.y + at.y];
    // Where the chrome has covered it, it would blink in a text that nobody is typing.
    const covered = overlays.some((over) => contains(over, x, y));
    return { x, y, visible: this.pane.cursorVisible && !covered, style: this.pane.cursorStyle };
  }
}
