/** What a session does later, and not after its end. */
import type { Clock } from '../../terminal/flush-scheduler.ts';

export class SessionTimers {
  readonly #clock: Clock;
  readonly #cancels = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(ms: number, run: () => void): void {
    const cancel = this.#clock.timeout(() => {
      this.#cancels.delete(cancel);
      run();
    }, ms);
    this.#cancels.add(cancel);
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
