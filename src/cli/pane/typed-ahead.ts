/** What was typed while a search had the raw terminal (native/search/search_keys.c): the shell's, in the order in which it was typed. */
import type { TypedMeanwhile } from '../../policy/pattern/native-search.ts';

export class TypedAhead {
  readonly #keys: Buffer[] = [];
  #tooMuch = false;

  add(keys: TypedMeanwhile): void {
    if (keys === 'too-much') this.#tooMuch = true;
    else this.#keys.push(keys);
  }

  /** For the shell. Nothing when a part is missing: half of what was typed is another command. */
  get keys(): Buffer {
    return Buffer.concat(this.#tooMuch ? [] : this.#keys);
  }

  /** What the user is told of it. */
  get notice(): string | undefined {
    return this.#tooMuch
      ? 'more than 64 KB was typed while deny patterns were searched for: none of it went to the shell'
      : undefined;
  }
}
