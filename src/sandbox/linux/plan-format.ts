/** The plan file that nono-launch reads once. Layout and meaning: native/PROTOCOL.md, "Plan file". */
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
import { encodeNetRule, type NetRule, netRuleFault } from './net-rule.ts';

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

/** What is made and granted before the start, in `place`, for what will be made or executed in `tree` (native/floor/birth_pools.c). */
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
export function isBulkName(name: string): boolean {
  const parts = name.split('/');
  return (
    parts.length <= 2 && Buffer.byteLength(name) <= MAX_BULK_BYTES && parts.every((part) => !/^\.{0,2}$|\0/.test(part))
  );
}

/** A plan that cannot be written. Nothing may be started under it. */
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

/** The UTF-8 of a text, a character for each byte. */
function bytesOf(value: string): string {
  return Buffer.byteLength(value) === value.length ? value : Buffer.from(value, 'utf8').toString('latin1');
}

function text(value: string): string {
  if (value.includes('\0')) throw new PlanError(`a NUL character in '${value.replaceAll('\0', '\\0')}'`);
  const size = Buffer.byteLength(value);
  return u32(size) + (size === value.length ? value : bytesOf(value));
}

function pathText(value: string): string {
  if (!value.startsWith('/')) throw new PlanError(`'${value}' is not an absolute path`);
  const encoded = text(value);
  if (encoded.length - 4 > MAX_PATH)
    throw new PlanError(`a path of more than ${MAX_PATH} bytes: '${value.slice(0, 80)}…'`);
  return encoded;
}

function record(type: number, payload: string): string {
  const size = payload.length;
  // One call: there are a thousand records.
  return (
    String.fromCharCode(
      size & 255,
      (size >>> 8) & 255,
      (size >>> 16) & 255,
      size >>> 24,
      type & 255,
      type >>> 8,
      0,
      0,
    ) + payload
  );
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
