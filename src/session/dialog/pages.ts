/** A dialog that has no room for all its lines has pages. Nothing in it is approved before each of them was on the screen for as long as an approval needs. */
import type { Dialog } from '../screen/ui-state.ts';

/** Those whose pages are turned; in the others the same keys move through lines. */
const paged: ReadonlySet<Dialog['kind']> = new Set([
  'details',
  'save',
  'override-confirm',
  'grant',
  'clipboard',
  'quit',
]);

export function isPaged({ kind }: Dialog): boolean {
  return paged.has(kind);
}

export class Pages {
  #content = '';
  #count = 1;
  #at = 0;
  readonly #seen = new Set<number>();

  /** What the dialog says, on how many pages; other words begin at the first page, unseen. Answers which one to show. */
  show(content: string, count: number): number {
    if (content !== this.#content || count !== this.#count) {
      this.#content = content;
      this.#count = count;
      this.#at = 0;
      this.#seen.clear();
    }
    return this.#at;
  }

  get count(): number {
    return this.#count;
  }

  /** Names the page that is shown. */
  get key(): string {
    return `${this.#at} of ${this.#count}`;
  }

  /** To another page. `seen`: whether the one that is left was looked at for long enough. */
  turn(by: number, seen: boolean): void {
    if (seen) this.#seen.add(this.#at);
    this.#at = Math.min(this.#count - 1, Math.max(0, this.#at + by));
  }

  /** Whether all the others were seen. */
  get othersSeen(): boolean {
    for (let page = 0; page < this.#count; page += 1) if (page !== this.#at && !this.#seen.has(page)) return false;
    return true;
  }
}
