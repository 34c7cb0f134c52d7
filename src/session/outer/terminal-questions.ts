/** What the user's terminal is asked: at the start, and again by each one that comes later. It can have other colours, and draw emoji in other widths. */
import type { Clock } from '../../terminal/flush-scheduler.ts';
import type { OuterProbe } from '../../terminal/outer-probe.ts';
import { type ColorQuestion, OuterAnswers } from './outer-answers.ts';

export class TerminalQuestions {
  readonly #ask: () => OuterAnswers;
  #answers: OuterAnswers;

  /** `known` runs whenever a terminal has said everything. */
  constructor(clock: Clock, reply: (data: string) => void, known: (probe: OuterProbe) => void) {
    this.#ask = () => {
      const answers: OuterAnswers = new OuterAnswers(clock, reply, () => known(answers.probe));
      return answers;
    };
    this.#answers = this.#ask();
  }

  get probe(): OuterProbe {
    return this.#answers.probe;
  }

  /** The questions are about to be sent to another terminal. */
  again(): void {
    // What waits for the one before goes out without its answers.
    this.nobody();
    this.stop();
    this.#answers = this.#ask();
  }

  color(question: ColorQuestion): void {
    this.#answers.color(question);
  }

  kitty(flags: number): void {
    this.#answers.kitty(flags);
  }

  reply(data: string): void {
    this.#answers.reply(data);
  }

  /** There is no terminal that could answer, or none any more. */
  nobody(): void {
    this.#answers.probe.giveUp();
  }

  over(): Promise<void> {
    return this.#answers.over();
  }

  stop(): void {
    this.#answers.stop();
  }
}
