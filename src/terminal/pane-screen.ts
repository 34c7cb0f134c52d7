/** The pane's screen: an emulator plus everything the program asks of its terminal that the library does not keep or export. */
import { requestedClipboard } from './clipboard.ts';
import type { Redrawn } from './cursor-line.ts';
import { Emulator, type EmulatorOptions } from './emulator.ts';
import type { InnerModes } from './inner-modes.ts';
import { KittyStack } from './kitty-stack.ts';
import { LinkTable } from './links.ts';
import type { Scrollback } from './scrollback.ts';
import { TitleStack } from './title-and-bell.ts';

/** What the pane reports to its owner. Every string is untrusted. */
export interface PaneEvents {
  /** Bytes that the emulated terminal answers to a query; they go to the pty. */
  reply(data: string): void;
  title(text: string): void;
  bell(): void;
  /** OSC 133: a prompt begins (A), or is complete and waits for input (B). */
  promptMark(part: 'begin' | 'end'): void;
  /** A query that only the user's own terminal can answer; a number is a colour of the palette. */
  ask(query: 'foreground' | 'background' | number): void;
  /** Which kitty keyboard flags are in force; whether the user's terminal knows them at all is not known here. */
  askKitty(flags: number): void;
  /** The program wants this text in the user's clipboard. */
  clipboard(text: string): void;
}

/** SGR-Pixels, of the mouse. */
const PIXEL_REPORTS = 1016;

type Params = readonly (number | number[])[];

function first(params: Params, fallback: number): number {
  const p = params[0];
  return typeof p === 'number' ? p : fallback;
}

function second(params: Params, fallback: number): number {
  const p = params[1];
  return typeof p === 'number' && p > 0 ? p : fallback;
}

export class PaneScreen extends Emulator {
  readonly #kitty = new KittyStack();
  readonly #links = new LinkTable();
  readonly #titles = new TitleStack();
  #mouseSgr = false;
  #visible = true;
  #style = 0;
  #otherKeys = 0;
  #keypad = false;
  /** Only what is parsed changes them; a frame asks for them each time. */
  #modes: InnerModes | undefined;
  #holding: boolean | undefined;
  /** The row in which the prompt begins, while somebody edits a line behind it. */
  #promptRow: object | undefined;

  constructor(options: EmulatorOptions, events: PaneEvents) {
    super(options);
    this.term.onData((data) => events.reply(data));
    this.term.onBinary((data) => events.reply(data));
    this.term.onBell(() => events.bell());
    this.term.onTitleChange((title) => {
      this.#titles.now = title;
      events.title(title);
    });
    this.#cursorHandlers();
    this.#keyHandlers(events);
    this.#oscHandlers(events);
    this.term.parser.registerCsiHandler({ prefix: '>', final: 'q' }, () => {
      events.reply('\x1bP>|nono\x1b\\');
      return true;
    });
    // The library says that it knows reports in pixels. They are sent in cells: nobody here knows how large those are.
    this.term.parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, (params) => {
      if (first(params, 0) !== PIXEL_REPORTS) return false;
      events.reply(`\x1b[?${PIXEL_REPORTS};4$y`);
      return true;
    });
  }

  get cursorVisible(): boolean {
    return this.#visible;
  }

  /** DECSCUSR number, 0 = the user's own shape. */
  get cursorStyle(): number {
    return this.#style;
  }

  /** Whether the program is inside a synchronised update: the frame is not to be shown yet. */
  get holding(): boolean {
    this.#holding ??= this.term.modes.synchronizedOutputMode;
    return this.#holding;
  }

  /** Whether a full-screen program is on its own screen, which has no history. */
  get alternate(): boolean {
    return this.term.buffer.active.type === 'alternate';
  }

  /** A copy of what can be looked back on now. */
  lookBack(): Scrollback {
    return this.scrollback((id) => this.#links.address(id));
  }

  /** Whether the program has printed a link. */
  get hasLinks(): boolean {
    return !this.#links.empty;
  }

  /** The address of the link in a cell. */
  addressAt(x: number, y: number): string | undefined {
    const link = this.linkAt(x, y);
    return link === undefined ? undefined : this.#links.address(link);
  }

  override feed(data: Uint8Array | string, done: () => void = () => {}): void {
    this.#forget();
    super.feed(data, () => {
      this.#forget();
      done();
    });
  }

  #forget(): void {
    this.#modes = undefined;
    this.#holding = undefined;
  }

  get modes(): InnerModes {
    this.#modes ??= this.#readModes();
    return this.#modes;
  }

  #readModes(): InnerModes {
    const m = this.term.modes;
    return {
      applicationCursor: m.applicationCursorKeysMode,
      applicationKeypad: this.#keypad,
      bracketedPaste: m.bracketedPasteMode,
      focusEvents: m.sendFocusMode,
      mouse: m.mouseTrackingMode,
      mouseSgr: this.#mouseSgr,
      kitty: this.#kittyNow.flags,
      otherKeys: this.#otherKeys,
    };
  }

  get #kittyNow(): KittyStack {
    this.#kitty.selectScreen(this.alternate);
    return this.#kitty;
  }

  /** Handlers return false: the library still does its own part. */
  #cursorHandlers(): void {
    const { parser } = this.term;
    const set = (on: boolean) => (params: Params) => {
      for (const p of params) {
        if (p === 25) this.#visible = on;
        if (p === 1006) this.#mouseSgr = on;
        if (p === 66) this.#keypad = on;
        if (p === 2004) this.#editing(on);
      }
      return false;
    };
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, set(true));
    parser.registerCsiHandler({ prefix: '?', final: 'l' }, set(false));
    parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, (params) => {
      const style = first(params, 0);
      this.#style = style >= 0 && style <= 6 ? style : 0;
      return false;
    });
    // DECSTR and RIS bring back what a fresh terminal has.
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, () => this.#soften());
    parser.registerEscHandler({ final: 'c' }, () => {
      this.#mouseSgr = false;
      this.#kitty.reset();
      return this.#soften();
    });
    // A prompt is drawn where the cursor is now: after Ctrl-L; by zsh, below what a command left in the row of the mark.
    parser.registerCsiHandler({ final: 'J' }, (params) => {
      const below = !this.term.modes.bracketedPasteMode && this.term.buffer.active.cursorX === 0;
      if (this.#promptRow !== undefined && (first(params, 0) === 2 || below)) this.#promptRow = this.cursorRow();
      return false;
    });
    parser.registerEscHandler({ final: '=' }, () => this.#setKeypad(true));
    parser.registerEscHandler({ final: '>' }, () => this.#setKeypad(false));
  }

  /** Line editors ask for marks around pastes as long as they read a line: bash and fish before the prompt, zsh behind it, all of them behind the mark of a prompt, if any. */
  #editing(on: boolean): void {
    if (!on) this.#promptRow = undefined;
    else this.#promptRow ??= this.cursorRow();
  }

  protected override redrawn(): Redrawn {
    // On a screen of its own a program draws everything; the one below has not got the cursor.
    if (this.alternate || this.modes.bracketedPaste) return { by: 'editor', from: this.#promptRow };
    return { by: 'nobody' };
  }

  #setKeypad(on: boolean): false {
    this.#keypad = on;
    return false;
  }

  #soften(): false {
    this.#visible = true;
    this.#style = 0;
    this.#otherKeys = 0;
    this.#keypad = false;
    return false;
  }

  #keyHandlers(events: PaneEvents): void {
    const { parser } = this.term;
    parser.registerCsiHandler({ prefix: '>', final: 'u' }, (params) => {
      this.#kittyNow.push(first(params, 0));
      return true;
    });
    parser.registerCsiHandler({ prefix: '<', final: 'u' }, (params) => {
      this.#kittyNow.pop(first(params, 1));
      return true;
    });
    parser.registerCsiHandler({ prefix: '=', final: 'u' }, (params) => {
      this.#kittyNow.set(first(params, 0), second(params, 1));
      return true;
    });
    parser.registerCsiHandler({ prefix: '?', final: 'u' }, () => {
      events.askKitty(this.#kittyNow.flags);
      return true;
    });
    parser.registerCsiHandler({ prefix: '>', final: 'm' }, (params) => {
      if (first(params, 0) === 4) this.#otherKeys = Math.min(2, second(params, 0));
      return true;
    });
  }

  #oscHandlers(events: PaneEvents): void {
    const { parser } = this.term;
    parser.registerOscHandler(133, (data) => {
      if (data === 'A' || data.startsWith('A;')) {
        this.#promptRow = this.cursorRow();
        events.promptMark('begin');
      }
      if (data === 'B' || data.startsWith('B;')) events.promptMark('end');
      return true;
    });
    const color = (what: 'foreground' | 'background') => (data: string) => {
      if (data === '?') events.ask(what);
      return true;
    };
    parser.registerOscHandler(10, color('foreground'));
    parser.registerOscHandler(11, color('background'));
    // Pairs of number and colour; only questions are answered, the palette stays the user's.
    parser.registerOscHandler(4, (data) => {
      const words = data.split(';');
      for (let i = 0; i + 1 < words.length && i < 2 * 256; i += 2)
        if (words[i + 1] === '?' && /^\d{1,3}$/.test(words[i] ?? '')) events.ask(Number(words[i]));
      return true;
    });
    parser.registerOscHandler(8, (data) => {
      this.beginLink(this.#links.number(data));
      return true;
    });
    parser.registerOscHandler(52, (data) => {
      const text = requestedClipboard(data);
      if (text !== undefined) events.clipboard(text);
      return true;
    });
    // Of the window operations only the title stack; what they would report (title, size, state) is nobody's business inside.
    parser.registerCsiHandler({ final: 't' }, (params) => {
      const which = second(params, 0);
      if (which === 1) return true;
      if (first(params, 0) === 22) this.#titles.push();
      if (first(params, 0) === 23) {
        const title = this.#titles.pop();
        if (title !== undefined) events.title(title);
      }
      return true;
    });
  }
}
