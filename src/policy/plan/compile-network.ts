/** How a policy's network and unix-socket rules reach the launcher, and what of them a floor alone cannot hold. */
import { netOperation, netProtocol, optionFlag } from '../../sandbox/linux/constants.ts';
import type { NetRule } from '../../sandbox/linux/net-rule.ts';
import type { PolicyNetRule, ResolvedPolicy } from '../model.ts';

export interface NetworkRequest {
  readonly supervise: boolean;
  /** Somebody can be asked while the command runs. */
  readonly asks?: boolean | undefined;
}

/** `free`: not touched · `closed`: no internet socket can be made · `ruled`: each connection is decided by the rules, and where somebody can be asked, held. */
export type NetworkMode = 'free' | 'closed' | 'ruled';

/** Without a grant, and with nobody to ask, no rule could ever allow anything: then the sockets themselves are refused, which is the stronger wall. */
export function networkMode(policy: ResolvedPolicy, request: NetworkRequest): NetworkMode {
  if (!policy.blockNetwork) return 'free';
  const granted = (policy.netRules ?? []).some((rule) => rule.verdict === 'allow');
  return granted || (request.supervise && request.asks) ? 'ruled' : 'closed';
}

export interface NetworkPlan {
  /** Bits of optionFlag. */
  readonly flags: number;
  readonly net: readonly NetRule[];
}

/** Under `wrap` only Landlock is left, which knows ports and no denies; floorOnlyNetworkProblems has said so before. */
export function compileNetwork(policy: ResolvedPolicy, request: NetworkRequest): NetworkPlan {
  const unix = request.supervise && policy.unixRules !== false ? optionFlag.unixRules : 0;
  const mode = networkMode(policy, request);
  if (mode === 'free') return { flags: unix, net: [] };
  if (mode === 'closed') return { flags: unix | optionFlag.blockNet, net: [] };
  const rules = policy.netRules ?? [];
  const net = request.supervise ? rules : rules.filter((rule) => rule.verdict === 'allow');
  return { flags: unix | optionFlag.netRules, net };
}

function isPortAlone(rule: PolicyNetRule): boolean {
  return rule.family === 0 && rule.protocols === netProtocol.tcp;
}

/** What Landlock cannot hold of the network rules: it sees a TCP port, and no address. */
export function floorOnlyNetworkProblems(policy: ResolvedPolicy, allowDegraded: boolean): readonly string[] {
  const rules = policy.blockNetwork ? (policy.netRules ?? []) : [];
  const allowed = rules.filter((rule) => rule.verdict === 'allow');
  const byAddress = allowed.find((rule) => !isPortAlone(rule));
  if (byAddress !== undefined)
    return [`${byAddress.source} ${byAddress.raw}: without a supervisor the kernel sees ports, not addresses`];
  const connects = allowed.find((rule) => (rule.operations & netOperation.connect) !== 0);
  if (connects === undefined || allowDegraded) return [];
  return [
    `${connects.source} ${connects.raw}: without a supervisor it reaches metadata services (169.254.169.254) too; --allow-degraded accepts that`,
  ];
}
