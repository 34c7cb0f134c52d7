/** Rectangles of the screen, zero-based. */

/** A place on the screen: the pane, the list, a dialog. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A screen or pane size in cells. */
export interface Size {
  readonly cols: number;
  readonly rows: number;
}

const MOST_CELLS = 0xffff;

/** `120x40`; undefined for what no terminal can be. */
export function sizeFrom(text: string): Size | undefined {
  const parts = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text);
  const [cols = 0, rows = 0] = (parts ?? []).slice(1).map(Number);
  return cols < 1 || rows < 1 || cols > MOST_CELLS || rows > MOST_CELLS ? undefined : { cols, rows };
}

/** Whether two places are the same one. */
export function sameRect(a: Rect | undefined, b: Rect | undefined): boolean {
  return a?.x === b?.x && a?.y === b?.y && a?.width === b?.width && a?.height === b?.height;
}

/** Whether two lists of places are the same ones, in the same order. */
export function sameRects(a: readonly Rect[], b: readonly Rect[]): boolean {
  return a.length === b.length && a.every((one, i) => sameRect(one, b[i]));
}

/** Whether a cell lies in a rectangle; mouse events and the cursor are clipped with it. */
export function contains(rect: Rect, x: number, y: number): boolean {
  return x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;
}
