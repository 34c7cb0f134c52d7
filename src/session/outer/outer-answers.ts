/** What is known of the user's terminal, for the programs in the pane: asked once at the start, answered as often as they like. */
import type { Clock } from '../../terminal/flush-scheduler.ts';
import { OuterProbe } from '../../terminal/outer-probe.ts';

export type ColorQuestion = 'foreground' | 'background' | number;

/** Answers come in one round trip; over a slow line that can take a while, and what comes later would be typed into the shell. */
const GIVE_UP_MS = 10_000;
const MAX_WAITING = 64;
/** How long the end of a session waits for answers: a round trip of a slow line. */
const LAST_ANSWERS_MS = 300;

const LEVELS = [0, 95, 135, 175, 215, 255];

/** Colours beyond the sixteen are the same everywhere, unless somebody has changed them. */
function fixedColor(n: number): string | undefined {
  if (n < 16 || n > 255) return undefined;
  const of = (level: number): string => level.toString(16).padStart(2, '0').repeat(2);
  const cube = (at: number): string => of(LEVELS[Math.floor((n - 16) / at) % 6] ?? 0);
  return n < 232
    ? `rgb:${cube(36)}/${cube(6)}/${cube(1)}`
    : `rgb:${Array(3)
        .fill(of(8 + (n - 232) * 10))
        .join('/')}`;
}

export class OuterAnswers {
  readonly probe: OuterProbe;
  readonly #reply: (data: string) => void;
  readonly #cancel: () => void;
  readonly #clock: Clock;
  #over: () => void = () => {};
  /** Answers that wait for the terminal, and what was answered behind them: programs take the answer to a later question for a sign that the earlier one is not understood. */
  #waiting: (() => void)[] = [];

  /** `known` runs when the terminal has said everything. */
  constructor(clock: Clock, reply: (data: string) => void, known: () => void) {
    this.#reply = reply;
    this.#clock = clock;
    this.probe = new OuterProbe(() => {
      this.#cancel();
      known();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const answer of waiting) answer();
      this.#over();
    });
    this.#cancel = clock.timeout(() => this.probe.giveUp(), GIVE_UP_MS);
  }

  /** A program asks; before the terminal has answered it has to wait. */
  color(question: ColorQuestion): void {
    this.#whenKnown(() => this.#answer(question));
  }

  /** The same for the flags of the keyboard: a terminal that does not know the protocol is silent. */
  kitty(flags: number): void {
    this.#whenKnown(() => {
      if (this.probe.kitty) this.#reply(`\x1b[?${flags}u`);
    });
  }

  /** An answer for which nobody has to be asked. */
  reply(data: string): void {
    if (this.#waiting.length > 0 && this.#waiting.length < MAX_WAITING) this.#waiting.push(() => this.#reply(data));
    else this.#reply(data);
  }

  #whenKnown(answer: () => void): void {
    if (!this.probe.open) answer();
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(answer);
  }

  /** When no answer is on its way any more, or will not be waited for: the shell outside would take it for something typed. */
  async over(): Promise<void> {
    if (!this.probe.open) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.timeout(resolve, LAST_ANSWERS_MS);
      this.#over = () => {
        cancel();
        resolve();
      };
    });
  }

  stop(): void {
    this.#cancel();
  }

  #answer(question: ColorQuestion): void {
    const { foreground, background, palette } = this.probe.colors;
    const which = question === 'foreground' ? '10' : question === 'background' ? '11' : `4;${question}`;
    const value =
      question === 'foreground'
        ? foreground
        : question === 'background'
          ? background
          : (palette.get(question) ?? fixedColor(question));
    // A terminal that did not say is one that would not answer the program either.
    if (value !== undefined) this.#reply(`\x1b]${which};${value}\x1b\\`);
  }
}
