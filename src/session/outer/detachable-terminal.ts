/** The terminal that a session draws on, which may go and be followed by another one. While there is none no frame is sent, and the screen lives on in the emulator. */
import type { Size } from '../../terminal/geometry.ts';
import type { OuterTerminal } from '../../terminal/outer-terminal.ts';

export class DetachableTerminal implements OuterTerminal {
  #current: OuterTerminal | undefined;
  #size: Size;
  #take: (bytes: Buffer | undefined) => void = () => {};
  #drained: () => void = () => {};
  #another: () => void = () => {};

  /** `size`: of the screen while there is no terminal. */
  constructor(first: OuterTerminal | undefined, size: Size) {
    this.#current = first;
    this.#size = size;
  }

  get current(): OuterTerminal | undefined {
    return this.#current;
  }

  attach(next: OuterTerminal): void {
    this.#current = next;
    this.#another();
    next.onInput(this.#take);
    next.onDrain(this.#drained);
    this.#drained();
  }

  detach(): void {
    this.size();
    this.#current?.onInput(() => {});
    this.#current?.onDrain(() => {});
    this.#current = undefined;
  }

  size(): Size {
    if (this.#current !== undefined) this.#size = this.#current.size();
    return this.#size;
  }

  get ready(): boolean {
    return this.#current?.ready ?? false;
  }

  write(data: string, taken: () => void): void {
    this.#current?.write(data, taken);
  }

  onDrain(run: () => void): void {
    this.#drained = run;
    this.#current?.onDrain(run);
  }

  onInput(take: (bytes: Buffer | undefined) => void): void {
    this.#take = take;
    this.#current?.onInput(take);
  }

  onAnother(run: () => void): void {
    this.#another = run;
  }

  pauseInput(paused: boolean): void {
    this.#current?.pauseInput(paused);
  }

  writeNow(data: string): void {
    this.#current?.writeNow(data);
  }

  giveBack(data: string): void {
    this.#current?.giveBack(data);
  }

  async close(ms: number): Promise<void> {
    await this.#current?.close(ms);
  }
}
