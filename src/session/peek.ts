/** What the selected row is about, whole, over the shell's last rows: shown when the row itself had to cut it. A key that allows must not be pressed on
 * the two ends of a path: `~/work/…/settings.json` is many files. Pure. */
import { textWidth } from '../terminal/visible-text.ts';
import { wholeLines } from '../terminal/wrap.ts';
import type { DialogView, RowView } from './chrome-model.ts';
import type { Layout } from './layout.ts';

export interface Peek {
  readonly view: DialogView;
  /** Whether all of it has room; otherwise nothing is allowed from the row. */
  readonly whole: boolean;
}

const BORDER = 2;
const MARGIN = 4;

export function peekAt(row: RowView, layout: Layout): Peek {
  const { pane, list, hint, paneShown } = layout;
  // Beside the list, or above it: the rows stay in sight. A list that covers everything gives its last lines.
  const under = paneShown ? pane : list;
  const lines = wholeLines(row.path, Math.max(1, under.width - BORDER - MARGIN));
  const room = Math.max(1, under.height - BORDER);
  const shown = lines.slice(0, room);
  const width = Math.min(under.width - BORDER, Math.max(textWidth(row.verb) + 6, ...shown.map(textWidth)) + MARGIN);
  const height = shown.length + BORDER;
  const bottom = paneShown ? pane.y + pane.height : hint.y;
  return {
    whole: shown.length === lines.length,
    view: {
      rect: { x: under.x + 1, y: Math.max(1, bottom - height), width, height },
      title: row.verb === '' ? 'row' : row.verb,
      lines: shown.map((text) => [{ text, tone: 'strong' }]),
    },
  };
}
