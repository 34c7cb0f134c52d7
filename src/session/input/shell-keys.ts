/** Keys on their way to the shell. What was typed before it ran goes first, and nothing goes before the shell waits for it: a terminal that nobody has set up yet takes
 * Ctrl-\\ as the end of whatever runs in it, and cuts long lines; and a command that starts before asking has begun is denied. */
import type { Pty } from '../../terminal/pty.ts';

export class ShellKeys {
  readonly #pty: Pick<Pty, 'write' | 'backlog'>;
  #waiting: Uint8Array[] | undefined = [];

  constructor(pty: Pick<Pty, 'write' | 'backlog'>, typed: Uint8Array | undefined) {
    this.#pty = pty;
    this.write(typed ?? new Uint8Array());
  }

  /** Whether keys are kept back, should there be any. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Bytes that the shell has not taken yet. */
  get backlog(): number {
    return this.#pty.backlog + (this.#waiting ?? []).reduce((sum, part) => sum + part.length, 0);
  }

  write(keys: Uint8Array): void {
    // A copy: the terminal's buffer is used again.
    if (this.#waiting === undefined) this.#pty.write(keys);
    else if (keys.length > 0) this.#waiting.push(Uint8Array.from(keys));
  }

  /** The shell waits at a prompt, or has had its time. Whether something went to it. */
  ready(): boolean {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const part of waiting) this.#pty.write(part);
    return waiting.length > 0;
  }
}
