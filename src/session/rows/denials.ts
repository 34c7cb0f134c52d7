/** Supervisor events → rows of the live list. No time, no terminal, no policy in here: `now` comes in, rows come out. */
import type { AccessRecord, NetRecord, SupervisorEvent } from '../../sandbox/linux/wire.ts';
import type { Caller, DenialRow, RowId, RowKind } from './denial-row.ts';
import { directoriesAbove, FoldDetector } from './fold-detector.ts';
import { foldedHost, type NetTarget, netPath, netTarget } from './net-target.ts';
import { ResolvedNames } from './resolved-names.ts';
import { verbText } from './row-text.ts';

const MAX_ROWS = 2000;
const DROP_BATCH = 50;
const MAX_MEMBERS = 200;
/** The supervisor remembers fewer; what it has forgotten comes back under a new id. */
const MAX_INTERRUPTED = 128;

/** What an event did to the list. `row` is the visible row it touched; `news` is false for what the user has already said no to. */
export interface Change {
  readonly row?: DenialRow;
  readonly news: boolean;
}

/** A denied or waiting call, on a path or on an address. */
interface Seen extends AccessRecord {
  readonly net?: NetTarget;
}

function seenNet(record: NetRecord): Seen {
  const net = netTarget(record);
  return { ...record, access: 'connect', object: 'other', path: netPath(net), net };
}

const NOTHING: Change = { news: false };

function callerOf({ pid, parentPid, parentComm }: Seen): Caller {
  return { pid, parentPid, parentComm };
}

/** All that an approval depends on: whatever is different in it has a row of its own. */
function rowKey(r: Seen): string {
  const other =
    r.other === undefined ? '' : `\0${r.other.spelled ?? r.other.path}\0${r.other.first}\0${r.other.allowed}`;
  const directory = r.object === 'directory';
  return `${verbText(r)}\0${r.access}\0${r.comm}\0${r.ruleId}\0${directory}\0${r.spelled ?? r.path}${other}`;
}

export class DenialList {
  readonly #rows: DenialRow[] = [];
  readonly #byKey = new Map<string, DenialRow>();
  readonly #byId = new Map<RowId, DenialRow>();
  readonly #byHold = new Map<bigint, { readonly row: DenialRow; readonly key: string }>();
  /** Holds that a signal ended, oldest first, with what they asked for: a repeated call comes back to its row. */
  readonly #interrupted = new Map<bigint, { readonly row: DenialRow; readonly key: string }>();
  readonly #folds = new Map<string, DenialRow>();
  readonly #floods = new FoldDetector();
  readonly #names: ResolvedNames;
  #startup: DenialRow | undefined;
  #starting = true;
  #nextId = 1;
  #stored = 0;

  /** Calls denied, held ones not counted. */
  denied = 0;
  /** Denials the supervisor could not report, and rows that had to make room. */
  forgotten = 0;

  /** `nameServers`: those whose answers give addresses a name to be shown with. */
  constructor(nameServers: () => readonly string[] = () => []) {
    this.#names = new ResolvedNames(nameServers);
  }

  /** Top-level rows, oldest first: a new row never moves an old one. */
  get rows(): readonly DenialRow[] {
    return this.#rows;
  }

  get held(): number {
    return this.#byHold.size;
  }

  get(id: RowId): DenialRow | undefined {
    return this.#byId.get(id);
  }

  /** Every row and every member of a fold. */
  *all(): Generator<DenialRow> {
    for (const row of this.#rows) {
      yield row;
      yield* row.members;
    }
  }

  /** Says no to a row for the rest of the session, or takes that back. */
  mute(row: DenialRow, muted: boolean): void {
    for (const one of [row, ...row.members]) one.muted = muted;
  }

  /** The first prompt is there: from now on rows are the user's doing. */
  startupOver(): void {
    this.#starting = false;
  }

  apply(event: SupervisorEvent, now: number): Change {
    switch (event.type) {
      case 'denied':
        this.denied += 1;
        return this.#seen(event.record, now, undefined);
      case 'net-denied':
        this.denied += 1;
        return this.#seen(seenNet(event.net), now, undefined);
      case 'held':
        return this.#seen(event.record, now, event.holdId);
      case 'net-held':
        return this.#seen(seenNet(event.net), now, event.holdId);
      case 'released':
        return this.#released(event.holdId, event.outcome);
      case 'name-answer':
        this.#names.take(event.server, event.message);
        return NOTHING;
      case 'dropped':
        this.forgotten += event.count;
        return NOTHING;
      default:
        return NOTHING;
    }
  }

  #seen(record: Seen, now: number, hold: bigint | undefined): Change {
    const again = hold === undefined ? undefined : this.#interrupted.get(hold);
    // Whatever the supervisor takes for a repeated call: under the id of one that was shown, another one would be approved that nobody was shown.
    if (hold !== undefined && again?.key === rowKey(record)) return this.#resumed(again.row, record, hold);
    if (hold !== undefined) this.#interrupted.delete(hold);
    const row = this.#byKey.get(this.#keyOf(record)) ?? this.#insert(record, now, hold !== undefined);
    const caller = callerOf(record);
    for (const r of row.fold === undefined ? [row] : [row, row.fold]) {
      r.count += 1;
      r.lastAt = now;
      r.caller = caller;
      if (hold !== undefined) r.holds.set(hold, caller);
      if (hold !== undefined || r.holds.size === 0) this.#setOutcome(r, hold === undefined ? 'denied' : 'held');
    }
    row.reason = record.reason;
    row.name = (row.net === undefined ? undefined : this.#names.of(row.net.address)) ?? row.name;
    if (hold !== undefined) this.#byHold.set(hold, { row, key: rowKey(record) });
    return { row, news: !row.muted && row.reason !== 'denied-by-user' };
  }

  /** Denied or held anew: what was granted before evidently did not cover it. */
  #setOutcome(row: DenialRow, outcome: 'denied' | 'held'): void {
    row.outcome = outcome;
    row.grant = undefined;
  }

  /** A signal interrupted the call. It may be repeated, under the same id and so in this row; or never, when the program took the signal as its answer. */
  #suspended(row: DenialRow, key: string, hold: bigint): Change {
    for (const r of row.fold === undefined ? [row] : [row, row.fold]) {
      r.holds.delete(hold);
      if (r.holds.size === 0) r.outcome = 'gone';
    }
    this.#byHold.delete(hold);
    this.#interrupted.set(hold, { row, key });
    for (const oldest of this.#interrupted.keys()) {
      if (this.#interrupted.size <= MAX_INTERRUPTED) break;
      this.#interrupted.delete(oldest);
    }
    return { row, news: false };
  }

  #resumed(row: DenialRow, record: Seen, hold: bigint): Change {
    const caller = callerOf(record);
    for (const r of row.fold === undefined ? [row] : [row, row.fold]) {
      r.holds.set(hold, caller);
      r.caller = caller;
      r.outcome = 'held';
    }
    this.#interrupted.delete(hold);
    this.#byHold.set(hold, { row, key: rowKey(record) });
    return { row, news: false };
  }

  #released(hold: bigint, outcome: 'denied' | 'allowed' | 'caller-gone' | 'suspended' | 'changed'): Change {
    const held = this.#byHold.get(hold);
    if (held === undefined) return NOTHING;
    const { row, key } = held;
    if (outcome === 'suspended') return this.#suspended(row, key, hold);
    this.#byHold.delete(hold);
    for (const r of row.fold === undefined ? [row] : [row, row.fold]) {
      r.holds.delete(hold);
      if (outcome !== 'allowed' && r.grant === 'once') r.grant = undefined;
      if (r.holds.size === 0)
        r.outcome = outcome === 'allowed' ? 'allowed' : outcome === 'caller-gone' ? 'gone' : 'denied';
    }
    if (outcome === 'denied' || outcome === 'changed') this.denied += 1;
    return { row, news: false };
  }

  #keyOf(record: Seen): string {
    return this.#starting ? `start\0${rowKey(record)}` : rowKey(record);
  }

  #insert(record: Seen, now: number, held: boolean): DenialRow {
    const fold = this.#starting ? this.#startupFold(record, now) : this.#foldFor(record, now);
    const row = this.#make('path', record, record.path, now, fold);
    if (fold === undefined) this.#push(row);
    else {
      fold.distinct += 1;
      // A full fold only counts: the flood must not fill the memory. A waiting call stays reachable; the supervisor bounds those.
      if (fold.members.length >= MAX_MEMBERS && !held) {
        this.#byId.delete(row.id);
        return row;
      }
      fold.members.push(row);
      this.#stored += 1;
    }
    this.#byKey.set(this.#keyOf(record), row);
    return row;
  }

  #startupFold(record: Seen, now: number): DenialRow {
    if (this.#startup === undefined) {
      this.#startup = this.#make('startup', record, '', now, undefined);
      this.#push(this.#startup);
    }
    return this.#startup;
  }

  #foldFor(record: Seen, now: number): DenialRow | undefined {
    // A grant for the directory would leave the other side of a rename out.
    if (record.other !== undefined && !record.other.allowed) return undefined;
    const flooded = this.#floods.note(record.path, record.comm, now);
    const name = (dir: string): string => `${record.access}\0${record.comm}\0${dir}`;
    for (const dir of directoriesAbove(record.path)) {
      const open = this.#folds.get(name(dir));
      // A directory once folded stays folded; a fold further up takes new paths only while its flood goes on.
      if (open !== undefined && (record.path.lastIndexOf('/') === dir.length || now - open.lastAt < 2000)) return open;
    }
    if (flooded === undefined) return undefined;
    const fold = this.#make('fold', record, flooded, now, undefined);
    this.#folds.set(name(flooded), fold);
    this.#push(fold);
    return fold;
  }

  #make(kind: RowKind, r: Seen, path: string, now: number, fold: DenialRow | undefined): DenialRow {
    const row: DenialRow = {
      id: this.#nextId,
      kind,
      path,
      spelled: kind === 'path' ? r.spelled : undefined,
      name: undefined,
      net: kind === 'fold' && r.net !== undefined ? foldedHost(path) : kind === 'path' ? r.net : undefined,
      other: kind === 'path' ? r.other : undefined,
      verb: r.verb,
      access: r.access,
      object: r.object,
      comm: r.comm,
      caller: callerOf(r),
      reason: r.reason,
      ruleId: r.ruleId,
      count: 0,
      firstAt: now,
      lastAt: now,
      holds: new Map(),
      outcome: 'denied',
      grant: undefined,
      muted: fold?.muted ?? false,
      members: [],
      distinct: 0,
      fold,
    };
    this.#nextId += 1;
    this.#byId.set(row.id, row);
    return row;
  }

  #push(row: DenialRow): void {
    this.#rows.push(row);
    this.#stored += 1;
    if (this.#stored > MAX_ROWS) this.#makeRoom();
  }

  #makeRoom(): void {
    const dropped = new Set<DenialRow>();
    for (const row of this.#rows) {
      if (dropped.size >= DROP_BATCH) break;
      if (row.holds.size === 0) dropped.add(row);
    }
    const kept = this.#rows.filter((row) => !dropped.has(row));
    this.#rows.length = 0;
    this.#rows.push(...kept);
    const gone = (row: DenialRow): boolean => dropped.has(row) || (row.fold !== undefined && dropped.has(row.fold));
    for (const [key, row] of this.#byKey) if (gone(row)) this.#byKey.delete(key);
    for (const [key, row] of this.#folds) if (gone(row)) this.#folds.delete(key);
    for (const [hold, { row }] of this.#interrupted) if (gone(row)) this.#interrupted.delete(hold);
    for (const row of dropped) {
      for (const one of [row, ...row.members]) {
        this.#byId.delete(one.id);
        this.#stored -= 1;
        this.forgotten += 1;
      }
      if (row === this.#startup) this.#startup = undefined;
    }
  }
}
