/** Which name a program has just looked up for an address. A hint beside the address, never what is decided on: whoever owns a name may let it lead anywhere. */
import type { DecodedPacket } from 'dns-packet';
import { lazyModule } from '../../platform/lazy-module.ts';
import { formatAddress, parseAddress } from '../../sandbox/linux/net-address.ts';

const MAX_ADDRESSES = 4096;
const MAX_PER_ANSWER = 64;
/** Letters, digits, hyphens and underscores (RFC 1123, 2.1; RFC 2181, 11): anything else is shown to nobody. */
const PLAIN_NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

export interface ResolvedName {
  readonly name: string;
  /** The name server that answered. */
  readonly server: string;
}

function canonical(address: string): string | undefined {
  const parsed = parseAddress(address);
  return parsed === undefined ? undefined : formatAddress(parsed);
}

function decoded(message: Buffer): DecodedPacket | undefined {
  try {
    return lazyModule<typeof import('dns-packet')>(import.meta.url, 'dns-packet').decode(message);
  } catch {
    return undefined;
  }
}

/** The name asked for, and the addresses that the answer gives it, through aliases (RFC 1034, 3.6.2). */
function addressesIn(message: Buffer): { readonly name: string; readonly addresses: readonly string[] } | undefined {
  const packet = decoded(message);
  const [question, ...others] = packet?.questions ?? [];
  if (packet?.type !== 'response' || question === undefined || others.length > 0) return undefined;
  const name = question.name.toLowerCase();
  if (!PLAIN_NAME.test(name)) return undefined;
  const aliases = new Set([name]);
  const addresses: string[] = [];
  for (const answer of packet.answers ?? []) {
    if (addresses.length === MAX_PER_ANSWER || !aliases.has(answer.name.toLowerCase())) continue;
    if (answer.type === 'CNAME') aliases.add(answer.data.toLowerCase());
    else if (answer.type === 'A' || answer.type === 'AAAA') addresses.push(answer.data);
  }
  return { name, addresses };
}

export class ResolvedNames {
  readonly #ask: () => readonly string[];
  #servers: ReadonlySet<string> | undefined;
  readonly #names = new Map<string, ResolvedName>();

  /** `servers`: the name servers of this host. What others answer may be made up by the program that asks itself. */
  constructor(servers: () => readonly string[]) {
    this.#ask = servers;
  }

  /** Takes an answer as a program received it. What is malformed, or is no answer, changes nothing. */
  take(server: string, message: Buffer): void {
    // Asked for with the first answer: a prompt does not wait for node:dns.
    this.#servers ??= new Set(this.#ask().flatMap((known) => canonical(known) ?? []));
    if (!this.#servers.has(server)) return;
    const found = addressesIn(message);
    for (const text of found?.addresses ?? []) {
      const address = canonical(text);
      if (address === undefined || found === undefined) continue;
      this.#names.delete(address);
      this.#names.set(address, { name: found.name, server });
      for (const oldest of this.#names.keys()) {
        if (this.#names.size <= MAX_ADDRESSES) break;
        this.#names.delete(oldest);
      }
    }
  }

  /** The name that was last seen to lead to this address. */
  of(address: string): ResolvedName | undefined {
    return this.#names.get(address);
  }
}
