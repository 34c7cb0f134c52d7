/** Internet addresses and ports as flags, profiles and approvals write them: `127.0.0.1:80`, `[fd00::/8]:443`, `*:53`, with `udp://` in front for UDP. Pure. */
import { formatAddress, type NetAddress, parseAddress } from '../../sandbox/linux/net-address.ts';
import type { NetRule } from '../../sandbox/linux/net-rule.ts';

export type NetOperation = 'connect' | 'bind';
export type NetProtocol = 'tcp' | 'udp';

/** Where a rule reaches: one protocol, a range of addresses, a range of ports. */
export interface NetEndpoint {
  readonly protocol: NetProtocol;
  /** 0: any address of either family. */
  readonly family: 0 | 4 | 6;
  readonly prefix: number;
  /** 16 bytes, IPv4 in the first four; zero beyond the prefix. */
  readonly address: Uint8Array;
  readonly firstPort: number;
  readonly lastPort: number;
}

/** What stops a word from being an endpoint; the caller says where it was written. */
export class EndpointProblem extends Error {}

const MAX_PORT = 65535;
const MAPPED_BITS = 96;
export const anyAddress = { family: 0, prefix: 0, address: new Uint8Array(16) } as const;
/** The whole of 127.0.0.0/8 is this host. */
const loopback4 = { family: 4, prefix: 8, address: Uint8Array.of(127, ...Array(15).fill(0)) } as const;
const loopback6 = { family: 6, prefix: 128, address: Uint8Array.of(...Array(15).fill(0), 1) } as const;

interface PortRange {
  readonly firstPort: number;
  readonly lastPort: number;
}

type AddressRange = Pick<NetEndpoint, 'family' | 'prefix' | 'address'>;

function onePort(text: string, lowest: number): number {
  // Number() would take 0x50, 8e1 and ' 80'.
  const port = /^(?:0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : Number.NaN;
  if (port >= lowest && port <= MAX_PORT) return port;
  throw new EndpointProblem(`'${text}' is not a port: ports are ${lowest} to ${MAX_PORT}`);
}

/** `443`, `8000-8010`, or `*` for every port. */
export function parsePorts(text: string, lowest = 1): PortRange {
  if (text === '*') return { firstPort: lowest, lastPort: MAX_PORT };
  const [first = '', last, ...more] = text.split('-');
  const firstPort = onePort(first, lowest);
  const lastPort = last === undefined ? firstPort : onePort(last, lowest);
  if (more.length > 0 || firstPort > lastPort) throw new EndpointProblem(`'${text}' is not a range of ports`);
  return { firstPort, lastPort };
}

/** Whether bits are set that the prefix says do not matter. */
function hasBitsBeyond(bytes: Uint8Array, prefix: number): boolean {
  for (let bit = prefix; bit < 128; bit++) if (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) return true;
  return false;
}

export function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  const result = new Uint8Array(16);
  for (let bit = 0; bit < prefix; bit++) {
    const i = bit >> 3;
    result[i] = (result[i] ?? 0) | ((bytes[i] ?? 0) & (0x80 >> (bit & 7)));
  }
  return result;
}

function addressRange(text: string): AddressRange {
  const [head = '', length, ...more] = text.split('/');
  const found = parseAddress(head);
  if (found === undefined || more.length > 0) {
    const hint = /[a-z]/i.test(head) && !head.includes(':') ? ' (a host name is not: its addresses change)' : '';
    throw new EndpointProblem(`'${text}' is not an internet address${hint}`);
  }
  const full = found.family === 4 ? 32 : 128;
  if (length === undefined) return { family: found.family, prefix: full, address: found.bytes };
  // A v4-mapped range is the IPv4 range: that is where the kernel sends.
  const written = /^(?:0|[1-9][0-9]{0,2})$/.test(length) ? Number(length) : Number.NaN;
  const prefix = found.family === 4 && head.includes(':') ? written - MAPPED_BITS : written;
  if (!(prefix >= 0 && prefix <= full)) throw new EndpointProblem(`'/${length}' is no prefix length for ${head}`);
  if (hasBitsBeyond(found.bytes, prefix)) {
    const meant = formatAddress({ family: found.family, bytes: masked(found.bytes, prefix) });
    throw new EndpointProblem(`'${text}' has bits beyond its prefix: write ${meant}/${length}`);
  }
  return { family: found.family, prefix, address: found.bytes };
}

/** The endpoints that one word means; `localhost` is two. Port 0 only where `lowest` says so: for listening it is a port of the kernel's choice. */
export function parseEndpoints(text: string, lowest = 1): readonly NetEndpoint[] {
  const [, scheme, rest = ''] = /^(?:(tcp|udp):\/\/)?(.*)$/s.exec(text) ?? [];
  const protocol: NetProtocol = scheme === 'udp' ? 'udp' : 'tcp';
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(rest);
  if (parts === null) {
    throw new EndpointProblem(`'${text}' is not ADDRESS:PORT (IPv6 in brackets: [fd00::1]:443; any address: *:443)`);
  }
  const [, bracketed, plain, port = ''] = parts;
  const ports = parsePorts(port, lowest);
  const host = bracketed ?? plain ?? '';
  if (bracketed !== undefined && !bracketed.includes(':')) {
    throw new EndpointProblem(`'[${bracketed}]' is not an IPv6 address`);
  }
  const ranges = host === '*' ? [anyAddress] : host === 'localhost' ? [loopback4, loopback6] : [addressRange(host)];
  return ranges.map((range) => ({ protocol, ...range, ...ports }));
}

/** Both loopbacks, one range of ports. */
export function loopbackEndpoints(protocol: NetProtocol, ports: PortRange): readonly NetEndpoint[] {
  return [loopback4, loopback6].map((range) => ({ protocol, ...range, ...ports }));
}

export function anyEndpoint(protocol: NetProtocol, ports: PortRange): NetEndpoint {
  return { protocol, ...anyAddress, ...ports };
}

function portsText({ firstPort, lastPort }: PortRange): string {
  if (firstPort <= 1 && lastPort === MAX_PORT) return '*';
  return firstPort === lastPort ? String(firstPort) : `${firstPort}-${lastPort}`;
}

/** An address range without ports: `*`, `10.0.0.0/8`, `[::1]`. */
function addressText({ family, prefix, address }: AddressRange): string {
  if (family === 0) return '*';
  const full = family === 4 ? 32 : 128;
  const text = formatAddress({ family, bytes: address }) + (prefix === full ? '' : `/${prefix}`);
  return family === 6 ? `[${text}]` : text;
}

/** The one way an endpoint is written; parseEndpoints reads it back. */
export function endpointText(endpoint: NetEndpoint): string {
  return `${endpoint.protocol === 'udp' ? 'udp://' : ''}${addressText(endpoint)}:${portsText(endpoint)}`;
}

/** Whether the first `prefix` bits of two addresses are the same. */
export function samePrefix(a: Uint8Array, b: Uint8Array, prefix: number): boolean {
  for (let i = 0; i < prefix >> 3; i++) if (a[i] !== b[i]) return false;
  const rest = prefix & 7;
  return rest === 0 || ((a[prefix >> 3] ?? 0) ^ (b[prefix >> 3] ?? 0)) >> (8 - rest) === 0;
}

/** Whether everything that `inner` reaches is reached by `outer`. */
export function endpointWithin(inner: NetEndpoint, outer: NetEndpoint): boolean {
  if (inner.protocol !== outer.protocol) return false;
  if (inner.firstPort < outer.firstPort || inner.lastPort > outer.lastPort) return false;
  return rangeWithin(inner, outer);
}

export function rangeWithin(inner: AddressRange, outer: AddressRange): boolean {
  if (outer.family === 0) return true;
  if (inner.family !== outer.family || inner.prefix < outer.prefix) return false;
  return samePrefix(inner.address, outer.address, outer.prefix);
}

/** One address as a range. */
export function hostRange({ family, bytes }: NetAddress): AddressRange {
  return { family, prefix: family === 4 ? 32 : 128, address: bytes };
}

export type { NetRule };
