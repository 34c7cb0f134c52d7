/** Reads a plan back: what a test or the bench holds against what it wanted to be compiled. nono itself only writes plans. */
import { ByteReader } from '../../src/sandbox/linux/byte-reader.ts';
import {
  access,
  approvalMode,
  birthKind,
  type LimitName,
  limitKind,
  PLAN_MAGIC,
  PLAN_VERSION,
  planRecord,
  RULE_DEEP,
  RULE_FIXED,
  RULE_GUARD,
  ruleKind,
  ruleVerdict,
} from '../../src/sandbox/linux/constants.ts';
import { type NetRule, netRuleFault, readNetRule } from '../../src/sandbox/linux/net-rule.ts';
import {
  type BirthRule,
  type FloorRule,
  isBulkName,
  type Plan,
  PlanError,
  type PlanOptions,
  type PlanRule,
} from '../../src/sandbox/linux/plan-format.ts';

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
