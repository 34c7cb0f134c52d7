/** Which rows of the list fit on the screen, when some have a heading above them. Pure. */
import type { Group } from './row-order.ts';

export interface Lines {
  /** Of the whole list area. */
  readonly room: number;
  /** Of the row in this place. */
  readonly of: (at: number) => number;
}

/** Whether a line with the group's name stands above this row when `first` is the first on the screen: each group is named, also where its beginning is scrolled away. */
export function headed(groups: readonly Group[] | undefined, at: number, first: number): boolean {
  return groups !== undefined && (at === first || groups[at] !== groups[at - 1]);
}

/** How many rows fit, from this one on; at least one. */
export function rowsFitting(
  count: number,
  groups: readonly Group[] | undefined,
  first: number,
  { room, of }: Lines,
): number {
  let at = first;
  for (let used = 0; at < count; at += 1) {
    used += of(at) + (headed(groups, at, first) ? 1 : 0);
    if (used > room) break;
  }
  return Math.max(1, at - first);
}

/** The first row with which all from there to `last` fit. */
export function firstFor(last: number, groups: readonly Group[] | undefined, lines: Lines): number {
  let first = last;
  while (first > 0 && rowsFitting(last + 1, groups, first - 1, lines) > last - first + 1) first -= 1;
  return Math.max(0, first);
}
