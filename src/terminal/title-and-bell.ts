/** The two things besides cells that the program in the pane may cause outside it: a title and a bell, both tamed. */
import { cutEnd, visibleText } from './visible-text.ts';

const TITLE_WIDTH = 120;
const BELL_SPACING_MS = 500;
const MAX_TITLES = 10;
/** What is kept of one: more is never shown. */
const MAX_TITLE = 1000;

/** OSC 2 with a marked, escaped and shortened title: it can neither end the sequence nor pass for another window. */
export function titleSequence(title: string): string {
  return `\x1b]2;nono: ${cutEnd(visibleText(title), TITLE_WIDTH)}\x1b\\`;
}

/** Lets through one bell in half a second: `yes $'\a'` must not become a siren. */
export class BellLimit {
  #last = Number.NEGATIVE_INFINITY;

  ring(now: number): boolean {
    if (now - this.#last < BELL_SPACING_MS) return false;
    this.#last = now;
    return true;
  }
}

/** The titles a program has put aside (CSI 22 t) to bring back later (CSI 23 t). */
export class TitleStack {
  readonly #titles: string[] = [];
  #now = '';

  set now(title: string) {
    this.#now = title.slice(0, MAX_TITLE);
  }

  push(): void {
    this.#titles.push(this.#now);
    if (this.#titles.length > MAX_TITLES) this.#titles.shift();
  }

  /** The title that is to be shown again; undefined when none was put aside. */
  pop(): string | undefined {
    const title = this.#titles.pop();
    if (title !== undefined) this.#now = title;
    return title;
  }
}
