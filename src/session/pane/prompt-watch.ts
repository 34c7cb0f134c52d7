/** Whether the shell waits at a prompt with nothing typed behind it, as far as its marks (OSC 133) tell. */
export class PromptWatch {
  #begun = false;
  #empty = false;
  #typed = false;
  #entered = false;
  readonly #soon: (run: () => void) => void;

  /** `soon`: runs it when all that was there to be read beside the prompt has been. The relay says that a line ended before the shell has it, but the two ways here have no order. */
  constructor(soon: (run: () => void) => void) {
    this.#soon = soon;
  }

  /** A prompt that is only drawn again (a resize, Ctrl-L) has an end and no beginning: something may stand behind it. */
  mark(part: 'begin' | 'end'): void {
    if (part === 'begin') this.#begun = true;
    else if (this.#begun) {
      this.#begun = false;
      this.#soon(() => {
        this.#entered ||= this.#typed;
        this.#typed = false;
        this.#empty = true;
      });
    }
  }

  /** Something went to the shell. */
  input(): void {
    this.#empty = false;
    this.#typed = true;
  }

  /** An earlier command of this session can be brought back; before the first one it would be a command of another day. */
  get ready(): boolean {
    return this.#empty && this.#entered;
  }
}
