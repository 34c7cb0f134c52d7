/** Turns the flush policy into one pending immediate or timer. Nothing is pending when nothing changed, so an idle session costs no CPU. */
import { monotonicMs } from '../platform/clock.ts';
import { type FlushState, floodDelay, flooded, flushDelay, isEcho, isFirst } from './flush-policy.ts';

/** What the scheduler needs of time; tests pass their own. */
export interface Clock {
  now(): number;
  immediate(run: () => void): () => void;
  timeout(run: () => void, ms: number): () => void;
}

/** The process's own clock. */
export const systemClock: Clock = {
  now: () => monotonicMs(),
  immediate: (run) => {
    const handle = setImmediate(run);
    return () => clearImmediate(handle);
  },
  timeout: (run, ms) => {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
};

export class FlushScheduler {
  readonly #clock: Clock;
  readonly #flush: () => boolean;
  #cancel: (() => void) | undefined;
  #due = Number.POSITIVE_INFINITY;
  #lastFlush = Number.NEGATIVE_INFINITY;
  #lastKey = Number.NEGATIVE_INFINITY;
  #keyInFlood = false;
  #flushesSinceKey = 0;
  #pendingBytes = 0;
  #lastBytes = 0;
  #newBytes = 0;
  #heldSince: number | undefined;
  #prompted = false;
  /** What waited to be read when the limit of a held frame was reached has been read. */
  #looked = false;

  /** `flush` answers whether a frame could be sent now; a terminal that is still taking the last one says no and calls `request` later. */
  constructor(clock: Clock, flush: () => boolean) {
    this.#clock = clock;
    this.#flush = flush;
  }

  keySent(): void {
    this.#lastKey = this.#clock.now();
    this.#keyInFlood = flooded(this.#state(this.#lastKey));
    this.#flushesSinceKey = 0;
  }

  /** The shell's prompt is complete in the output that is being parsed. */
  prompted(): void {
    this.#prompted = true;
  }

  /** Whether output of this size is to be shown at once and nothing else waits to be shown. Of a key that went straight to the shell the echo is the first that is known. */
  echoes(bytes: number): boolean {
    if (this.#cancel !== undefined || this.#heldSince !== undefined || this.#pendingBytes > 0) return false;
    const now = this.#clock.now();
    const { lastFlush, lastKey, flushesSinceKey } = this.#state(now);
    return (
      isEcho({ now, lastKey, pendingBytes: bytes, flushesSinceKey }) || isFirst({ now, lastFlush, pendingBytes: bytes })
    );
  }

  /** Such output was shown. */
  echoed(bytes: number): void {
    this.#flushesSinceKey += 1;
    this.#lastFlush = this.#clock.now();
    this.#lastBytes = bytes;
  }

  /** New output was taken in; `held` while the program is inside a synchronised update. */
  dataParsed(bytes: number, held: boolean): void {
    this.#pendingBytes += bytes;
    this.#newBytes += bytes;
    if (held) this.#heldSince ??= this.#clock.now();
    else {
      this.#heldSince = undefined;
      this.#looked = false;
    }
    // An echo does not even wait for the end of this turn.
    const now = this.#clock.now();
    if (!held && isEcho(this.#state(now))) this.force();
    else this.request();
  }

  request(): void {
    const now = this.#clock.now();
    const delay = flushDelay(this.#state(now));
    const due = now + delay;
    if (this.#cancel !== undefined) {
      // A hold moves the frame back, a key moves it forward; otherwise what is planned stays.
      if (this.#heldSince === undefined && due >= this.#due - 0.5) return;
      this.#cancel();
    }
    this.#plan(due, delay);
  }

  #plan(due: number, delay: number): void {
    this.#due = due;
    this.#cancel =
      delay < 1 ? this.#clock.immediate(this.#dueNow) : this.#clock.timeout(this.#dueNow, Math.ceil(delay));
  }

  readonly #dueNow = (): void => {
    const now = this.#clock.now();
    if (this.#heldSince !== undefined && !this.#looked) {
      // Where the process stood still, a timer runs before the rest of the frame is read: once round the event loop it is.
      this.#looked = true;
      this.#plan(now, 0);
      return;
    }
    const delay = floodDelay(this.#state(now));
    this.#newBytes = 0;
    if (delay < 1) this.#run();
    else this.#plan(now + delay, delay);
  };

  #state(now: number): FlushState {
    return {
      now,
      lastFlush: this.#lastFlush,
      lastKey: this.#lastKey,
      keyInFlood: this.#keyInFlood,
      flushesSinceKey: this.#flushesSinceKey,
      pendingBytes: this.#pendingBytes,
      lastBytes: this.#lastBytes,
      newBytes: this.#newBytes,
      heldSince: this.#heldSince,
      prompted: this.#prompted,
    };
  }

  /** The program begins its next frame in the same breath: this one is sent now, if one is due, or never. */
  frameEnded(): void {
    if (flushDelay(this.#state(this.#clock.now())) < 1) this.force();
  }

  /** Sends what is there now, whatever the policy says; used at the end of a session. */
  force(): void {
    this.#cancel?.();
    this.#run();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #run(): void {
    this.#cancel = undefined;
    if (!this.#flush()) return;
    const now = this.#clock.now();
    if (now - this.#lastKey < 1000) this.#flushesSinceKey += 1;
    this.#lastFlush = now;
    this.#lastBytes = this.#pendingBytes;
    this.#pendingBytes = 0;
    this.#newBytes = 0;
    this.#prompted = false;
    this.#looked = false;
    if (this.#heldSince !== undefined) this.#heldSince = now;
  }
}
