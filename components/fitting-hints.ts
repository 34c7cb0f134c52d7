/** Which hints the last row has room for. */
import { type Hint, MAX_HINTS } from '../src/session/keys/keymap.ts';
import { textWidth } from '../src/terminal/visible-text.ts';

export const GAP = 3;

/** Columns of the last row beside what waits. */
export function hintRoom(width: number, alert: string): number {
  return width - 2 - (alert === '' ? 0 : textWidth(alert) + 2 + GAP);
}

/** The hints that fit in a width as a whole, the last one before all others: beside what waits there may be room for none. */
export function fittingHints(hints: readonly Hint[], width: number): readonly Hint[] {
  const cost = (h: Hint): number => textWidth(h.key) + 1 + textWidth(h.text) + GAP;
  const last = hints.at(-1);
  if (last === undefined) return [];
  const kept: Hint[] = [];
  let room = width - cost(last) + GAP;
  if (room < 0) return [];
  for (const hint of hints.slice(0, -1).slice(0, MAX_HINTS - 1)) {
    room -= cost(hint);
    if (room < 0) break;
    kept.push(hint);
  }
  return [...kept, last];
}
