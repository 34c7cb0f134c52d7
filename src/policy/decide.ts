/** The one decision function: what `why`, the UI and the tests ask. native/ answers the same from the plan; PROTOCOL.md binds both. */
import { access as accessBits } from '../sandbox/linux/constants.ts';
import type { Access, Decision, PolicyRule } from './model.ts';
import { parentOf } from './paths.ts';

export type RuleIndex = ReadonlyMap<string, readonly PolicyRule[]>;

/** Rules by path: a question then costs one lookup per component, however many rules there are. */
export function indexRules(rules: readonly PolicyRule[]): RuleIndex {
  const index = new Map<string, PolicyRule[]>();
  for (const rule of rules) {
    const here = index.get(rule.path);
    if (here) here.push(rule);
    else index.set(rule.path, [rule]);
  }
  for (const here of index.values()) here.sort((a, b) => a.id - b.id);
  return index;
}

const indexes = new WeakMap<readonly PolicyRule[], RuleIndex>();

function indexOf(rules: readonly PolicyRule[]): RuleIndex {
  let index = indexes.get(rules);
  if (index === undefined) {
    index = indexRules(rules);
    indexes.set(rules, index);
  }
  return index;
}

/** Decides one access to a real, absolute path. The rules array is indexed once, so it must not be changed in place. */
export function decide(policy: { readonly rules: readonly PolicyRule[] }, asked: Access): Decision {
  return decideBy(indexOf(policy.rules), asked);
}

/** As decide, over an index made once. */
export function decideBy(index: RuleIndex, asked: Access): Decision {
  const wanted = accessBits[asked.access];
  let lifted = 0;
  let granted = 0;
  let grant: PolicyRule | undefined;
  let closest: PolicyRule | undefined;
  // Deepest first: an override lifts only denies at its own path or above it.
  for (
    let path: string | undefined = asked.path;
    path !== undefined;
    path = path === '/' ? undefined : parentOf(path)
  ) {
    const here = index.get(path);
    if (here === undefined) continue;
    const exact = path === asked.path;
    for (const rule of here) {
      if (rule.verdict === 'override' && (exact || rule.kind === 'tree')) lifted |= accessBits[rule.access];
    }
    for (const rule of here) {
      if (!exact && rule.kind === 'exact') continue;
      const bits = accessBits[rule.access];
      if (rule.verdict === 'deny' && (bits & wanted & ~lifted) !== 0) {
        return { verdict: 'deny', reason: 'denied-by-rule', rule };
      }
      if (rule.verdict === 'allow') {
        granted |= bits;
        closest ??= rule;
        if (bits & wanted) grant ??= rule;
      }
    }
  }
  if (grant !== undefined && (granted & wanted) === wanted) return { verdict: 'allow', rule: grant };
  if (closest === undefined) return { verdict: 'deny', reason: 'not-granted' };
  return { verdict: 'deny', reason: 'insufficient-access', closest };
}
