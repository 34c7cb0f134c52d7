/** The part of a line being typed that is shown where the whole has no room: always the part around its cursor. Counts columns, so wide characters do not shift it. Pure. */
import { cutEnd, textWidth, visibleText } from '../../terminal/visible-text.ts';
import type { EditedLine } from './line-editor.ts';

export interface TypedWindow {
  readonly shown: string;
  /** Of the cursor, within what is shown. */
  readonly column: number;
}

const MARK = '…';
/** Behind the cursor: the character it stands on may be wide, and after it a mark says that more follows. */
const AFTER = 3;

export function typedWindow({ text, at }: EditedLine, width: number): TypedWindow {
  const whole = visibleText(text);
  const column = textWidth(visibleText(Array.from(text).slice(0, at).join('')));
  const away = column - Math.max(0, width - AFTER);
  if (away <= 0) return { shown: cutEnd(whole, width), column };
  const all = Array.from(whole);
  let from = 0;
  let gone = 0;
  // What has no width belongs to the character before it.
  while (from < all.length && (gone < away + MARK.length || textWidth(all[from] ?? '') === 0)) {
    gone += textWidth(all[from] ?? '');
    from += 1;
  }
  return { shown: MARK + cutEnd(all.slice(from).join(''), width - MARK.length), column: column - gone + MARK.length };
}
