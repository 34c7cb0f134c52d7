/** While a change of the profile waits for another nono that is writing it: that is said for as long as it lasts, and can be given up. */
import type { WhileLocked } from '../../config/file-lock.ts';

export class ProfileWait {
  readonly #say: (text: string) => void;
  #now: { readonly text: string; readonly stop: AbortController } | undefined;

  /** `say`: told once for each wait. */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Undefined while nothing waits. */
  get text(): string | undefined {
    return this.#now?.text;
  }

  /** False when nothing waits. */
  giveUp(): boolean {
    this.#now?.stop.abort();
    return this.#now !== undefined;
  }

  async during<T>(work: (wait: WhileLocked) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const waiting = (pid: number | undefined): void => {
      this.#now = { text: `another nono${pid === undefined ? '' : ` (${pid})`} is writing the profile: waiting`, stop };
      this.#say(this.#now.text);
    };
    try {
      return await work({ waiting, signal: stop.signal });
    } finally {
      if (this.#now?.stop === stop) this.#now = undefined;
    }
  }
}
