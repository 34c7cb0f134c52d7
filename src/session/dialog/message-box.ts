/** A message that the last row has no room for, in a box above that row, with all of its words. Pure. */
import type { Rect } from '../../terminal/geometry.ts';
import { cutMiddle, textWidth } from '../../terminal/visible-text.ts';
import { wordLines } from '../../terminal/wrap.ts';
import type { DialogView } from '../screen/chrome-model.ts';
import type { Layout } from '../screen/layout.ts';

const BORDER = 2;
const EDGES = 4;
const TITLE = 'nono';

/** Whose keys the message is in the way of, if it lies there: a question's, the list's, or the shell's. */
export type Attention = 'dialog' | 'list' | 'shell';

/** What is looked at stays in sight: rows that a key would approve, and the shell's last lines where the list has room. */
function areaFor({ pane, list, hint, paneShown, split, size }: Layout, attention: Attention): Rect {
  const whole = { x: 0, y: 1, width: size.cols, height: hint.y - 1 };
  if (attention === 'dialog') return whole;
  if (attention === 'list') return paneShown ? pane : list;
  if (list.height === 0) return pane;
  return split === 'right' ? list : whole;
}

export function messageBox(message: string, layout: Layout, attention: Attention): DialogView {
  const area = areaFor(layout, attention);
  const width = Math.max(1, area.width - EDGES);
  const lines = wordLines(message, width);
  const room = Math.max(1, area.height - BORDER);
  // Longer than the screen: its beginning and its end.
  const shown =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), cutMiddle(lines.slice(room - 1).join(' '), width)];
  const height = Math.min(area.height, shown.length + BORDER);
  const wide = Math.min(area.width, Math.max(textWidth(TITLE) + BORDER, ...shown.map(textWidth)) + EDGES);
  return {
    rect: { x: area.x, y: area.y + area.height - height, width: wide, height },
    title: TITLE,
    lines: shown.map((text) => [{ text, tone: 'strong' }]),
  };
}

/** The screen that is left above or beside the box, for what must not lie under it. */
export function besideBox(layout: Layout, box: DialogView | undefined, attention: Attention): Layout {
  if (box === undefined || attention === 'shell') return layout;
  const { height } = box.rect;
  const shorter = (rect: Rect): Rect => ({ ...rect, height: Math.max(0, rect.height - height) });
  if (attention === 'dialog') return { ...layout, size: { ...layout.size, rows: layout.size.rows - height } };
  if (layout.paneShown) return { ...layout, pane: shorter(layout.pane) };
  return { ...layout, list: shorter(layout.list), hint: { ...layout.hint, y: layout.hint.y - height } };
}
