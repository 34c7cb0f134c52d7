/** Input that the program in the terminal has not read yet. The event loop must never wait for it: Node's own stream does, in a write, as long as the program likes, and a
 * program that asks its terminal questions without reading the answers would so take the keys, the list and `nono detach` away. */
import type { Clock } from './flush-scheduler.ts';

/** Nothing tells when there is room in a terminal, short of asking again: at once as long as it goes on, and rarely when nobody reads. */
const SHORTEST_MS = 2;
const LONGEST_MS = 250;

export class WaitingInput {
  readonly #take: (bytes: Uint8Array) => number;
  readonly #clock: Pick<Clock, 'timeout'>;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #delay = SHORTEST_MS;
  #cancel: (() => void) | undefined;

  /** `take` gives the terminal what it has room for, without waiting: how much, negative when it is gone. */
  constructor(take: (bytes: Uint8Array) => number, clock: Pick<Clock, 'timeout'>) {
    this.#take = take;
    this.#clock = clock;
  }

  /** How much waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes may be used again afterwards. */
  write(bytes: Uint8Array): void {
    const taken = this.#bytes === 0 ? this.#take(bytes) : 0;
    if (taken < 0 || taken === bytes.length) return;
    this.#waiting.push(Uint8Array.from(bytes.subarray(taken)));
    this.#bytes += bytes.length - taken;
    this.#cancel ??= this.#clock.timeout(this.#again, this.#delay);
  }

  /** Nobody will read it any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
    this.#bytes = 0;
    this.#delay = SHORTEST_MS;
  }

  readonly #again = (): void => {
    this.#cancel = undefined;
    const all = Buffer.concat(this.#waiting, this.#bytes);
    const taken = this.#take(all);
    if (taken < 0 || taken === all.length) {
      this.stop();
      return;
    }
    this.#waiting = [all.subarray(taken)];
    this.#bytes -= taken;
    this.#delay = taken > 0 ? SHORTEST_MS : Math.min(this.#delay * 2, LONGEST_MS);
    this.#cancel = this.#clock.timeout(this.#again, this.#delay);
  };
}
