/** Where the list was and how large, kept for the next session. Losing it costs nothing, so nothing fails because of it. */
import { join } from 'node:path';
import { defaultWish, type LayoutWish } from '../session/screen/layout.ts';
import { A_MOMENT_MS, updateFile } from './atomic-update.ts';
import { ownState } from './own-state.ts';
import { readTextFile } from './read-text.ts';

const MOST_CELLS = 1000;

function cells(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < MOST_CELLS ? value : undefined;
}

function parse(text: string): Partial<LayoutWish> {
  const { split, columns, rows, on, hidden } = JSON.parse(text) as Record<string, unknown>;
  const [onCols, onRows] = Array.isArray(on) ? on.map(cells) : [];
  return {
    ...(split === 'right' || split === 'bottom' ? { split } : {}),
    columns: cells(columns),
    rows: cells(rows),
    ...(onCols === undefined || onRows === undefined ? {} : { chosenOn: { cols: onCols, rows: onRows } }),
    hidden: hidden === true,
  };
}

/** `configured`: what the user's settings say about the side; they win over what was remembered. */
export function rememberedLayout(state: string, configured: LayoutWish['split'] | undefined) {
  const file = (): string => join(ownState(state), 'ui.json');
  let before: Partial<LayoutWish> = {};
  try {
    const text = readTextFile(file(), 'io');
    if (text !== undefined) before = parse(text);
  } catch {
    // Written by another version, or damaged: the size of the screen decides.
  }
  const wish: LayoutWish = { ...defaultWish, ...before, ...(configured === undefined ? {} : { split: configured }) };
  return {
    wish,
    remember: ({ split, columns, rows, chosenOn, hidden }: LayoutWish): void => {
      if (split === wish.split && columns === wish.columns && rows === wish.rows && hidden === wish.hidden) return;
      try {
        const on = chosenOn && [chosenOn.cols, chosenOn.rows];
        updateFile(file(), () => `${JSON.stringify({ split, columns, rows, on, hidden })}\n`, A_MOMENT_MS);
      } catch {
        // As above.
      }
    },
  };
}
