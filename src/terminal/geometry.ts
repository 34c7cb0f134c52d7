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

/** Whether two places are the same one. */
export function sameRect(a: Rect | undefined, b: Rect | undefined): boolean {
  return a?.x === b?.x && a?.y === b?.y && a?.width === b?.width && a?.height === b?.height;
}

/** Whether a cell lies in a rectangle; mouse events and the cursor are clipped with it. */
export function contains(rect: Rect, x: number, y: number): boolean {
  return x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;
}
