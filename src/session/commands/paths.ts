/** From a path as typed to what the supervisor would decide on. */

import { NonoError } from '../../platform/errors.ts';
import { decide } from '../../policy/decide/decide.ts';
import { decideNetwork, netAccess } from '../../policy/decide/decide-network.ts';
import type { Decision } from '../../policy/model.ts';
import { createRealPathResolver, type RealPath } from '../../policy/resolve/real-path.ts';
import { NO_RULE } from '../../sandbox/linux/constants.ts';
import { formatAddress } from '../../sandbox/linux/net-address.ts';
import type { AskedAccess } from '../../sandbox/linux/wire.ts';
import type { DenialRow } from '../rows/denial-row.ts';
import { netPath } from '../rows/net-target.ts';
import type { CommandContext } from './command.ts';
import { policyNow } from './policy-now.ts';
import { absolutePath } from './words.ts';

export interface TypedPath {
  readonly real: RealPath;
  readonly decision: Decision;
}

/** Resolves and decides, over everything that is in force now. Throws NonoError for what no rule can hold. */
export function typedPath(written: string, access: AskedAccess, { session, doors }: CommandContext): TypedPath {
  const real = createRealPathResolver(doors.fileSystem())(absolutePath(written, doors.home, doors.cwd()));
  if (real.ofCaller)
    throw new NonoError('path-invalid', `${written}: names the process that asks, so no rule can hold it`);
  const policy = policyNow(doors, session.granter.journal.grants);
  return { real, decision: decide(policy, { path: real.path, access }) };
}

/** An address and port as typed: `192.0.2.1:443`, `[2001:db8::1]:443`. Undefined for what is none. */
export function typedEndpoint(written: string): { readonly address: string; readonly port: number } | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})$/.exec(written);
  const port = Number(parts?.[3]);
  return parts === null || port < 1 || port > 65535 ? undefined : { address: parts[1] ?? parts[2] ?? '', port };
}

/** As rowFor, for connecting to an address over TCP. A name has no rule of its own: it may lead elsewhere tomorrow. */
export function rowForEndpoint(
  { address, port }: { readonly address: string; readonly port: number },
  { session, doors }: CommandContext,
): DenialRow | string {
  const policy = policyNow(doors, session.granter.journal.grants);
  if (!policy.blockNetwork) return 'the network is open';
  const asked = netAccess('connect', 'tcp', address, port);
  if (asked === undefined)
    throw new NonoError('usage', `${address}: a grant is for an address`, {
      hint: `why ${address}:${port} shows those of a name`,
    });
  const decision = decideNetwork(policy.netRules ?? [], asked);
  if (decision.verdict === 'allow') return `allowed already, by ${decision.rule.source}: ${decision.rule.raw}`;
  const net = { operation: 'connect', protocol: 'tcp', address: formatAddress(asked.address), port } as const;
  const base = rowFor(
    {
      real: { path: netPath(net), kind: undefined, links: [], ofCaller: false },
      decision: { verdict: 'deny', reason: 'not-granted' },
    },
    'connect',
  );
  const denied = decision.reason === 'denied-by-rule';
  return {
    ...base,
    net,
    verb: 'connect',
    reason: denied ? 'denied-by-rule' : 'not-granted',
    ruleId: denied ? decision.rule.id : NO_RULE,
  };
}

/** The row that a denial of this would be, so that it is granted by the same code and under the same conditions. */
export function rowFor({ real, decision }: TypedPath, access: AskedAccess): DenialRow {
  return {
    id: 0,
    kind: 'path',
    path: real.path,
    name: undefined,
    net: undefined,
    other: undefined,
    verb: 'none',
    access,
    object: real.kind === 'directory' ? 'directory' : real.kind === undefined ? 'missing' : 'file',
    comm: '',
    caller: { pid: 0, parentPid: 0, parentComm: '' },
    reason: decision.verdict === 'allow' ? 'not-granted' : decision.reason,
    ruleId: decision.verdict === 'deny' && decision.reason === 'denied-by-rule' ? decision.rule.id : NO_RULE,
    count: 0,
    firstAt: 0,
    lastAt: 0,
    holds: new Map(),
    outcome: 'denied',
    grant: undefined,
    muted: false,
    members: [],
    distinct: 0,
    fold: undefined,
  };
}
