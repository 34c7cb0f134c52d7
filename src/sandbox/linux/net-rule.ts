/** One rule on internet addresses, and its 29 bytes in plan and wire. Meaning: native/PROTOCOL.md, "net rule". */
import type { ByteReader } from './byte-reader.ts';
import { NO_RULE, netOperation, netProtocol, type RuleVerdict, ruleVerdict } from './constants.ts';

export interface NetRule {
  readonly id: number;
  readonly verdict: RuleVerdict;
  /** Bits of netOperation. */
  readonly operations: number;
  /** Bits of netProtocol. */
  readonly protocols: number;
  /** 0: both; then the prefix is 0 and the address all zero. */
  readonly family: 0 | 4 | 6;
  readonly prefix: number;
  /** 16 bytes, IPv4 in the first four; zero beyond the prefix. */
  readonly address: Uint8Array;
  readonly firstPort: number;
  readonly lastPort: number;
}

const BYTES = 29;
const verdicts: readonly RuleVerdict[] = ['deny', 'allow', 'override'];
const widest = { 0: 0, 4: 32, 6: 128 } as const;

/** What is wrong with a rule, or undefined: the same list as plan.c has. */
export function netRuleFault(rule: NetRule): string | undefined {
  if (!Number.isInteger(rule.id) || rule.id < 0 || rule.id >= NO_RULE) return 'its id';
  if (rule.operations < 1 || rule.operations > netOperation.all) return 'its operations';
  if (rule.protocols < 1 || rule.protocols > netProtocol.all) return 'its protocols';
  if (!(rule.family in widest)) return 'its address family';
  if (rule.prefix < 0 || rule.prefix > widest[rule.family]) return 'its prefix length';
  if (rule.address.length !== 16) return 'the length of its address';
  for (let bit = rule.prefix; bit < 128; bit++)
    if (((rule.address[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) return 'address bits beyond its prefix';
  const mapped = rule.address.subarray(0, 10).every((byte) => byte === 0) && rule.address[10] === 255;
  if (rule.family === 6 && rule.prefix >= 96 && mapped && rule.address[11] === 255) return 'a v4-mapped address';
  if (rule.firstPort < 0 || rule.firstPort > rule.lastPort || rule.lastPort > 65535) return 'its ports';
  return undefined;
}

/** The bytes; the caller has asked netRuleFault. */
export function encodeNetRule(rule: NetRule): Buffer {
  const out = Buffer.alloc(BYTES);
  out.writeUInt32LE(rule.id, 0);
  out.set([ruleVerdict[rule.verdict], rule.operations, rule.protocols, rule.family, rule.prefix], 4);
  out.set(rule.address, 9);
  out.writeUInt16LE(rule.firstPort, 25);
  out.writeUInt16LE(rule.lastPort, 27);
  return out;
}

export function readNetRule(r: ByteReader): NetRule {
  return {
    id: r.u32(),
    verdict: verdicts[r.u8()] ?? 'deny',
    operations: r.u8(),
    protocols: r.u8(),
    family: r.u8() as NetRule['family'],
    prefix: r.u8(),
    address: new Uint8Array(r.bytes(16)),
    firstPort: r.u16(),
    lastPort: r.u16(),
  };
}
