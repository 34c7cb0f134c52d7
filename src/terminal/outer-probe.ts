/** What the user's terminal is asked once, at the start: its colours, how wide it draws what terminals disagree about, and whether it
 * knows the kitty keyboard protocol. The answers arrive among the input,
 * and are taken out of it; a terminal that answers nothing leaves everything as it was. */
import { type OuterWidths, unicode6 } from './outer-widths.ts';

const PALETTE = 16;

/** Columns that each of these takes are measured with a cursor report. */
const SAMPLES = ['😀', '⚠\ufe0f', '👩\u200d👩\u200d👧', '👍🏽', '🇩🇪'] as const;

/** The questions. Row 2, because a report of row 1 could be a key (F3 with modifiers); concealed, and painted over in the same frame. */
export const PROBE = [
  '\x1b]10;?\x1b\\\x1b]11;?\x1b\\',
  ...Array.from({ length: PALETTE }, (_, n) => `\x1b]4;${n};?\x1b\\`),
  '\x1b[m\x1b[8m',
  ...SAMPLES.map((sample) => `\x1b[2;1H${sample}\x1b[6n`),
  '\x1b[m\x1b[?u',
  // Every terminal answers this, and in order: then no answer is outstanding.
  '\x1b[c',
].join('');

/** Colours as terminals write them (`rgb:…`), undefined when it did not say. */
export interface OuterColors {
  readonly foreground: string | undefined;
  readonly background: string | undefined;
  readonly palette: ReadonlyMap<number, string>;
}

const ANSWER =
  /\x1b\](10|11|4;\d{1,3});(rgba?:[0-9a-f/]{1,40})(?:\x07|\x1b\\)|\x1b\[2;(\d{1,3})R|\x1b\[\?\d{1,5}u|\x1b\[\?[\d;]{0,60}c/gi;
const UNFINISHED = /\x1b(?:\](?:[14][\d;]{0,6}(?:r[gba:0-9c-f/]{0,44})?\x1b?)?|\[(?:2(?:;\d{0,3})?|\?[\d;]{0,60})?)?$/i;

/** Takes the answers out of the input until the last one has come. */
export class OuterProbe {
  #held = '';
  #open = true;
  #foreground: string | undefined;
  #background: string | undefined;
  #kitty = false;
  readonly #palette = new Map<number, string>();
  readonly #columns: number[] = [];
  readonly #done: () => void;

  /** `done` runs once, when the last answer has come. */
  constructor(done: () => void) {
    this.#done = done;
  }

  /** Whether answers can still come. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether the beginning of an answer, or of a key, is held back; `settle` gives it free. */
  get waiting(): boolean {
    return this.#held !== '';
  }

  get colors(): OuterColors {
    return { foreground: this.#foreground, background: this.#background, palette: this.#palette };
  }

  /** Whether it knows the kitty keyboard protocol. */
  get kitty(): boolean {
    return this.#kitty;
  }

  /** undefined when it did not say, or said what cannot be. */
  get widths(): OuterWidths | undefined {
    const [emoji, vs16, joined, tones, flag] = this.#columns.map((column) => column - 1);
    if (emoji === undefined || vs16 === undefined || joined === undefined || tones === undefined || flag === undefined)
      return undefined;
    if (emoji < 1 || emoji > 2 || vs16 < 1 || vs16 > 2) return undefined;
    const widths: OuterWidths = {
      emoji: emoji === 2 ? 2 : 1,
      vs16: vs16 === 2 ? 2 : 1,
      joined: joined <= 2 && joined === emoji,
      skinTones: tones === emoji,
      flags: emoji === 2 && flag === 2 ? 'one' : 'apart',
    };
    return JSON.stringify(widths) === JSON.stringify(unicode6) ? undefined : widths;
  }

  /** The input without answers. */
  take(bytes: Buffer): Buffer {
    if (!this.#open) return bytes;
    const text = this.#held + bytes.toString('latin1');
    let rest = text.replace(ANSWER, (all, color?: string, value?: string, column?: string) => {
      if (color !== undefined && value !== undefined) this.#color(color, value);
      else if (column !== undefined) this.#columns.push(Number(column));
      else if (all.endsWith('u')) this.#kitty = true;
      else if (all.endsWith('c')) this.#open = false;
      return '';
    });
    this.#held = this.#open ? (UNFINISHED.exec(rest)?.[0] ?? '') : '';
    if (!this.#open) this.#done();
    rest = rest.slice(0, rest.length - this.#held.length);
    return Buffer.from(rest, 'latin1');
  }

  /** What was held back was no answer. */
  settle(): Buffer {
    const held = Buffer.from(this.#held, 'latin1');
    this.#held = '';
    return held;
  }

  /** The terminal does not answer. */
  giveUp(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#done();
  }

  #color(which: string, value: string): void {
    if (which === '10') this.#foreground = value;
    else if (which === '11') this.#background = value;
    else this.#palette.set(Number(which.slice(2)), value);
  }
}
