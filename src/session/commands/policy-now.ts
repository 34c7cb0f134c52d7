/** The policy as it holds at this moment: that of the start with what its patterns matched, and what was granted since. The same decision function answers over it. */
import type { PolicyNetRule, PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import { netRuleText } from '../../policy/resolve/resolve-network.ts';
import type { Grant } from '../approval/grant-journal.ts';
import type { CommandDoors } from './command.ts';

export function policyNow(
  { policy, matches }: Pick<CommandDoors, 'policy' | 'matches'>,
  grants: readonly Grant[],
): ResolvedPolicy {
  const rules: PolicyRule[] = [];
  const netRules: PolicyNetRule[] = [];
  for (const command of grants.flatMap((grant) => grant.commands)) {
    if (command.type === 'add-rule') {
      const { id, verdict, kind, access, path } = command;
      rules.push({ id, verdict, kind, access, path, raw: path, source: 'session' });
    } else {
      const rule = { ...command.rule, raw: 'granted in this session', source: 'session' };
      netRules.push({ ...rule, raw: netRuleText(rule) });
    }
  }
  return {
    ...policy,
    rules: [...policy.rules, ...matches, ...rules],
    ...(policy.netRules === undefined && netRules.length === 0
      ? {}
      : { netRules: [...(policy.netRules ?? []), ...netRules] }),
  };
}
