/** The one decision on internet addresses: what `why`, the screen and the tests ask. native/rules/net_rules.c answers the same from the plan; PROTOCOL.md binds both. */
import { netOperation, netProtocol } from '../../sandbox/linux/constants.ts';
import { type NetAddress, parseAddress } from '../../sandbox/linux/net-address.ts';
import type { NetRule } from '../../sandbox/linux/net-rule.ts';
import { type NetOperation, type NetProtocol, samePrefix } from './net-endpoint.ts';

/** What somebody wants to do with one address. */
export interface NetAccess {
  readonly operation: NetOperation;
  readonly protocol: NetProtocol;
  /** As parseAddress gives it: a v4-mapped address is the IPv4 address. */
  readonly address: NetAddress;
  readonly port: number;
}

export type NetDecision<R extends NetRule> =
  | { readonly verdict: 'allow'; readonly rule: R }
  | { readonly verdict: 'deny'; readonly reason: 'denied-by-rule'; readonly rule: R }
  | { readonly verdict: 'deny'; readonly reason: 'not-granted' };

interface Target {
  readonly operations: number;
  readonly protocols: number;
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly port: number;
}

const zero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Connecting to the unspecified address connects to this host. */
function asDestination({ family, bytes }: NetAddress): NetAddress {
  if (!zero(bytes)) return { family, bytes };
  const host = new Uint8Array(16);
  if (family === 4) host.set([127, 0, 0, 1]);
  else host[15] = 1;
  return { family, bytes: host };
}

/** The IPv4 address that a router or tunnel will make of an IPv6 one: 6to4, NAT64, or the deprecated compatible form. */
function carriedIpv4({ family, bytes }: NetAddress): Uint8Array | undefined {
  if (family !== 6) return undefined;
  const v4 = new Uint8Array(16);
  const at = (bytes: Uint8Array, offset: number): Uint8Array => {
    v4.set(bytes.subarray(offset, offset + 4));
    return v4;
  };
  if (bytes[0] === 0x20 && bytes[1] === 0x02) return at(bytes, 2);
  const nat64 = Uint8Array.of(0x00, 0x64, 0xff, 0x9b, ...Array(12).fill(0));
  if (samePrefix(bytes, nat64, 96) || zero(bytes.subarray(0, 12))) return at(bytes, 12);
  return undefined;
}

function covers(rule: NetRule, to: Target): boolean {
  if ((rule.operations & to.operations) === 0 || (rule.protocols & to.protocols) === 0) return false;
  if (to.port < rule.firstPort || to.port > rule.lastPort) return false;
  return rule.family === 0 || (rule.family === to.family && samePrefix(to.bytes, rule.address, rule.prefix));
}

function better<R extends NetRule>(rule: R, best: R | undefined): R {
  if (best === undefined || rule.prefix > best.prefix) return rule;
  return rule.prefix === best.prefix && rule.id < best.id ? rule : best;
}

/** Decides one access. Rules as a session or plan holds them; without any rule nothing is allowed. */
export function decideNetwork<R extends NetRule>(rules: readonly R[], asked: NetAccess): NetDecision<R> {
  const { family, bytes } = asked.operation === 'connect' ? asDestination(asked.address) : asked.address;
  const to: Target = {
    operations: netOperation[asked.operation],
    protocols: netProtocol[asked.protocol],
    family,
    bytes,
    port: asked.port,
  };
  const carried = carriedIpv4({ family, bytes });
  const inner: Target | undefined = carried && { ...to, family: 4, bytes: carried };
  let lifted = -1;
  let allow: R | undefined;
  for (const rule of rules) {
    if (rule.verdict === 'override' && covers(rule, to)) lifted = Math.max(lifted, rule.prefix);
    if (rule.verdict === 'allow' && covers(rule, to)) allow = better(rule, allow);
  }
  let deny: R | undefined;
  for (const rule of rules) {
    if (rule.verdict !== 'deny') continue;
    const direct = covers(rule, to) && rule.prefix > lifted;
    if (direct || (inner !== undefined && covers(rule, inner))) deny = better(rule, deny);
  }
  if (deny !== undefined) return { verdict: 'deny', reason: 'denied-by-rule', rule: deny };
  if (allow !== undefined) return { verdict: 'allow', rule: allow };
  return { verdict: 'deny', reason: 'not-granted' };
}

/** A question as text, or undefined when that is no address: octal, hexadecimal and short forms, scope ids and trailing dots are none. */
export function netAccess(
  operation: NetOperation,
  protocol: NetProtocol,
  address: string,
  port: number,
): NetAccess | undefined {
  const parsed = parseAddress(address);
  return parsed && { operation, protocol, address: parsed, port };
}
