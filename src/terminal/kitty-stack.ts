/** The kitty keyboard protocol's flag stack, kept for the program in the pane: the emulator does not know it. One stack per screen, as the protocol says. */

const MAX_DEPTH = 16;
const MAX_FLAGS = 31;

/** Applies push, pop and set; `flags` is what the outer terminal should use. */
export class KittyStack {
  #main: number[] = [0];
  #alternate: number[] = [0];
  #onAlternate = false;

  get flags(): number {
    const stack = this.#stack;
    return stack[stack.length - 1] ?? 0;
  }

  get #stack(): number[] {
    return this.#onAlternate ? this.#alternate : this.#main;
  }

  selectScreen(alternate: boolean): void {
    this.#onAlternate = alternate;
  }

  push(flags: number): void {
    this.#stack.push(flags & MAX_FLAGS);
    if (this.#stack.length > MAX_DEPTH) this.#stack.splice(1, 1);
  }

  pop(count: number): void {
    const stack = this.#stack;
    const left = stack.length - Math.max(1, count);
    stack.length = Math.max(1, left);
    // Popping more than there is resets the flags.
    if (left < 1) stack[0] = 0;
  }

  set(flags: number, how: number): void {
    const stack = this.#stack;
    const top = stack.length - 1;
    const old = stack[top] ?? 0;
    stack[top] = (how === 2 ? old | flags : how === 3 ? old & ~flags : flags) & MAX_FLAGS;
  }

  reset(): void {
    this.#main = [0];
    this.#alternate = [0];
    this.#onAlternate = false;
  }
}
