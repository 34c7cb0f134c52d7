/** What a row about an internet address shows, and what an approval of it can cover. Pure. */
import { deniedRanges } from '../../policy/decide/net-denied.ts';
import {
  anyEndpoint,
  endpointText,
  hostRange,
  type NetEndpoint,
  type NetOperation,
  type NetProtocol,
  parseEndpoints,
  rangeWithin,
} from '../../policy/decide/net-endpoint.ts';
import { parseAddress } from '../../sandbox/linux/net-address.ts';
import type { NetRecord } from '../../sandbox/linux/wire.ts';

/** One end of a connection, as the supervisor decided on it. For a fold, the port is 0. */
export interface NetTarget {
  readonly operation: NetOperation;
  readonly protocol: NetProtocol;
  /** Canonical text, from the bytes. */
  readonly address: string;
  readonly port: number;
}

/** How wide an approval is: this address at this port, every port of the address, every address at the port. */
export type NetScope = 'endpoint' | 'host' | 'port';

/** Rows are found and folded by paths; this one cannot be a path of a file, since it is not absolute. */
const ROOT = 'net:';
const MAX_PORT = 65535;

export function netTarget(record: NetRecord): NetTarget {
  const operation = record.verb === 'bind' || record.verb === 'listen' ? 'bind' : 'connect';
  return { operation, protocol: record.protocol, address: record.address, port: record.port };
}

/** `net:/connect/tcp/192.0.2.1/443`: floods to one host, and to many hosts, fold as directories do. */
export function netPath({ operation, protocol, address, port }: NetTarget): string {
  return `${ROOT}/${operation}/${protocol}/${address}/${port}`;
}

export function isNetPath(path: string): boolean {
  return path.startsWith(`${ROOT}/`);
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** `tcp 192.0.2.1:443`; for the path of a fold `tcp 192.0.2.1` or `tcp`. */
export function netText(path: string): string {
  const [, , protocol = 'tcp and udp', address, port] = path.split('/');
  if (address === undefined) return protocol;
  const host = bracketed(address);
  if (port === undefined) return `${protocol} ${host}`;
  return `${protocol} ${host}:${port === '0' ? 'any' : port}`;
}

/** What a fold of addresses or ports stands for. */
export function netFoldText(path: string, distinct: number): string {
  const depth = path.split('/').length;
  return depth === 4 ? `${netText(path)} (${distinct} ports)` : `${netText(path)} (${distinct} addresses and ports)`;
}

/** The host of a fold on one address. */
export function foldedHost(path: string): NetTarget | undefined {
  const [, operation, protocol, address, ...rest] = path.split('/');
  if (address === undefined || rest.length > 0) return undefined;
  return { operation: operation as NetOperation, protocol: protocol as NetProtocol, address, port: 0 };
}

/** The endpoint that an approval would open, or undefined for an address that is none. */
export function scopedEndpoint(target: NetTarget, scope: NetScope): NetEndpoint | undefined {
  const { protocol, port, operation } = target;
  const address = parseAddress(target.address);
  if (address === undefined) return undefined;
  if (scope === 'port') return anyEndpoint(protocol, { firstPort: port, lastPort: port });
  const lowest = operation === 'bind' ? 0 : 1;
  const ports = scope === 'host' ? { firstPort: lowest, lastPort: MAX_PORT } : { firstPort: port, lastPort: port };
  // Bound to the unspecified address, a socket receives at every address of its family.
  const everywhere = operation === 'bind' && address.bytes.every((byte) => byte === 0);
  return { protocol, ...hostRange(address), ...(everywhere ? { prefix: 0 } : {}), ...ports };
}

/** `tcp 192.0.2.1:443`, with a star for what may be any. */
export function scopeTarget(endpoint: NetEndpoint): string {
  return `${endpoint.protocol} ${endpointText(endpoint).replace(/^udp:\/\//, '')}`;
}

/** The star in words; empty where there is none. */
export function scopeNote(endpoint: NetEndpoint): string {
  return endpoint.family === 0 ? '(any address)' : endpoint.firstPort < endpoint.lastPort ? '(any port)' : '';
}

/** `connect to tcp 192.0.2.1:443`, as read before a yes. */
export function scopeText(operation: NetOperation, endpoint: NetEndpoint): string {
  const what = operation === 'bind' ? 'listen on' : 'connect to';
  return `${what} ${scopeTarget(endpoint)} ${scopeNote(endpoint)}`.trimEnd();
}

const kinds: readonly (readonly [string, string])[] = [
  ['127.0.0.0/8', 'this host'],
  ['[::1]', 'this host'],
  ['0.0.0.0/8', 'every address of this host'],
  ['[::]', 'every address of this host'],
  ...deniedRanges.map(({ range, why }) => [range, why] as const),
  ['10.0.0.0/8', 'private network'],
  ['172.16.0.0/12', 'private network'],
  ['192.168.0.0/16', 'private network'],
  ['100.64.0.0/10', 'private network of a provider'],
  ['[fc00::/7]', 'private network'],
  ['224.0.0.0/4', 'multicast'],
  ['[ff00::/8]', 'multicast'],
  ['255.255.255.255', 'broadcast'],
];

/** What is known of an address without asking anybody: asking for its name would tell somebody. The narrowest range wins. */
export function addressNote(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) return '';
  const host = hostRange(address);
  let best: { readonly prefix: number; readonly what: string } | undefined;
  for (const [range, what] of kinds) {
    const [known] = parseEndpoints(`${range}:*`);
    if (known === undefined || !rangeWithin(host, known)) continue;
    if (best === undefined || known.prefix > best.prefix) best = { prefix: known.prefix, what };
  }
  return best?.what ?? 'public internet';
}
