/** Why an internet address may be connected to or listened on. */
import { netOperation, netProtocol } from '../../sandbox/linux/constants.ts';
import { decideNetwork, type NetAccess } from '../decide/decide-network.ts';
import type { PolicyNetRule, ResolvedPolicy } from '../model.ts';
import { netRuleText } from '../resolve/resolve-network.ts';
import type { Explanation } from './explanation.ts';

function coversAnyAddress(rule: PolicyNetRule, asked: Omit<NetAccess, 'address'>): boolean {
  return (
    rule.verdict === 'allow' &&
    rule.family === 0 &&
    (rule.operations & netOperation[asked.operation]) !== 0 &&
    (rule.protocols & netProtocol[asked.protocol]) !== 0 &&
    asked.port >= rule.firstPort &&
    asked.port <= rule.lastPort
  );
}

/** One address, or `undefined` for a name that no address is known of: then only a rule on every address can allow it. `endpoint`: what a flag would name. */
export function explainAddress(
  policy: ResolvedPolicy,
  asked: Omit<NetAccess, 'address'> & { readonly address: NetAccess['address'] | undefined },
  endpoint: string | undefined,
): Explanation {
  const listening = asked.operation === 'bind';
  if (!policy.blockNetwork) return { status: 'allowed', reason: 'network_allowed', details: 'the network is open' };
  const rules = policy.netRules ?? [];
  const flags = endpoint === undefined ? undefined : [listening ? '--allow-listen' : '--allow-connect', endpoint];
  const list = ['network', listening ? 'allow_listen' : 'allow_connect'] as const;
  const edit = endpoint === undefined ? undefined : ({ list, entries: [endpoint] } as const);
  if (asked.address === undefined) {
    const rule = rules.find((one) => coversAnyAddress(one, asked));
    if (rule !== undefined) return { status: 'allowed', reason: 'network_allowed', rule, details: netRuleText(rule) };
    const opens = rules.some((one) => one.verdict === 'allow');
    const details = `${opens ? '' : 'no rule opens it; '}the name has no address here, so only its port can be opened`;
    return { status: 'denied', reason: 'network_blocked', details, flags, edit };
  }
  const decision = decideNetwork(rules, { ...asked, address: asked.address });
  if (decision.verdict === 'allow')
    return { status: 'allowed', reason: 'network_allowed', rule: decision.rule, details: netRuleText(decision.rule) };
  if (decision.reason === 'not-granted')
    return { status: 'denied', reason: 'network_blocked', details: 'no rule opens it', flags, edit };
  return { status: 'denied', reason: 'network_denied', rule: decision.rule, flags, edit };
}
