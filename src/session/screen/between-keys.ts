/** When to draw the list beside a shell that is being typed into. A drawing takes milliseconds in which no key is served, and right after an echo is when the next key is farthest
 * away: so it waits for one. What is asked, and what is drawn for who has the list, does not. */
import type { Clock } from '../../terminal/flush-scheduler.ts';

/** Somebody whose last key is older than this types no more. */
const TYPING_MS = 100;
/** A program that echoes nothing must not keep the list from the screen. */
const LONGEST_MS = 60;

export class BetweenKeys {
  readonly #clock: Clock;
  #lastKey = Number.NEGATIVE_INFINITY;
  /** A key has gone to the shell, and no frame has been shown since. */
  #unanswered = false;
  #begin: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A key went to the shell. */
  key(): void {
    this.#lastKey = this.#clock.now();
    this.#unanswered = true;
  }

  /** The terminal has taken a frame. */
  shown(): void {
    if (!this.#unanswered) return;
    this.#unanswered = false;
    this.#begin?.();
  }

  /** Whether somebody types now. */
  get typing(): boolean {
    return this.#clock.now() - this.#lastKey < TYPING_MS;
  }

  /** Runs `draw` behind the next echo, or when none comes. Returns how to give it up. */
  wait(draw: () => void): () => void {
    const end = (): void => {
      this.#begin = undefined;
      draw();
    };
    let cancel = this.#clock.timeout(end, LONGEST_MS);
    this.#begin = () => {
      this.#begin = undefined;
      cancel();
      // Not in the middle of the write that shows the echo.
      cancel = this.#clock.immediate(end);
    };
    return () => {
      this.#begin = undefined;
      cancel();
    };
  }
}
