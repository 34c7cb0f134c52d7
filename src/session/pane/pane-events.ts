/** What the program in the pane may cause outside its cells: answers to its own questions, a title, a bell. */
import type { Compositor } from '../../terminal/compositor.ts';
import type { PaneEvents } from '../../terminal/pane-screen.ts';
import { BellLimit, titleSequence } from '../../terminal/title-and-bell.ts';

export interface PaneEventTargets {
  /** Undefined until the compositor is there. */
  readonly compositor: () => Compositor | undefined;
  /** Whether there is a terminal. What rings while there is none would reach the next one, all at once. */
  readonly attended: () => boolean;
  /** What the emulator answers. */
  readonly write: (data: string) => void;
  readonly promptMark: (part: 'begin' | 'end') => void;
  /** A question about a colour; answered from what the user's terminal has said at the start. */
  readonly color: (which: 'foreground' | 'background' | number) => void;
  /** A question about the flags of the keyboard, which are these. */
  readonly kitty: (flags: number) => void;
  readonly clipboard: (text: string) => void;
  readonly now: () => number;
}

/** The reactions to what the pane reports. */
export function paneEvents(to: PaneEventTargets): PaneEvents {
  const bell = new BellLimit();
  return {
    reply: to.write,
    title: (text) => to.compositor()?.setTitle(titleSequence(text)),
    bell: () => {
      if (to.attended() && bell.ring(to.now())) to.compositor()?.sideBand('\x07');
    },
    promptMark: to.promptMark,
    clipboard: to.clipboard,
    ask: to.color,
    askKitty: to.kitty,
  };
}
