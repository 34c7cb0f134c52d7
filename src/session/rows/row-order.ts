/** The order of the rows. Sorted when it is asked for, not continuously: what comes later stands below, so that nothing moves under a finger. */
import type { DenialRow, RowId } from './denial-row.ts';
import { isNetPath } from './net-target.ts';

const orders = ['arrival', 'directory', 'program', 'count'] as const;
export type Order = (typeof orders)[number];

/** Ranks of the rows there were; undefined is the order of arrival. */
export type Ranks = ReadonlyMap<RowId, number>;

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function directoryGroup(row: DenialRow): string {
  if (row.kind === 'startup') return 'start-up';
  if (isNetPath(row.path)) return 'network';
  return row.kind === 'fold' ? row.path : row.path.slice(0, Math.max(1, row.path.lastIndexOf('/')));
}

function programGroup(row: DenialRow): string {
  return row.kind === 'startup' ? 'start-up' : row.comm;
}

/** Under which heading a row stands; undefined: there are none. */
const GROUP: Readonly<Record<Order, ((row: DenialRow) => string) | undefined>> = {
  arrival: undefined,
  directory: directoryGroup,
  program: programGroup,
  count: undefined,
};

/** A heading, and how many rows are under it. */
export interface Group {
  /** A path, a program's name or a word for rows that have none; untrusted text. `undefined`: what came since it was sorted. */
  readonly name: string | undefined;
  readonly rows: number;
}

/** For each shown row the group it is in; undefined where rows are not grouped. Rows of one group stand together. */
export function groupsOf(
  rows: readonly DenialRow[],
  order: Order,
  ranks: Ranks | undefined,
): readonly Group[] | undefined {
  const name = GROUP[order];
  if (name === undefined || ranks === undefined) return undefined;
  const tops = rows.map((row) => row.fold ?? row);
  const names = tops.map((row) => (ranks.has(row.id) ? name(row) : undefined));
  const groups = new Map<string | undefined, { name: string | undefined; rows: number }>();
  return rows.map((row, i) => {
    const group = groups.get(names[i]) ?? { name: names[i], rows: 0 };
    groups.set(names[i], group);
    if (row === tops[i]) group.rows += 1;
    return group;
  });
}

const COMPARE: Readonly<Record<Order, (a: DenialRow, b: DenialRow) => number>> = {
  arrival: (a, b) => a.id - b.id,
  directory: (a, b) => text(directoryGroup(a), directoryGroup(b)) || text(a.path, b.path) || a.id - b.id,
  program: (a, b) => text(programGroup(a), programGroup(b)) || text(a.path, b.path) || a.id - b.id,
  count: (a, b) => b.count - a.count || a.id - b.id,
};

export function nextOrder(order: Order): Order {
  return orders[(orders.indexOf(order) + 1) % orders.length] ?? 'arrival';
}

export function ranksOf(rows: readonly DenialRow[], order: Order): Ranks {
  return new Map([...rows].sort(COMPARE[order]).map((row, i) => [row.id, i]));
}

/** Rows without a rank come last, in the order of arrival. */
export function ordered(rows: readonly DenialRow[], ranks: Ranks | undefined): readonly DenialRow[] {
  if (ranks === undefined) return rows;
  const rank = (row: DenialRow): number => ranks.get(row.id) ?? ranks.size + row.id;
  return [...rows].sort((a, b) => rank(a) - rank(b));
}
