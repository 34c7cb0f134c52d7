/** How many rules a launcher takes. More is said before anything is searched for or started, and by `validate`. */
import type { Complain } from '../../config/complain.ts';
import { NonoError } from '../../platform/errors.ts';
import type { PolicyNetRule, PolicyRule } from '../model.ts';

/** As native/rules/rules.h and native/rules/net_rules.h have them. */
export const ruleLimits = { rules: 200_000, patterns: 4096, network: 65_536 } as const;

export function checkRuleLimits(
  rules: readonly PolicyRule[],
  net: readonly PolicyNetRule[],
  profile: string,
  complain: Complain,
): void {
  const patterns = rules.filter((rule) => rule.kind === 'pattern').length;
  const counts = [
    [rules.length, ruleLimits.rules, 'rules on paths', 'name directories in place of what is in them'],
    [
      patterns,
      ruleLimits.patterns,
      'patterns',
      'write fewer and wider patterns: `**/*.pem` in place of one for each name',
    ],
    [net.length, ruleLimits.network, 'rules on addresses', 'write ranges: 8000-8999, 10.0.0.0/8'],
  ] as const;
  for (const [count, most, what, hint] of counts)
    if (count > most)
      complain(
        new NonoError(
          'policy-invalid',
          `profile '${profile}' and flags make ${count} ${what}; at most ${most} can be enforced`,
          { hint },
        ),
      );
}
