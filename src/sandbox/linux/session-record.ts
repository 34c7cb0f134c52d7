/** What the supervisor tells a nono inside about the session it runs in. Layout: native/PROTOCOL.md, "The session's own record". */
import { ByteReader } from './byte-reader.ts';
import {
  access,
  command,
  type RuleAccess,
  type RuleKind,
  type RuleVerdict,
  ruleKind,
  ruleVerdict,
} from './constants.ts';
import { type NetRule, readNetRule } from './net-rule.ts';

export interface AddedRule {
  readonly id: number;
  readonly verdict: RuleVerdict;
  readonly kind: RuleKind;
  readonly access: RuleAccess;
  readonly path: string;
}

export interface SessionRecord {
  /** The asking process restricted itself further: what the session allows may still be refused to it. */
  readonly narrowed: boolean;
  /** The policy at the start, as JSON. */
  readonly policy: string;
  /** Granted since, and not taken back. */
  readonly rules: readonly AddedRule[];
  readonly netRules: readonly NetRule[];
}

export class RecordError extends Error {}

function nameOf<T extends string>(table: Readonly<Record<T, number>>, value: number): T {
  const found = (Object.keys(table) as T[]).find((key) => table[key] === value);
  if (found === undefined) throw new RecordError(`unknown value ${value}`);
  return found;
}

/** Throws RecordError for anything else than a whole record. */
export function decodeSessionRecord(data: Buffer): SessionRecord {
  const reader = new ByteReader(data, () => new RecordError('cut short'));
  if (reader.bytes(8).toString('latin1') !== 'NONOSELF') throw new RecordError('not a record');
  const narrowed = reader.u8() !== 0;
  reader.bytes(3);
  const policy = reader.text();
  const rules = new Map<number, AddedRule>();
  const netRules = new Map<number, NetRule>();
  while (reader.rest > 0) {
    const length = reader.u32();
    const type = reader.u16();
    reader.u16();
    const frame = new ByteReader(reader.bytes(length), () => new RecordError('cut short'));
    if (type === command.addRule) {
      const id = frame.u32();
      const verdict = nameOf(ruleVerdict, frame.u8());
      const kind = nameOf(ruleKind, frame.u8());
      rules.set(id, { id, verdict, kind, access: nameOf(access, frame.u16()), path: frame.text() });
    } else if (type === command.addNetRule) {
      const rule = readNetRule(frame);
      netRules.set(rule.id, rule);
    } else if (type === command.removeRule) rules.delete(frame.u32());
    else if (type === command.removeNetRule) netRules.delete(frame.u32());
    else throw new RecordError(`frame of type ${type}`);
  }
  return { narrowed, policy, rules: [...rules.values()], netRules: [...netRules.values()] };
}
