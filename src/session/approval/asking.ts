/** Whether calls outside the grants are held for an answer: from the first prompt on, while there are a terminal and a list to answer in. Otherwise nothing may wait. */
import type { SupervisorCommand } from '../../sandbox/linux/wire.ts';

export class Asking {
  readonly #send: (command: SupervisorCommand) => void;
  #begun = false;
  #attended = true;
  #listWorks = true;

  constructor(send: (command: SupervisorCommand) => void) {
    this.#send = send;
  }

  /** Whether the start is over, for good. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The shell is ready for the user. */
  begin(): void {
    this.#begun = true;
    if (this.#attended && this.#listWorks) this.#send({ type: 'set-mode', mode: 'ask' });
  }

  /** Whether there is a terminal. What waits when it goes is refused, what comes is denied and listed. */
  attended(there: boolean): void {
    if (this.#attended === there) return;
    this.#attended = there;
    if (this.#begun && this.#listWorks) this.#send({ type: 'set-mode', mode: there ? 'ask' : 'observe' });
  }

  /** Without the list nothing can be approved, from now on. */
  listFailed(): void {
    this.#listWorks = false;
    this.#send({ type: 'set-mode', mode: 'observe' });
  }
}
