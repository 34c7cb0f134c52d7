/** Approval keys count only when the user can have seen what they approve: 300 ms after the frame with exactly this row state left for the terminal, and
 * only for input read after that. Stops approvals by type-ahead and by rows that change under the finger (anthropics/claude-code#43883, deno#9750). */
import type { Clock } from '../../terminal/flush-scheduler.ts';

const ARM_MS = 300;
/** Frames that no terminal has taken: one is on its way at most, and where there is no terminal none. */
const MOST_FRAMES = 256;

export class Arming {
  readonly #clock: Clock;
  readonly #keys = new Map<number, string>();
  #shown = '';
  #armed = false;
  #cancel: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A chrome frame was drawn in memory; `key` names everything an approval would depend on, '' when nothing can be approved in it. */
  drawn(version: number, key: string): void {
    this.#keys.set(version, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= MOST_FRAMES) break;
      this.#keys.delete(oldest);
    }
  }

  /** The terminal has taken the frame with this version. */
  flushed(version: number): void {
    // Of one that was forgotten nobody knows what it shows.
    const key = this.#keys.get(version) ?? '';
    for (const older of this.#keys.keys()) if (older < version) this.#keys.delete(older);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#armed = false;
    this.#cancel();
    if (key === '') return;
    this.#cancel = this.#clock.timeout(() => {
      // One more turn of the event loop: input that was already buffered is read before, finds the key unarmed, and is dropped.
      this.#cancel = this.#clock.immediate(() => {
        this.#armed = true;
      });
    }, ARM_MS);
  }

  /** Whether a key read now may approve what `key` names. */
  accepts(key: string): boolean {
    return key !== '' && this.#armed && key === this.#shown;
  }

  /** What was shown is on no screen any more: another terminal, or one that somebody else had for a while. */
  forget(): void {
    this.#shown = '';
    this.#armed = false;
    this.#cancel();
  }

  stop(): void {
    this.#cancel();
  }
}
