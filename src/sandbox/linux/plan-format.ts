/** The plan file that nono-launch reads once. Layout and meaning: native/PROTOCOL.md, "Plan file". The decoder is for tests and tools. */
import {
  type AccessName,
  type ApprovalMode,
  access,
  approvalMode,
  PLAN_MAGIC,
  PLAN_VERSION,
  planRecord,
  type RuleKind,
  type RuleVerdict,
  ruleKind,
  ruleVerdict,
} from './constants.ts';

export interface PlanOptions {
  /** Bits of optionFlag. */
  readonly flags: number;
  readonly mode: ApprovalMode;
  readonly minimumAbi: number;
  /** Capabilities that a root child keeps, by bit number. */
  readonly capabilities: bigint;
}

export interface FloorRule {
  readonly path: string;
  /** Bits of floorRight. */
  readonly rights: number;
}

export interface PlanRule {
  readonly id: number;
  readonly verdict: RuleVerdict;
  readonly kind: RuleKind;
  readonly access: AccessName;
  readonly path: string;
}

export interface Plan {
  readonly options: PlanOptions;
  readonly floor: readonly FloorRule[];
  readonly rules: readonly PlanRule[];
  /** `NAME=value`: the child's whole environment. */
  readonly env: readonly string[];
  readonly cwd?: string | undefined;
}

/** A plan that cannot be written or read. Nothing may be started under it. */
export class PlanError extends Error {}

const HEADER = 24;
const RECORD_HEADER = 8;
/** As plan.h has it: PATH_MAX counts the terminator that this format lacks. */
const MAX_PATH = 4095;

/** One growing buffer: a plan has hundreds of small records. */
class Writer {
  #data = Buffer.allocUnsafe(1 << 16);
  #at = HEADER;
  #record = 0;
  #count = 0;

  #room(n: number): number {
    const at = this.#at;
    if (at + n > this.#data.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#data.length * 2, at + n));
      this.#data.copy(larger, 0, 0, at);
      this.#data = larger;
    }
    this.#at = at + n;
    return at;
  }
  begin(type: number): void {
    this.#record = this.#room(RECORD_HEADER);
    this.#data.writeUInt16LE(type, this.#record + 4);
    this.#data.writeUInt16LE(0, this.#record + 6);
    this.#count += 1;
  }
  end(): void {
    this.#data.writeUInt32LE(this.#at - this.#record - RECORD_HEADER, this.#record);
  }
  u8(value: number): void {
    const at = this.#room(1);
    this.#data.writeUInt8(value, at);
  }
  u16(value: number): void {
    const at = this.#room(2);
    this.#data.writeUInt16LE(value, at);
  }
  u32(value: number): void {
    const at = this.#room(4);
    this.#data.writeUInt32LE(value, at);
  }
  u64(value: bigint): void {
    const at = this.#room(8);
    this.#data.writeBigUInt64LE(value, at);
  }
  text(value: string): void {
    if (value.includes('\0')) throw new PlanError(`a NUL character in '${value.replaceAll('\0', '\\0')}'`);
    const length = Buffer.byteLength(value);
    this.u32(length);
    const at = this.#room(length);
    this.#data.write(value, at, 'utf8');
  }
  path(value: string): void {
    if (!value.startsWith('/')) throw new PlanError(`'${value}' is not an absolute path`);
    if (Buffer.byteLength(value) > MAX_PATH)
      throw new PlanError(`a path of more than ${MAX_PATH} bytes: '${value.slice(0, 80)}…'`);
    this.text(value);
  }
  finish(): Buffer {
    this.#data.write(PLAN_MAGIC, 0, 'latin1');
    this.#data.writeUInt32LE(PLAN_VERSION, 8);
    this.#data.writeUInt32LE(this.#count, 12);
    this.#data.writeBigUInt64LE(BigInt(this.#at), 16);
    return this.#data.subarray(0, this.#at);
  }
}

/** The plan as the launcher reads it. Throws PlanError for anything that the format cannot say. */
export function encodePlan(plan: Plan): Buffer {
  const out = new Writer();
  out.begin(planRecord.options);
  out.u32(plan.options.flags);
  out.u32(approvalMode[plan.options.mode]);
  out.u32(plan.options.minimumAbi);
  out.u64(plan.options.capabilities);
  out.end();
  for (const floor of plan.floor) {
    out.begin(planRecord.floor);
    out.u32(floor.rights);
    out.u32(0);
    out.path(floor.path);
    out.end();
  }
  for (const rule of plan.rules) {
    out.begin(planRecord.rule);
    out.u32(rule.id);
    out.u8(ruleVerdict[rule.verdict]);
    out.u8(ruleKind[rule.kind]);
    out.u16(access[rule.access]);
    out.path(rule.path);
    out.end();
  }
  for (const variable of plan.env) {
    if (variable.indexOf('=') < 1)
      throw new PlanError(`an environment entry without a name: '${variable.slice(0, 40)}'`);
    out.begin(planRecord.env);
    out.text(variable);
    out.end();
  }
  if (plan.cwd !== undefined) {
    out.begin(planRecord.cwd);
    out.path(plan.cwd);
    out.end();
  }
  out.begin(planRecord.end);
  out.end();
  return out.finish();
}

class Payload {
  readonly #data: Buffer;
  #at = 0;
  constructor(data: Buffer) {
    this.#data = data;
  }
  #take(n: number): number {
    const at = this.#at;
    if (at + n > this.#data.length) throw new PlanError('plan cut short');
    this.#at = at + n;
    return at;
  }
  u8(): number {
    return this.#data.readUInt8(this.#take(1));
  }
  u16(): number {
    return this.#data.readUInt16LE(this.#take(2));
  }
  u32(): number {
    return this.#data.readUInt32LE(this.#take(4));
  }
  u64(): bigint {
    return this.#data.readBigUInt64LE(this.#take(8));
  }
  text(): string {
    const length = this.u32();
    const at = this.#take(length);
    return this.#data.toString('utf8', at, at + length);
  }
  bytes(n: number): Buffer {
    const at = this.#take(n);
    return this.#data.subarray(at, at + n);
  }
  get rest(): number {
    return this.#data.length - this.#at;
  }
}

function nameOf<T extends string>(table: Readonly<Record<T, number>>, value: number, what: string): T {
  const found = (Object.keys(table) as T[]).find((key) => table[key] === value);
  if (found === undefined) throw new PlanError(`plan malformed: ${what} ${value}`);
  return found;
}

/** Reads a plan back, as strictly as the launcher does. */
export function decodePlan(data: Buffer): Plan {
  const file = new Payload(data);
  if (file.bytes(8).toString('latin1') !== PLAN_MAGIC) throw new PlanError('plan malformed: magic');
  if (file.u32() !== PLAN_VERSION) throw new PlanError('plan malformed: version');
  const count = file.u32();
  if (file.u64() !== BigInt(data.length)) throw new PlanError('plan cut short');
  let options: PlanOptions | undefined;
  const floor: FloorRule[] = [];
  const rules: PlanRule[] = [];
  const env: string[] = [];
  let cwd: string | undefined;
  let ended = false;
  for (let i = 0; i < count; i++) {
    if (ended) throw new PlanError('plan malformed: records after the end');
    const length = file.u32();
    const type = file.u16();
    if (file.u16() !== 0) throw new PlanError('plan malformed: padding');
    const payload = new Payload(file.bytes(length));
    if ((type === planRecord.options) !== (i === 0))
      throw new PlanError('plan malformed: options must come first and once');
    switch (type) {
      case planRecord.options: {
        const [flags, mode, minimumAbi] = [payload.u32(), payload.u32(), payload.u32()];
        options = { flags, mode: nameOf(approvalMode, mode, 'mode'), minimumAbi, capabilities: payload.u64() };
        break;
      }
      case planRecord.floor: {
        const rights = payload.u32();
        if (payload.u32() !== 0) throw new PlanError('plan malformed: padding');
        floor.push({ rights, path: payload.text() });
        break;
      }
      case planRecord.rule:
        rules.push({
          id: payload.u32(),
          verdict: nameOf(ruleVerdict, payload.u8(), 'verdict'),
          kind: nameOf(ruleKind, payload.u8(), 'kind'),
          access: nameOf(access, payload.u16(), 'access'),
          path: payload.text(),
        });
        break;
      case planRecord.env:
        env.push(payload.text());
        break;
      case planRecord.cwd:
        if (cwd !== undefined) throw new PlanError('plan malformed: two working directories');
        cwd = payload.text();
        break;
      case planRecord.end:
        ended = true;
        break;
      default:
        throw new PlanError(`plan malformed: record type ${type}`);
    }
    if (payload.rest !== 0) throw new PlanError('plan malformed: bytes left over in a record');
  }
  if (!ended || options === undefined || file.rest !== 0) throw new PlanError('plan malformed: no end');
  return { options, floor, rules, env, ...(cwd === undefined ? {} : { cwd }) };
}
