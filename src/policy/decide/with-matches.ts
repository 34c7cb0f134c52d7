/** What patterns match when a session starts, as rules: `why` answers with them what the kernel would. */

import type { ResolvedPolicy } from '../model.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { computeFloor } from '../plan/floor.ts';

/**
 * The policy as a session that starts now would have it: a match is denied with all below it, and so is what a matching link leads to (docs/policy.md). Searches the
 * trees that the patterns reach.
 */
export function withMatches(policy: ResolvedPolicy, fs: FileSystem): ResolvedPolicy {
  if (!policy.rules.some(({ kind }) => kind === 'pattern')) return policy;
  const { matches } = computeFloor(policy.rules, fs, policy.strict);
  return matches.length === 0 ? policy : { ...policy, rules: [...policy.rules, ...matches] };
}
