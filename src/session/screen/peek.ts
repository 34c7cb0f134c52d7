/** What a key that allows would be about, whole, over the shell's last rows: what the selected row is about, when the row had to cut it, and the rule that
 * `s` would add, when that covers more than the row names. `~/work/…/settings.json` is many files, and `~/ (6 paths)` a whole home. Pure. */
import { textWidth } from '../../terminal/visible-text.ts';
import { wholeLines } from '../../terminal/wrap.ts';
import type { DialogView } from './chrome-model.ts';
import type { Layout } from './layout.ts';

export interface Peek {
  readonly view: DialogView;
  /** Whether all of it has room; otherwise nothing is allowed from the row. */
  readonly whole: boolean;
}

const BORDER = 2;
const MARGIN = 4;

/** `texts`: each begins a line of its own. */
export function peekAt(title: string, texts: readonly string[], layout: Layout): Peek {
  const { pane, list, hint, paneShown } = layout;
  // Beside the list, or above it: the rows stay in sight. A list that covers everything gives its last lines.
  const under = paneShown ? pane : list;
  const lines = texts.flatMap((text) => wholeLines(text, Math.max(1, under.width - BORDER - MARGIN)));
  const room = Math.max(1, under.height - BORDER);
  const shown = lines.slice(0, room);
  const width = Math.min(under.width - BORDER, Math.max(textWidth(title) + 2, ...shown.map(textWidth)) + MARGIN);
  const height = shown.length + BORDER;
  const bottom = paneShown ? pane.y + pane.height : hint.y;
  return {
    whole: shown.length === lines.length,
    view: {
      rect: { x: under.x + 1, y: Math.max(1, bottom - height), width, height },
      title,
      lines: shown.map((text) => [{ text, tone: 'strong' }]),
    },
  };
}
