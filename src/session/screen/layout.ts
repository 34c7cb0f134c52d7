/** Where everything is on a screen of a given size. Pure; the compositor, the components and the mouse all use the same answer. */
import type { Rect, Size } from '../../terminal/geometry.ts';

export interface Layout {
  readonly size: Size;
  /** 'tiny': nothing fits, the screen says so. 'none': the shell alone. */
  readonly split: 'right' | 'bottom' | 'none' | 'tiny';
  /** False while the list covers the shell, which keeps its size meanwhile. */
  readonly paneShown: boolean;
  readonly title: Rect;
  readonly pane: Rect;
  /** The line between pane and list: a column, or a row that also heads the list. */
  readonly divider: Rect;
  readonly list: Rect;
  readonly hint: Rect;
}

/** How the user wants it; sizes in cells, undefined where the screen decides. */
export interface LayoutWish {
  readonly split: 'auto' | 'right' | 'bottom';
  /** Columns of the list beside the shell. */
  readonly columns?: number | undefined;
  /** Rows of the list below it. */
  readonly rows?: number | undefined;
  /** Of the screen that they were chosen on: on a smaller one the shell keeps a size that one can work in. */
  readonly chosenOn?: Size | undefined;
  readonly hidden: boolean;
  readonly zoom: 'none' | 'shell' | 'list';
}

export const defaultWish: LayoutWish = { split: 'auto', hidden: false, zoom: 'none' };

const MIN: Size = { cols: 40, rows: 10 };
/** From here on the list has its own column; below, the shell keeps the whole width, which `ls -l` and `git log` need more than rows. */
const WIDE = 100;
const NARROW_LIST = 30;
const SHELL_MIN_COLS = 48;
const SHELL_MIN_ROWS = 12;
/** Fewer rows than this are not worth splitting again. */
const SPLIT_ROWS = 18;
/** The shell and the list keep at least this much, whatever was asked for. */
const LEAST_LIST: Size = { cols: 24, rows: 2 };
const LEAST_PANE: Size = { cols: 24, rows: 3 };

function rect(x: number, y: number, width: number, height: number): Rect {
  return { x, y, width, height };
}

function listWidth(cols: number): number {
  return Math.min(44, Math.max(38, Math.round(cols * 0.36)));
}

function right(size: Size, wanted: number): Layout {
  const { cols, rows } = size;
  const width = Math.max(LEAST_LIST.cols - 12, Math.min(wanted, cols - 1 - LEAST_PANE.cols));
  const pane = cols - width - 1;
  return {
    size,
    split: 'right',
    paneShown: true,
    title: rect(0, 0, cols, 1),
    pane: rect(0, 1, pane, rows - 2),
    divider: rect(pane, 1, 1, rows - 2),
    list: rect(pane + 1, 1, width, rows - 2),
    hint: rect(0, rows - 1, cols, 1),
  };
}

function listHeight(rows: number): number {
  return rows >= SPLIT_ROWS ? Math.min(10, Math.max(5, Math.round(rows * 0.25))) : 2;
}

function bottom(size: Size, wanted: number): Layout {
  const { cols, rows } = size;
  const list = Math.max(LEAST_LIST.rows, Math.min(wanted, rows - 3 - LEAST_PANE.rows));
  const pane = rows - 3 - list;
  return {
    size,
    split: 'bottom',
    paneShown: true,
    title: rect(0, 0, cols, 1),
    pane: rect(0, 1, cols, pane),
    divider: rect(0, 1 + pane, cols, 1),
    list: rect(0, 2 + pane, cols, list),
    hint: rect(0, rows - 1, cols, 1),
  };
}

const NONE = rect(0, 0, 0, 0);

/** The shell alone; the hint line stays, since it says that something waits. */
function alone(size: Size, titled: boolean): Layout {
  const { cols, rows } = size;
  const top = titled ? 1 : 0;
  return {
    size,
    split: 'none',
    paneShown: true,
    title: titled ? rect(0, 0, cols, 1) : NONE,
    pane: rect(0, top, cols, rows - 1 - top),
    divider: NONE,
    list: NONE,
    hint: rect(0, rows - 1, cols, 1),
  };
}

function tiny(size: Size): Layout {
  const all = rect(0, 0, size.cols, size.rows);
  return { size, split: 'tiny', paneShown: false, title: NONE, pane: all, divider: NONE, list: NONE, hint: NONE };
}

/** The list over everything; the shell keeps the size it has without that. */
function listAlone(size: Size, below: Layout): Layout {
  const { cols, rows } = size;
  return {
    ...below,
    split: 'bottom',
    paneShown: false,
    title: rect(0, 0, cols, 1),
    divider: rect(0, 1, cols, 1),
    list: rect(0, 2, cols, rows - 3),
    hint: rect(0, rows - 1, cols, 1),
  };
}

/** The sizes that are wished for, as far as they are meant for a screen like this. */
function onThis({ cols, rows }: Size, wish: LayoutWish): LayoutWish {
  const { chosenOn } = wish;
  const most = (wanted: number | undefined, room: number, least: number): number | undefined =>
    wanted === undefined ? undefined : Math.min(wanted, Math.max(least, room));
  if (chosenOn === undefined) return wish;
  return {
    ...wish,
    columns: cols < chosenOn.cols ? most(wish.columns, cols - 1 - SHELL_MIN_COLS, LEAST_LIST.cols) : wish.columns,
    rows: rows < chosenOn.rows ? most(wish.rows, rows - 3 - SHELL_MIN_ROWS, LEAST_LIST.rows) : wish.rows,
  };
}

function splitFor(size: Size, asked: LayoutWish): Layout {
  const wish = onThis(size, asked);
  const { cols, rows } = size;
  const fits = cols >= LEAST_PANE.cols + LEAST_LIST.cols + 1;
  if (wish.split === 'bottom') return bottom(size, wish.rows ?? listHeight(rows));
  if (wish.split === 'right' && fits) {
    const own =
      cols >= WIDE ? listWidth(cols) : Math.max(LEAST_LIST.cols, Math.min(NARROW_LIST, cols - SHELL_MIN_COLS));
    return right(size, Math.max(LEAST_LIST.cols, wish.columns ?? own));
  }
  if (cols >= WIDE) return right(size, Math.max(LEAST_LIST.cols, wish.columns ?? listWidth(cols)));
  if (rows < SPLIT_ROWS && cols >= SHELL_MIN_COLS + NARROW_LIST + 1)
    return right(size, Math.max(LEAST_LIST.cols, Math.min(wish.columns ?? NARROW_LIST, cols - 1 - SHELL_MIN_COLS)));
  return bottom(size, wish.rows ?? listHeight(rows));
}

/** The layout for a screen; never negative, also for absurd sizes and wishes. */
export function layoutFor(size: Size, wish: LayoutWish = defaultWish): Layout {
  if (size.cols < MIN.cols || size.rows < MIN.rows) return tiny(size);
  const beneath = wish.zoom === 'shell' ? alone(size, false) : wish.hidden ? alone(size, true) : splitFor(size, wish);
  return wish.zoom === 'list' ? listAlone(size, beneath) : beneath;
}

/** The size the shell's terminal should have on a screen of this size; never zero. */
export function paneSize(size: Size, wish: LayoutWish = defaultWish): Size {
  const { pane } = layoutFor(size, wish);
  return { cols: Math.max(2, pane.width), rows: Math.max(1, pane.height) };
}

/** Narrower than this, what is seen beside a dialog is beginnings and ends of words. */
const LEAST_MARGIN = 3;

/** A dialog of this many text lines, with a border, centred over the pane and list, or from edge to edge. */
export function dialogRect(layout: Layout, width: number, lines: number): Rect {
  const { cols, rows } = layout.size;
  const w = width + 4 > cols - 2 * LEAST_MARGIN ? cols : width + 4;
  const h = Math.min(lines + 2, rows - 2);
  return rect(Math.floor((cols - w) / 2), Math.max(1, Math.floor((rows - h) / 2)), w, h);
}
