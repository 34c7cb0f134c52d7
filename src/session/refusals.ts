/** Paths that the user said no to for the rest of the session, each with everything below it. Narrows only. */
import { isWithin } from '../policy/paths.ts';

export class Refusals {
  readonly #paths = new Set<string>();

  get paths(): readonly string[] {
    return [...this.#paths];
  }

  add(path: string): void {
    this.#paths.add(path);
  }

  /** Whether it was one of them. */
  remove(path: string): boolean {
    return this.#paths.delete(path);
  }

  covers(path: string): boolean {
    for (const refused of this.#paths) if (isWithin(path, refused)) return true;
    return false;
  }
}
