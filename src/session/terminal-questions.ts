/** What the user's terminal is asked: at the start, and again by each one that comes later. It can have other colours, and draw emoji in other widths. */
import type { Clock } from '../terminal/flush-scheduler.ts';
import type { OuterProbe } from '../terminal/outer-probe.ts';
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
    this.stop();
    this.#answers = this.#ask();
  }

  color(question: ColorQuestion): void {
    this.#answers.color(question);
  }

  over(): Promise<void> {
    return this.#answers.over();
  }

  stop(): void {
    this.#answers.stop();
  }
}
