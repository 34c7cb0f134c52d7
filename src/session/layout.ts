/** Where everything is on a screen of a given size. Pure; the compositor, the components and the mouse all use the same answer. */
import type { Rect, Size } from '../terminal/geometry.ts';

export interface Layout {
  readonly size: Size;
  /** 'tiny': nothing fits, the screen says so. */
  readonly split: 'right' | 'bottom' | 'tiny';
  readonly title: Rect;
  readonly pane: Rect;
  /** The line between pane and list: a column, or a row that also heads the list. */
  readonly divider: Rect;
  readonly list: Rect;
  readonly hint: Rect;
}

const MIN: Size = { cols: 40, rows: 10 };
/** From here on the list has its own column; below, the shell keeps the whole width, which `ls -l` and `git log` need more than rows. */
const WIDE = 100;
const NARROW_LIST = 30;
const SHELL_MIN_COLS = 48;
/** Fewer rows than this are not worth splitting again. */
const SPLIT_ROWS = 18;

function rect(x: number, y: number, width: number, height: number): Rect {
  return { x, y, width, height };
}

function listWidth(cols: number): number {
  return Math.min(44, Math.max(38, Math.round(cols * 0.36)));
}

function right(size: Size, width: number): Layout {
  const { cols, rows } = size;
  const pane = cols - width - 1;
  return {
    size,
    split: 'right',
    title: rect(0, 0, cols, 1),
    pane: rect(0, 1, pane, rows - 2),
    divider: rect(pane, 1, 1, rows - 2),
    list: rect(pane + 1, 1, width, rows - 2),
    hint: rect(0, rows - 1, cols, 1),
  };
}

function bottom(size: Size): Layout {
  const { cols, rows } = size;
  const list = rows >= SPLIT_ROWS ? Math.min(10, Math.max(5, Math.round(rows * 0.25))) : 2;
  const pane = rows - 3 - list;
  return {
    size,
    split: 'bottom',
    title: rect(0, 0, cols, 1),
    pane: rect(0, 1, cols, pane),
    divider: rect(0, 1 + pane, cols, 1),
    list: rect(0, 2 + pane, cols, list),
    hint: rect(0, rows - 1, cols, 1),
  };
}

/** The layout for a screen; never negative, also for absurd sizes. */
export function layoutFor(size: Size): Layout {
  if (size.cols < MIN.cols || size.rows < MIN.rows) {
    const all = rect(0, 0, size.cols, size.rows);
    const none = rect(0, 0, 0, 0);
    return { size, split: 'tiny', title: none, pane: all, divider: none, list: none, hint: none };
  }
  if (size.cols >= WIDE) return right(size, listWidth(size.cols));
  if (size.rows < SPLIT_ROWS && size.cols >= SHELL_MIN_COLS + NARROW_LIST + 1) return right(size, NARROW_LIST);
  return bottom(size);
}

/** The size the shell's terminal should have on a screen of this size; never zero. */
export function paneSize(size: Size): Size {
  const { pane } = layoutFor(size);
  return { cols: Math.max(2, pane.width), rows: Math.max(1, pane.height) };
}

/** A dialog of this many text lines, centred over the pane and list, with a border and a margin of one cell. */
export function dialogRect(layout: Layout, width: number, lines: number): Rect {
  const { cols, rows } = layout.size;
  const w = Math.min(width + 4, cols - 2);
  const h = Math.min(lines + 2, rows - 2);
  return rect(Math.floor((cols - w) / 2), Math.max(1, Math.floor((rows - h) / 2)), w, h);
}
