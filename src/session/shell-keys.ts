/** Keys on their way to the shell. What was typed before it ran goes first, and not before the shell waits for it: a terminal that nobody has set up yet takes
 * Ctrl-\\ as the end of whatever runs in it, and cuts long lines. */
import type { Pty } from '../terminal/pty.ts';

export class ShellKeys {
  readonly #pty: Pick<Pty, 'write' | 'backlog'>;
  #waiting: Uint8Array[] | undefined;

  constructor(pty: Pick<Pty, 'write' | 'backlog'>, typed: Uint8Array | undefined) {
    this.#pty = pty;
    this.#waiting = typed === undefined || typed.length === 0 ? undefined : [typed];
  }

  /** Whether something is kept back. */
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
    else this.#waiting.push(Uint8Array.from(keys));
  }

  /** The shell waits at a prompt, or has had its time. */
  ready(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const part of waiting ?? []) this.#pty.write(part);
  }
}
