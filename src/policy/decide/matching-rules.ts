/** Every rule that takes part in a decision, for `why`: the first decides, but taking that one out would leave the others. */
import { access as accessBits, type RuleAccess } from '../../sandbox/linux/constants.ts';
import type { PolicyRule, ResolvedPolicy } from '../model.ts';
import { decide } from './decide.ts';

type Asked = { readonly path: string; readonly access: RuleAccess };

/** Asked of the deciding function itself, with this rule alone: for any part of what is wanted. */
function grants(rule: PolicyRule, asked: Asked): boolean {
  return (['read', 'write', 'connect'] as const).some(
    (access) =>
      (accessBits[access] & accessBits[asked.access]) !== 0 &&
      decide({ rules: [rule] }, { path: asked.path, access }).verdict === 'allow',
  );
}

function statements({ also, ...rule }: PolicyRule): PolicyRule[] {
  const { at: _at, why: _why, ...bare } = rule;
  return [rule, ...(also ?? []).map((one) => ({ ...bare, ...one }))];
}

/** The deciding rule first, then the deepest. One for each place where it is written. */
export function matchingRules(
  policy: Pick<ResolvedPolicy, 'rules'>,
  asked: Asked,
  decided: PolicyRule,
): readonly PolicyRule[] {
  const overrides = policy.rules.filter((rule) => rule.verdict === 'override');
  const denies = (rule: PolicyRule): boolean => {
    const answer = decide({ rules: [rule, ...overrides] }, asked);
    return answer.verdict === 'deny' && answer.reason === 'denied-by-rule';
  };
  const matches = (rule: PolicyRule): boolean =>
    rule.verdict === decided.verdict &&
    rule.id !== decided.id &&
    (decided.verdict === 'deny' ? denies(rule) : grants(rule, asked));
  const others = policy.rules.filter(matches).sort((a, b) => b.path.length - a.path.length || a.id - b.id);
  return [decided, ...others].flatMap(statements);
}
