/** Frames between the host and nono-launch. Layout: native/PROTOCOL.md, "Wire". */
import { ByteReader } from './byte-reader.ts';
import {
  type AccessName,
  type ApprovalMode,
  access,
  approvalMode,
  command,
  event,
  type ObjectKind,
  objectKinds,
  type Reason,
  type ReleaseOutcome,
  type RuleAccess,
  type RuleKind,
  type RuleVerdict,
  reasons,
  releaseOutcomes,
  ruleKind,
  ruleVerdict,
  type Verb,
  verbs,
} from './constants.ts';
import { formatAddress } from './net-address.ts';
import { encodeNetRule, type NetRule, netRuleFault } from './net-rule.ts';
import { spelledName } from './spelled-name.ts';

const HEADER = 8;
const MAX_PAYLOAD = 65536;

/** What a call can ask of a path; `connect` of a socket. */
export type AskedAccess = AccessName | 'connect';

/** What one blocked call asked for, as the supervisor resolved it. `path` is the real path of the object that would be opened. */
export interface AccessRecord {
  readonly pid: number;
  readonly tid: number;
  readonly parentPid: number;
  readonly verb: Verb;
  readonly access: AskedAccess;
  readonly reason: Reason;
  readonly ruleId: number;
  readonly object: ObjectKind;
  readonly path: string;
  /** For a path that is no UTF-8, which `path` says with U+FFFD: what it is shown and told from others by. */
  readonly spelled?: string;
  readonly comm: string;
  readonly parentComm: string;
  /** rename and link: the other path. */
  readonly other?: OtherPath | undefined;
}

/** The other side of a rename or link. */
export interface OtherPath {
  readonly path: string;
  readonly spelled?: string;
  /** It is where the object comes from, and the record's own path is where it is to go. */
  readonly first: boolean;
  /** Nothing is missing for it: only the record's own path needs a grant. */
  readonly allowed: boolean;
}

/** What one blocked call on an internet socket asked for; the address is normalised (v4-mapped is IPv4, 0.0.0.0 as a destination is 127.0.0.1). */
export interface NetRecord {
  readonly pid: number;
  readonly tid: number;
  readonly parentPid: number;
  readonly verb: Verb;
  readonly reason: Reason;
  readonly ruleId: number;
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  readonly comm: string;
  readonly parentComm: string;
}

export type SupervisorEvent =
  | {
      readonly type: 'ready';
      readonly abi: number;
      readonly guardianPid: number;
      readonly supervisorPid: number;
      readonly childPid: number;
      readonly features: number;
    }
  | {
      readonly type: 'setup-error';
      readonly errno: number;
      readonly exitCode: number;
      readonly step: string;
      readonly object: string;
    }
  | { readonly type: 'denied'; readonly record: AccessRecord }
  | { readonly type: 'held'; readonly holdId: bigint; readonly record: AccessRecord }
  | { readonly type: 'net-denied'; readonly net: NetRecord }
  | { readonly type: 'net-held'; readonly holdId: bigint; readonly net: NetRecord }
  | { readonly type: 'name-answer'; readonly server: string; readonly message: Buffer }
  | { readonly type: 'released'; readonly holdId: bigint; readonly outcome: ReleaseOutcome }
  | { readonly type: 'dropped'; readonly count: number }
  | { readonly type: 'exit'; readonly signalled: boolean; readonly code: number }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'exec'; readonly pid: number; readonly parentPid: number; readonly path: string };

export type SupervisorCommand =
  | { readonly type: 'verdict'; readonly holdId: bigint; readonly allow: boolean }
  | {
      readonly type: 'add-rule';
      readonly id: number;
      readonly verdict: Exclude<RuleVerdict, 'deny'>;
      readonly kind: RuleKind;
      readonly access: RuleAccess;
      readonly path: string;
    }
  | { readonly type: 'add-net-rule'; readonly rule: NetRule }
  | { readonly type: 'remove-net-rule'; readonly id: number }
  | { readonly type: 'remove-rule'; readonly id: number }
  | { readonly type: 'set-mode'; readonly mode: ApprovalMode }
  | { readonly type: 'terminate'; readonly signal: number }
  | { readonly type: 'signal'; readonly signal: number };

/** A frame that breaks the layout. The session must end: a half-understood supervisor is not a supervisor. */
class WireError extends Error {}

function named<T>(table: readonly (T | undefined)[], index: number, what: string): T {
  const name = table[index];
  if (name === undefined) throw new WireError(`unknown ${what} ${index}`);
  return name;
}

function accessName(bits: number): AskedAccess {
  if (bits === access.read) return 'read';
  if (bits === access.write) return 'write';
  if (bits === access.readwrite) return 'readwrite';
  if (bits === access.connect) return 'connect';
  throw new WireError(`unknown access ${bits}`);
}

function readRecord(r: ByteReader): AccessRecord {
  return {
    pid: r.u32(),
    tid: r.u32(),
    parentPid: r.u32(),
    verb: named(verbs, r.u16(), 'verb'),
    access: accessName(r.u8()),
    reason: named(reasons, r.u8(), 'reason'),
    ruleId: r.u32(),
    object: named(objectKinds, r.u8(), 'object'),
    ...readPath(r),
    comm: r.text(),
    parentComm: r.text(),
    other: readOther(readPath(r), r.u8()),
  };
}

function readPath(r: ByteReader): Pick<AccessRecord, 'path' | 'spelled'> {
  const bytes = r.bytes(r.u32());
  const path = bytes.toString('utf8');
  return path.includes('\ufffd') ? { path, spelled: spelledName(bytes) } : { path };
}

function readOther(name: Pick<AccessRecord, 'path' | 'spelled'>, bits: number): OtherPath | undefined {
  if (bits > 3) throw new WireError(`unknown bits ${bits}`);
  return name.path === '' ? undefined : { ...name, first: (bits & 1) !== 0, allowed: (bits & 2) !== 0 };
}

const protocols: readonly ('tcp' | 'udp' | undefined)[] = [undefined, 'tcp', 'udp'];

function readAddress(r: ByteReader, family: number): string {
  if (family !== 4 && family !== 6) throw new WireError(`unknown address family ${family}`);
  return formatAddress({ family, bytes: r.bytes(16) });
}

function readNetRecord(r: ByteReader): NetRecord {
  const head = {
    pid: r.u32(),
    tid: r.u32(),
    parentPid: r.u32(),
    verb: named(verbs, r.u16(), 'verb'),
    reason: named(reasons, r.u8(), 'reason'),
  };
  if (r.u8() !== 0) throw new WireError('padding in a frame');
  const ruleId = r.u32();
  const family = r.u8();
  if (family !== 4 && family !== 6) throw new WireError(`unknown address family ${family}`);
  const protocol = named(protocols, r.u8(), 'protocol');
  const port = r.u16();
  const address = formatAddress({ family, bytes: r.bytes(16) });
  return { ...head, ruleId, protocol, family, address, port, comm: r.text(), parentComm: r.text() };
}

function decodeEvent(type: number, payload: Buffer): SupervisorEvent {
  const r = new ByteReader(payload, () => new WireError('frame cut short'));
  const value = readEvent(type, r);
  if (r.rest !== 0) throw new WireError('bytes left over in a frame');
  return value;
}

function readEvent(type: number, r: ByteReader): SupervisorEvent {
  switch (type) {
    case event.ready:
      return {
        type: 'ready',
        abi: r.u32(),
        guardianPid: r.u32(),
        supervisorPid: r.u32(),
        childPid: r.u32(),
        features: r.u32(),
      };
    case event.setupError:
      return { type: 'setup-error', errno: r.u32(), exitCode: r.u32(), step: r.text(), object: r.text() };
    case event.denied:
      return { type: 'denied', record: readRecord(r) };
    case event.held:
      return { type: 'held', holdId: r.u64(), record: readRecord(r) };
    case event.netDenied:
      return { type: 'net-denied', net: readNetRecord(r) };
    case event.netHeld:
      return { type: 'net-held', holdId: r.u64(), net: readNetRecord(r) };
    case event.nameAnswer:
      return { type: 'name-answer', server: readAddress(r, r.u8()), message: Buffer.from(r.bytes(r.u32())) };
    case event.released:
      return { type: 'released', holdId: r.u64(), outcome: named(releaseOutcomes, r.u8(), 'outcome') };
    case event.dropped:
      return { type: 'dropped', count: r.u32() };
    case event.exit:
      return { type: 'exit', signalled: r.u8() === 1, code: r.u8() };
    case event.notice:
      return { type: 'notice', text: r.text() };
    case event.exec:
      return { type: 'exec', pid: r.u32(), parentPid: r.u32(), path: r.text() };
    default:
      throw new WireError(`unknown event ${type}`);
  }
}

/** Splits a byte stream into events. Throws WireError on the first broken frame. */
export class EventDecoder {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): SupervisorEvent[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const events: SupervisorEvent[] = [];
    let at = 0;
    while (this.#pending.length - at >= HEADER) {
      const length = this.#pending.readUInt32LE(at);
      if (length > MAX_PAYLOAD) throw new WireError(`frame of ${length} bytes`);
      if (this.#pending.length - at < HEADER + length) break;
      const type = this.#pending.readUInt16LE(at + 4);
      events.push(decodeEvent(type, this.#pending.subarray(at + HEADER, at + HEADER + length)));
      at += HEADER + length;
    }
    this.#pending = at === 0 ? this.#pending : Buffer.from(this.#pending.subarray(at));
    return events;
  }
}

function u32(value: number): Buffer {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(value);
  return b;
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u32(bytes.length), bytes]);
}

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt16LE(type, 4);
  return Buffer.concat([header, payload]);
}

/** One command as bytes for the supervisor's socket. */
export function encodeCommand(c: SupervisorCommand): Buffer {
  switch (c.type) {
    case 'verdict': {
      const payload = Buffer.alloc(9);
      payload.writeBigUInt64LE(c.holdId, 0);
      payload.writeUInt8(c.allow ? 1 : 0, 8);
      return frame(command.verdict, payload);
    }
    case 'add-rule': {
      const fixed = Buffer.alloc(8);
      fixed.writeUInt32LE(c.id, 0);
      fixed.writeUInt8(ruleVerdict[c.verdict], 4);
      fixed.writeUInt8(ruleKind[c.kind], 5);
      fixed.writeUInt16LE(access[c.access], 6);
      return frame(command.addRule, Buffer.concat([fixed, string(c.path)]));
    }
    case 'add-net-rule': {
      const fault = c.rule.verdict === 'deny' ? 'its verdict' : netRuleFault(c.rule);
      if (fault !== undefined) throw new WireError(`a network rule with ${fault} wrong`);
      return frame(command.addNetRule, encodeNetRule(c.rule));
    }
    case 'remove-net-rule':
      return frame(command.removeNetRule, u32(c.id));
    case 'remove-rule':
      return frame(command.removeRule, u32(c.id));
    case 'set-mode':
      return frame(command.setMode, Buffer.from([approvalMode[c.mode]]));
    case 'terminate':
      return frame(command.terminate, Buffer.from([c.signal]));
    case 'signal':
      return frame(command.signal, Buffer.from([c.signal]));
  }
}
