/** The plan file that nono-launch reads once. Layout and meaning: native/PROTOCOL.md, "Plan file". The decoder is for tests and tools. */
import { ByteReader } from './byte-reader.ts';
import {
  type ApprovalMode,
  access,
  approvalMode,
  type BirthKind,
  birthKind,
  type LimitName,
  limitKind,
  PLAN_MAGIC,
  PLAN_VERSION,
  planRecord,
  RULE_DEEP,
  RULE_FIXED,
  RULE_GUARD,
  type RuleAccess,
  type RuleKind,
  type RuleVerdict,
  ruleKind,
  ruleVerdict,
} from './constants.ts';
import { encodeNetRule, type NetRule, netRuleFault, readNetRule } from './net-rule.ts';

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
  readonly access: RuleAccess;
  /** Of a deny: no override lifts it. */
  readonly fixed?: true | undefined;
  /** Of a deny pattern: its leading `**` does not stand for the bulk directories of the plan; of a deep one, not for the closed ones. */
  readonly guard?: true | 'deep' | undefined;
  readonly path: string;
}

/** What is made and granted before the start, in `place`, for what will be made or executed in `tree` (native/birth_pools.c). */
export interface BirthRule {
  readonly kind: BirthKind;
  /** Bits of floorRight. */
  readonly rights: number;
  readonly place: string;
  readonly tree: string;
  /** Hardly anything is made there: a few are enough. */
  readonly few?: true | undefined;
}

export interface Plan {
  readonly options: PlanOptions;
  readonly floor: readonly FloorRule[];
  readonly rules: readonly PlanRule[];
  /** Only with optionFlag.netRules. */
  readonly net?: readonly NetRule[] | undefined;
  readonly births?: readonly BirthRule[];
  /** Bulk directories: a name, or that of the directory above and a name with a slash between. */
  readonly bulk?: readonly string[] | undefined;
  /** Those of them that no guard looks into. */
  readonly closed?: readonly string[] | undefined;
  /** `NAME=value`: the child's whole environment. */
  readonly env: readonly string[];
  readonly cwd?: string | undefined;
  readonly limits?: Partial<Record<LimitName, number>> | undefined;
  /** The session's own directory for temporary files; the launcher removes it at the end. */
  readonly tmpdir?: string | undefined;
  /** Refused at every execve: names, and absolute paths of files. */
  readonly commands?: readonly string[] | undefined;
  /** Shared directories of which the session may use what it makes there itself. */
  readonly owned?: readonly string[] | undefined;
  /** What `why --self` is told inside. */
  readonly self?: string | undefined;
  /** Library of the fast path; with optionFlag.fastPath. */
  readonly preload?: string | undefined;
}

/** One plain name, or two with a slash between. */
function isBulkName(name: string): boolean {
  const parts = name.split('/');
  return (
    parts.length <= 2 && Buffer.byteLength(name) <= MAX_BULK_BYTES && parts.every((part) => !/^\.{0,2}$|\0/.test(part))
  );
}

/** A plan that cannot be written or read. Nothing may be started under it. */
export class PlanError extends Error {}

const HEADER = 24;
/** Two of the longest names. */
const MAX_BULK_BYTES = 511;
/** As plan.h has it: PATH_MAX counts the terminator that this format lacks. */
const MAX_PATH = 4095;

/** Little-endian bytes as a latin1 string: one call joins a record, where writing it field by field into a buffer takes a dozen not yet compiled ones. */
function u32(value: number): string {
  return String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}

const ascii = /^[\x01-\x7f]*$/;

/** The UTF-8 of a text, a character for each byte. */
function bytesOf(value: string): string {
  return Buffer.byteLength(value) === value.length ? value : Buffer.from(value, 'utf8').toString('latin1');
}

function text(value: string): string {
  if (ascii.test(value)) return u32(value.length) + value;
  if (value.includes('\0')) throw new PlanError(`a NUL character in '${value.replaceAll('\0', '\\0')}'`);
  const bytes = bytesOf(value);
  return u32(bytes.length) + bytes;
}

function pathText(value: string): string {
  if (!value.startsWith('/')) throw new PlanError(`'${value}' is not an absolute path`);
  const encoded = text(value);
  if (encoded.length - 4 > MAX_PATH)
    throw new PlanError(`a path of more than ${MAX_PATH} bytes: '${value.slice(0, 80)}…'`);
  return encoded;
}

function record(type: number, payload: string): string {
  return u32(payload.length) + String.fromCharCode(type & 255, type >>> 8, 0, 0) + payload;
}

/** The plan as the launcher reads it. Throws PlanError for anything that the format cannot say. */
export function encodePlan(plan: Plan): Buffer {
  const { flags, mode, minimumAbi, capabilities } = plan.options;
  const low = Number(capabilities & 0xffff_ffffn);
  const high = Number(capabilities >> 32n);
  let body = record(planRecord.options, u32(flags) + u32(approvalMode[mode]) + u32(minimumAbi) + u32(low) + u32(high));
  for (const floor of plan.floor)
    body += record(planRecord.floor, `${u32(floor.rights)}\0\0\0\0${pathText(floor.path)}`);
  for (const rule of plan.rules) {
    const deny = rule.verdict === 'deny';
    const guard = deny && rule.kind === 'pattern' && rule.guard;
    const look = guard === 'deep' ? RULE_DEEP : guard ? RULE_GUARD : 0;
    const bits = access[rule.access] | (deny && rule.fixed ? RULE_FIXED : 0) | look;
    const fixed = String.fromCharCode(ruleVerdict[rule.verdict], ruleKind[rule.kind], bits, 0);
    body += record(planRecord.rule, u32(rule.id) + fixed + pathText(rule.path));
  }
  const bulk = plan.bulk ?? [];
  for (const name of bulk) {
    if (!isBulkName(name)) throw new PlanError(`'${name}' is no name of a bulk directory`);
    body += record(planRecord.bulk, u32(plan.closed?.includes(name) ? 1 : 0) + text(name));
  }
  const net = plan.net ?? [];
  for (const rule of net) {
    const fault = netRuleFault(rule);
    if (fault !== undefined) throw new PlanError(`a network rule with ${fault} wrong`);
    body += record(planRecord.net, encodeNetRule(rule).toString('latin1'));
  }
  const limits = Object.entries(plan.limits ?? {}) as [LimitName, number][];
  for (const [name, value] of limits) {
    if (!Number.isSafeInteger(value) || value <= 0) throw new PlanError(`the limit ${name} of ${value}`);
    body += record(planRecord.limit, u32(limitKind[name]) + u32(0) + u32(value) + u32(Math.floor(value / 2 ** 32)));
  }
  const births = plan.births ?? [];
  for (const birth of births) {
    const fixed = `${String.fromCharCode(birthKind[birth.kind], birth.few ? 1 : 0)}\0\0${u32(birth.rights)}`;
    body += record(planRecord.birth, fixed + pathText(birth.place) + pathText(birth.tree));
  }
  const commands = plan.commands ?? [];
  for (const command of commands) {
    if (command === '' || (command.includes('/') && !command.startsWith('/')))
      throw new PlanError(`the command '${command}' is neither a name nor an absolute path`);
    body += record(planRecord.command, command.startsWith('/') ? pathText(command) : text(command));
  }
  const owned = plan.owned ?? [];
  for (const path of owned) body += record(planRecord.owned, pathText(path));
  for (const variable of plan.env) {
    if (variable.indexOf('=') < 1)
      throw new PlanError(`an environment entry without a name: '${variable.slice(0, 40)}'`);
    body += record(planRecord.env, text(variable));
  }
  if (plan.cwd !== undefined) body += record(planRecord.cwd, pathText(plan.cwd));
  if (plan.tmpdir !== undefined) body += record(planRecord.tmpdir, pathText(plan.tmpdir));
  if (plan.preload !== undefined) body += record(planRecord.preload, pathText(plan.preload));
  if (plan.self !== undefined) body += record(planRecord.self, bytesOf(plan.self));
  body += record(planRecord.end, '');
  const single = [plan.cwd, plan.preload, plan.tmpdir, plan.self].filter((path) => path !== undefined).length;
  const records =
    2 +
    plan.floor.length +
    plan.rules.length +
    bulk.length +
    net.length +
    limits.length +
    births.length +
    commands.length +
    owned.length +
    plan.env.length +
    single;
  return Buffer.from(
    PLAN_MAGIC + u32(PLAN_VERSION) + u32(records) + u32(HEADER + body.length) + u32(0) + body,
    'latin1',
  );
}

const reader = (data: Buffer): ByteReader => new ByteReader(data, () => new PlanError('plan cut short'));

function nameOf<T extends string>(table: Readonly<Record<T, number>>, value: number, what: string): T {
  const found = (Object.keys(table) as T[]).find((key) => table[key] === value);
  if (found === undefined) throw new PlanError(`plan malformed: ${what} ${value}`);
  return found;
}

function readRule(payload: ByteReader): PlanRule {
  const id = payload.u32();
  const verdict = nameOf(ruleVerdict, payload.u8(), 'verdict');
  const kind = nameOf(ruleKind, payload.u8(), 'kind');
  const bits = payload.u16();
  const fixed = verdict === 'deny' && (bits & RULE_FIXED) !== 0;
  const look = verdict === 'deny' && kind === 'pattern' ? bits & (RULE_GUARD | RULE_DEEP) : 0;
  const name = nameOf(access, bits & ~((fixed ? RULE_FIXED : 0) | look), 'access');
  const guard = (look & RULE_DEEP) !== 0 ? ('deep' as const) : look !== 0 ? (true as const) : undefined;
  const marks = { ...(fixed ? { fixed } : {}), ...(guard === undefined ? {} : { guard }) };
  return { id, verdict, kind, access: name, ...marks, path: payload.text() };
}

/** Reads a plan back, as strictly as the launcher does. */
export function decodePlan(data: Buffer): Plan {
  const file = reader(data);
  if (file.bytes(8).toString('latin1') !== PLAN_MAGIC) throw new PlanError('plan malformed: magic');
  if (file.u32() !== PLAN_VERSION) throw new PlanError('plan malformed: version');
  const count = file.u32();
  if (file.u64() !== BigInt(data.length)) throw new PlanError('plan cut short');
  let options: PlanOptions | undefined;
  const floor: FloorRule[] = [];
  const rules: PlanRule[] = [];
  const net: NetRule[] = [];
  const births: BirthRule[] = [];
  const bulk: string[] = [];
  const closed: string[] = [];
  const commands: string[] = [];
  const owned: string[] = [];
  const env: string[] = [];
  let cwd: string | undefined;
  let preload: string | undefined;
  let tmpdir: string | undefined;
  let self: string | undefined;
  const limits: Partial<Record<LimitName, number>> = {};
  let ended = false;
  for (let i = 0; i < count; i++) {
    if (ended) throw new PlanError('plan malformed: records after the end');
    const length = file.u32();
    const type = file.u16();
    if (file.u16() !== 0) throw new PlanError('plan malformed: padding');
    const payload = reader(file.bytes(length));
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
        rules.push(readRule(payload));
        break;
      case planRecord.net: {
        const rule = readNetRule(payload);
        const fault = netRuleFault(rule);
        if (fault !== undefined) throw new PlanError(`plan malformed: a network rule with ${fault} wrong`);
        net.push(rule);
        break;
      }
      case planRecord.birth: {
        const kind = nameOf(birthKind, payload.u8(), 'kind');
        const few = payload.u8();
        if (few > 1 || payload.u16() !== 0) throw new PlanError('plan malformed: padding');
        const birth = { kind, rights: payload.u32(), place: payload.text(), tree: payload.text() };
        births.push(few === 1 ? { ...birth, few: true } : birth);
        break;
      }
      case planRecord.env:
        env.push(payload.text());
        break;
      case planRecord.bulk: {
        const shut = payload.u32();
        const name = payload.text();
        if (shut > 1 || !isBulkName(name)) throw new PlanError('plan malformed: a bulk directory');
        bulk.push(name);
        if (shut === 1) closed.push(name);
        break;
      }
      case planRecord.owned:
        owned.push(payload.text());
        break;
      case planRecord.command:
        commands.push(payload.text());
        break;
      case planRecord.cwd:
        if (cwd !== undefined) throw new PlanError('plan malformed: two working directories');
        cwd = payload.text();
        break;
      case planRecord.limit: {
        const name = nameOf(limitKind, payload.u32(), 'limit');
        if (payload.u32() !== 0) throw new PlanError('plan malformed: padding');
        const value = Number(payload.u64());
        if (limits[name] !== undefined || !Number.isSafeInteger(value) || value === 0)
          throw new PlanError(`plan malformed: limit ${name}`);
        limits[name] = value;
        break;
      }
      case planRecord.tmpdir:
        if (tmpdir !== undefined) throw new PlanError('plan malformed: two temporary directories');
        tmpdir = payload.text();
        break;
      case planRecord.self:
        if (self !== undefined || payload.rest === 0) throw new PlanError('plan malformed: the session record');
        self = payload.bytes(payload.rest).toString('utf8');
        break;
      case planRecord.preload:
        if (preload !== undefined) throw new PlanError('plan malformed: two libraries');
        preload = payload.text();
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
  return {
    options,
    floor,
    rules,
    ...(net.length === 0 ? {} : { net }),
    ...(births.length === 0 ? {} : { births }),
    ...(bulk.length === 0 ? {} : { bulk }),
    ...(closed.length === 0 ? {} : { closed }),
    ...(commands.length === 0 ? {} : { commands }),
    ...(owned.length === 0 ? {} : { owned }),
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(tmpdir === undefined ? {} : { tmpdir }),
    ...(preload === undefined ? {} : { preload }),
    ...(self === undefined ? {} : { self }),
  };
}
