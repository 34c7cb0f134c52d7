/** The order of the rows. Sorted when it is asked for, not continuously: what comes later stands below, so that nothing moves under a finger. */
import type { DenialRow, RowId } from './denial-row.ts';

export const orders = ['arrival', 'path', 'program', 'count'] as const;
export type Order = (typeof orders)[number];

/** Ranks of the rows there were; undefined is the order of arrival. */
export type Ranks = ReadonlyMap<RowId, number>;

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const COMPARE: Readonly<Record<Order, (a: DenialRow, b: DenialRow) => number>> = {
  arrival: (a, b) => a.id - b.id,
  path: (a, b) => text(a.path, b.path) || a.id - b.id,
  program: (a, b) => text(a.comm, b.comm) || text(a.path, b.path) || a.id - b.id,
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
