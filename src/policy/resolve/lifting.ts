/** Whether `--override-deny` would open what a rule denies, and whether it needs a grant beside it. Pure. */
import type { RuleAccess } from '../../sandbox/linux/constants.ts';
import { decide } from '../decide/decide.ts';
import { sourceName } from '../explain/describe.ts';
import type { PolicyRule, ResolvedPolicy } from '../model.ts';

type Rules = Pick<ResolvedPolicy, 'rules'>;

function isUsersGrant(rule: PolicyRule): boolean {
  return rule.verdict === 'allow' && ['user', 'profile'].includes(sourceName(rule));
}

/** An override counts only where the user or a profile grants the path as well. */
export function isGrantedByUser(policy: Rules, path: string, access: RuleAccess): boolean {
  return policy.rules.some(
    (rule) => isUsersGrant(rule) && decide({ rules: [rule] }, { path, access }).verdict === 'allow',
  );
}

/** Whether the override would be taken, and would be enough: asked of the deciding function itself. */
export function isLifted(policy: Rules, path: string, access: RuleAccess): boolean {
  const id = policy.rules.reduce((next, rule) => Math.max(next, rule.id + 1), 0);
  const origin = { kind: 'tree', access: 'all', path, raw: path, source: 'cli:--override-deny' } as const;
  const rules: PolicyRule[] = [
    ...policy.rules,
    { ...origin, id, verdict: 'override' },
    { ...origin, id: id + 1, verdict: 'allow' },
  ];
  return decide({ rules }, { path, access }).verdict === 'allow';
}
