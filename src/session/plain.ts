/** Sessions without a screen: what was denied, as data for one line per path. The caller decides whether and where to print. */
import type { AccessRecord, SupervisorEvent } from '../sandbox/linux/wire.ts';

/** One path that was denied, however often. */
export interface DenialSummary {
  readonly path: string;
  readonly access: AccessRecord['access'];
  readonly verb: AccessRecord['verb'];
  readonly reason: AccessRecord['reason'];
  readonly ruleId: number;
  readonly comm: string;
  readonly count: number;
}

/** In the order of first denial, one entry per path and kind of access. Held calls count when they were not allowed. */
export function summariseDenials(events: Iterable<SupervisorEvent>): readonly DenialSummary[] {
  const found = new Map<string, { record: AccessRecord; count: number }>();
  const held = new Map<bigint, AccessRecord>();
  const add = (record: AccessRecord): void => {
    const key = `${record.access}\0${record.ruleId}\0${record.path}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { record, count: 1 });
    else known.count += 1;
  };
  for (const event of events) {
    if (event.type === 'denied') add(event.record);
    if (event.type === 'held') held.set(event.holdId, event.record);
    if (event.type !== 'released' || event.outcome === 'suspended') continue;
    const record = held.get(event.holdId);
    held.delete(event.holdId);
    if (record !== undefined && event.outcome !== 'allowed') add(record);
  }
  for (const record of held.values()) add(record);
  return Array.from(found.values(), ({ record, count }) => ({
    path: record.path,
    access: record.access,
    verb: record.verb,
    reason: record.reason,
    ruleId: record.ruleId,
    comm: record.comm,
    count,
  }));
}
