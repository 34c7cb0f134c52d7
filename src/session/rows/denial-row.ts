/** One line of the live list: what was asked, by whom, how often, and what became of it. */
import type { ObjectKind, Reason, Verb } from '../../sandbox/linux/constants.ts';
import type { AskedAccess, OtherPath } from '../../sandbox/linux/wire.ts';
import type { NetTarget } from './net-target.ts';
import type { ResolvedName } from './resolved-names.ts';

/** Never reused and never shown: selection and approvals hold on to it while rows come and go. */
export type RowId = number;

export type RowKind =
  | 'path' // one path or endpoint, one kind of access, one program
  | 'fold' // many paths of one directory, or ports of one host, and one program
  | 'startup'; // what was denied before the first prompt

export type Outcome =
  | 'held'
  | 'denied'
  | 'allowed'
  | 'revoked' // allowed, by what was taken back since: the next call is denied
  | 'gone';

/** How long an approval lasts. */
export type Scope = 'once' | 'session' | 'profile';

/** A process, as it was when it asked. */
export interface Caller {
  readonly pid: number;
  readonly parentPid: number;
  readonly parentComm: string;
}

export interface DenialRow {
  readonly id: RowId;
  readonly kind: RowKind;
  /** Real path of the object; for a fold its directory. Untrusted text. */
  readonly path: string;
  /** For a path that is no UTF-8: the path as it is shown. */
  readonly spelled?: string | undefined;
  /** For rows about internet addresses; then `path` only finds and folds them. Undefined for a fold of many hosts. */
  readonly net: NetTarget | undefined;
  /** The name that led to the address, when its look-up was seen. */
  name: ResolvedName | undefined;
  /** The other side of a rename or link. */
  readonly other: OtherPath | undefined;
  readonly verb: Verb;
  readonly access: AskedAccess;
  readonly object: ObjectKind;
  readonly comm: string;
  /** The latest process; earlier ones are only counted. */
  caller: Caller;
  reason: Reason;
  ruleId: number;
  count: number;
  readonly firstAt: number;
  lastAt: number;
  /** Calls that wait for an answer, and whose they are: programs of one name share a row. */
  readonly holds: Map<bigint, Caller>;
  outcome: Outcome;
  /** Set when the user allowed it; `override` when a deny rule was lifted for it. */
  grant: Scope | 'override' | undefined;
  /** Denied for the rest of the session, without being announced. */
  muted: boolean;
  /** Members of a fold, in order of arrival; the first 200 are kept. */
  readonly members: DenialRow[];
  /** Distinct paths that a fold stands for, kept or not. */
  distinct: number;
  readonly fold: DenialRow | undefined;
}

/** Whether a deny rule forbids this: then nothing short of typing the path approves it. */
export function underDenyRule(row: DenialRow): boolean {
  return row.reason === 'denied-by-rule';
}

/** The processes that an answer would concern: those whose calls wait, or the one that asked last. */
export function askers(row: DenialRow): readonly [Caller, ...Caller[]] {
  const byPid = new Map(Array.from(row.holds.values(), (caller) => [caller.pid, caller]));
  const [first = row.caller, ...rest] = byPid.values();
  return [first, ...rest];
}

/** Whether an answer would concern others than those who were shown. */
export function othersAsk(row: DenialRow, shown: readonly { readonly pid: number }[]): boolean {
  if (row.holds.size === 0) return false;
  const known = new Set(shown.map(({ pid }) => pid));
  const now = askers(row);
  return now.length !== known.size || now.some(({ pid }) => !known.has(pid));
}
