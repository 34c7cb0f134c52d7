/** What can be done with a row, in one word: it chooses the hints and tells the keys apart. */
import { type DenialRow, underDenyRule } from '../rows/denial-row.ts';

export type Approvable =
  | 'held' // a call waits
  | 'denied' // not granted, already failed
  | 'rule' // under a deny rule
  | 'granted'
  | 'fold'
  | 'startup'
  | 'none';

/** The one word for a row, 'none' for no row. */
export function approvable(row: DenialRow | undefined): Approvable {
  if (row === undefined) return 'none';
  if (row.kind === 'startup') return 'startup';
  if (row.grant !== undefined && row.holds.size === 0) return 'granted';
  if (underDenyRule(row)) return 'rule';
  // No grant of a path lifts it.
  if (row.reason === 'refused-command') return 'none';
  if (row.kind === 'fold') return 'fold';
  return row.holds.size > 0 ? 'held' : 'denied';
}
