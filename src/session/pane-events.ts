/** What the program in the pane may cause outside its cells: answers to its own questions, a title, a bell. */
import type { Compositor } from '../terminal/compositor.ts';
import type { PaneEvents } from '../terminal/pane-screen.ts';
import { BellLimit, titleSequence } from '../terminal/title-and-bell.ts';

export interface PaneEventTargets {
  /** Undefined until the compositor is there. */
  readonly compositor: () => Compositor | undefined;
  /** Whether there is a terminal. What rings, or asks it, while there is none would reach the next one, all at once; its answers would be typed into whatever runs then. */
  readonly attended: () => boolean;
  readonly write: (data: string) => void;
  readonly shellHasKeys: () => boolean;
  readonly promptMark: (part: 'begin' | 'end') => void;
  /** A question about a colour; answered from what the user's terminal has said at the start. */
  readonly color: (which: 'foreground' | 'background' | number) => void;
  readonly clipboard: (text: string) => void;
  readonly now: () => number;
}

/** Our own fixed words for the user's terminal; its answer comes back as input and so reaches the program. */
const KITTY_QUERY = '\x1b[?u';
const QUERY_SPACING_MS = 100;

/** The reactions to what the pane reports. */
export function paneEvents(to: PaneEventTargets): PaneEvents {
  const bell = new BellLimit();
  let asked = Number.NEGATIVE_INFINITY;
  return {
    reply: to.write,
    title: (text) => to.compositor()?.setTitle(titleSequence(text)),
    bell: () => {
      if (to.attended() && bell.ring(to.now())) to.compositor()?.sideBand('\x07');
    },
    promptMark: to.promptMark,
    clipboard: to.clipboard,
    ask: (query) => {
      if (query !== 'kitty') {
        to.color(query);
        return;
      }
      const now = to.now();
      // While the chrome has the keyboard the answer would arrive there.
      if (!to.attended() || !to.shellHasKeys() || now - asked < QUERY_SPACING_MS) return;
      asked = now;
      to.compositor()?.sideBand(KITTY_QUERY);
    },
  };
}
