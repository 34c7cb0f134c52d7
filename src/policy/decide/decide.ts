/** The one decision function: what `why`, the UI and the tests ask. native/ answers the same from the plan; PROTOCOL.md binds both. */
import { access as accessBits } from '../../sandbox/linux/constants.ts';
import type { Access, Decision, PolicyRule } from '../model.ts';
import { isWithin, parentOf } from '../paths.ts';
import { patternOf } from '../pattern/bulk.ts';
import type { Pattern } from '../pattern/pattern.ts';
import { PatternStates } from '../pattern/pattern-states.ts';

interface PatternRule {
  readonly rule: PolicyRule;
  readonly pattern: Pattern;
}

export interface RuleIndex {
  /** A question costs one lookup per component, however many rules there are. */
  readonly byPath: ReadonlyMap<string, readonly PolicyRule[]>;
  readonly patterns: readonly PatternRule[];
  readonly states: PatternStates;
}

function indexRules(rules: readonly PolicyRule[]): RuleIndex {
  const byPath = new Map<string, PolicyRule[]>();
  const patterns: PatternRule[] = [];
  for (const rule of rules) {
    if (rule.kind === 'pattern') {
      patterns.push({ rule, pattern: patternOf(rule) });
      continue;
    }
    const here = byPath.get(rule.path);
    if (here) here.push(rule);
    else byPath.set(rule.path, [rule]);
  }
  for (const here of byPath.values()) if (here.length > 1) here.sort((a, b) => a.id - b.id);
  return { byPath, patterns, states: new PatternStates(patterns.map(({ pattern }) => pattern)) };
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

/** As decide, for one question about rules that nobody asks again: only those at the path and above it are indexed. */
export function decideOnce(rules: readonly PolicyRule[], asked: Access): Decision {
  const near = rules.filter((rule) => rule.kind === 'pattern' || isWithin(asked.path, rule.path));
  return decideBy(indexRules(near), asked);
}

/** The rules whose pattern matches a path itself: there it stands for a rule on that tree. The root has no name to match. */
function matchedAt({ patterns, states }: RuleIndex, path: string): readonly PolicyRule[] | undefined {
  if (patterns.length === 0 || path === '/') return undefined;
  const { matched } = states.at(path);
  return matched.length === 0 ? undefined : matched.map((i) => (patterns[i] as PatternRule).rule);
}

/** As decide, over an index made once. */
function decideBy(index: RuleIndex, asked: Access): Decision {
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
    const here = rulesAt(index.byPath.get(path), matchedAt(index, path));
    if (here === undefined) continue;
    const exact = path === asked.path;
    for (const rule of here) {
      if (rule.verdict === 'override' && (exact || rule.kind !== 'exact')) lifted |= accessBits[rule.access];
    }
    for (const rule of here) {
      if (!exact && rule.kind === 'exact') continue;
      const bits = accessBits[rule.access];
      if (rule.verdict === 'deny' && (bits & wanted & (rule.fixed ? ~0 : ~lifted)) !== 0) {
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

/** By id, so that of several rules at one place the lowest is named. */
function rulesAt(
  named: readonly PolicyRule[] | undefined,
  matched: readonly PolicyRule[] | undefined,
): readonly PolicyRule[] | undefined {
  if (matched === undefined) return named;
  return [...(named ?? []), ...matched].sort((a, b) => a.id - b.id);
}
