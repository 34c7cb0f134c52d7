/** Whether the terminal is light or dark, asked once (OSC 11). Its answer comes in as input and is taken out of it, so that no program gets what it did not ask for. */
import type { Clock } from '../terminal/flush-scheduler.ts';

export type Background = 'light' | 'dark';

export const BACKGROUND_QUESTION = '\x1b]11;?\x1b\\';
const START = '\x1b]11;';
/** A terminal that has not answered by then does not know the question. */
const ANSWER_MS = 3000;
/** What may be the beginning of the answer is not held back longer: it may be the Esc key. */
const HOLD_MS = 40;
const LONGEST = 64;

/** The answer's colour as light or dark; undefined for what is no colour. */
export function backgroundOf(answer: string): Background | undefined {
  const parts = /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(answer);
  if (parts === null) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((hex) => Number.parseInt(hex, 16) / (16 ** hex.length - 1));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark';
}

/** Stands before the router from the question until the answer, or until there will be none. */
export class BackgroundAnswer {
  readonly #clock: Clock;
  readonly #pass: (bytes: Buffer) => void;
  readonly #found: (background: Background) => void;
  #held = '';
  #waiting = false;
  #cancelHold: () => void = () => {};
  #cancelWait: () => void = () => {};

  constructor(clock: Clock, pass: (bytes: Buffer) => void, found: (background: Background) => void) {
    this.#clock = clock;
    this.#pass = pass;
    this.#found = found;
  }

  /** The question goes out now. */
  expect(): void {
    this.#waiting = true;
    this.#cancelWait = this.#clock.timeout(() => this.stop(), ANSWER_MS);
  }

  take(bytes: Buffer): void {
    if (!this.#waiting) {
      this.#pass(bytes);
      return;
    }
    this.#cancelHold();
    const text = this.#held + bytes.toString('latin1');
    this.#held = '';
    const start = text.indexOf(START);
    const end = start < 0 ? null : /\x07|\x1b\\/.exec(text.slice(start));
    if (start >= 0 && end !== null) {
      const answer = backgroundOf(text.slice(start + START.length, start + end.index));
      this.#waiting = false;
      this.#cancelWait();
      this.#forward(text.slice(0, start) + text.slice(start + end.index + end[0].length));
      if (answer !== undefined) this.#found(answer);
      return;
    }
    const from = start >= 0 && text.length - start < LONGEST ? start : partialStart(text);
    this.#held = text.slice(from);
    this.#forward(text.slice(0, from));
    if (this.#held !== '') this.#cancelHold = this.#clock.timeout(() => this.#release(), HOLD_MS);
  }

  stop(): void {
    this.#cancelWait();
    this.#release();
    this.#waiting = false;
  }

  #release(): void {
    this.#cancelHold();
    const held = this.#held;
    this.#held = '';
    this.#forward(held);
  }

  #forward(text: string): void {
    if (text !== '') this.#pass(Buffer.from(text, 'latin1'));
  }
}

/** Where the last characters could be the beginning of the answer; the length when they could not. */
function partialStart(text: string): number {
  for (let n = Math.min(START.length - 1, text.length); n > 0; n -= 1)
    if (START.startsWith(text.slice(-n))) return text.length - n;
  return text.length;
}
