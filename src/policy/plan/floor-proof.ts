/**
 * The proof behind every CONTINUE: floor ⊆ policy, checked for each plan before it is written, by other means than those that computed the floor.
 * A floor that fails it is never used.
 */
import { access as accessBits, floorRight } from '../../sandbox/linux/constants.ts';
import type { FloorRule } from '../../sandbox/linux/plan-format.ts';
import type { PolicyRule } from '../model.ts';
import { isProcessEntry, isWithin, parentOf } from '../paths.ts';
import { patternOf } from '../pattern/bulk.ts';
import {
  type Pattern,
  type PatternState,
  patternMatches,
  patternReaches,
  patternStart,
  patternStep,
  patternStepOther,
} from '../pattern/pattern.ts';
import { PatternNames } from '../pattern/pattern-names.ts';

const r = floorRight;
const READING = r.readFile | r.readDir | r.execute;
const WRITING = r.writeFile | r.make | r.remove | r.refer;
/** Rights that reach below the path they are given on. */
const DOWNWARD = r.readDir | r.make | r.remove | r.refer;
const NAMING = r.make | r.refer;

/** A pattern that can still match at a path or below it, and its positions there. */
interface Live {
  readonly rule: PolicyRule;
  readonly pattern: Pattern;
  readonly state: PatternState;
}

interface PatternsAt {
  readonly live: readonly Live[];
  /** Those that match the path itself. */
  readonly matching: readonly Live[];
}

const none: PatternsAt = { live: [], matching: [] };
const nothing: readonly PolicyRule[] = [];

/** One line on the first floor rule that grants what the policy does not; undefined when there is none. */
export function floorViolation(floor: readonly FloorRule[], rules: readonly PolicyRule[]): string | undefined {
  const byPath = new Map<string, PolicyRule[]>();
  for (const rule of rules) {
    if (rule.kind === 'pattern') continue;
    const here = byPath.get(rule.path);
    if (here) here.push(rule);
    else byPath.set(rule.path, [rule]);
  }
  const live = (all: readonly Live[]): PatternsAt =>
    all.length === 0
      ? none
      : { live: all, matching: all.filter(({ pattern, state }) => patternMatches(pattern, state)) };
  const patterns = rules
    .filter((rule) => rule.verdict === 'deny' && rule.kind === 'pattern')
    .map((rule): Live => {
      const pattern = patternOf(rule);
      return { rule, pattern, state: patternStart(pattern) };
    });
  /** Floor rules share most of their directories, and most patterns end at the first: without positions there are none further down. */
  const known = new Map<string, PatternsAt>([['/', live(patterns)]]);
  const names = new PatternNames(patterns.map(({ pattern }) => pattern));
  /** Where they are behind a name that concerns none of them: the same for all such names of a directory. */
  const others = new Map<PatternsAt, PatternsAt>();
  const further = (above: PatternsAt, step: (of: Live) => PatternState): PatternsAt => {
    const found: Live[] = [];
    for (const of of above.live) {
      const state = step(of);
      if (state !== 0) found.push({ ...of, state });
    }
    return live(found);
  };
  const patternsAt = (path: string): PatternsAt => {
    const memory = known.get(path);
    if (memory !== undefined) return memory;
    const parent = parentOf(path);
    const above = patternsAt(parent);
    if (above.live.length === 0) {
      known.set(path, none);
      return none;
    }
    const name = path.slice(parent === '/' ? 1 : parent.length + 1);
    let here: PatternsAt | undefined;
    if (names.concern(parent, name))
      here = further(above, ({ pattern, state }) => patternStep(pattern, state, name, parent));
    else {
      here = others.get(above) ?? further(above, ({ pattern, state }) => patternStepOther(pattern, state));
      others.set(above, here);
    }
    known.set(path, here);
    return here;
  };
  // What is denied, each with a slash behind it and in order: what lies below a directory stands together.
  const denied = [...byPath]
    .filter(([, here]) => here.some((rule) => rule.verdict === 'deny'))
    .map(([path]) => (path === '/' ? path : `${path}/`))
    .sort();
  const isLifted = (deny: PolicyRule, bits: number): boolean => {
    if (deny.fixed) return (accessBits[deny.access] & bits) === 0;
    let lifted = 0;
    for (const rule of byPath.get(deny.path) ?? [])
      if (rule.verdict === 'override' && (rule.kind === 'tree' || deny.kind === 'exact'))
        lifted |= accessBits[rule.access];
    return (accessBits[deny.access] & bits & ~lifted) === 0;
  };

  /** The first deny strictly below a directory that touches these bits. */
  const deniedBelow = (directory: string, bits: number): PolicyRule | undefined => {
    const prefix = directory === '/' ? '/' : `${directory}/`;
    let low = 0;
    for (let high = denied.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((denied[middle] as string) <= prefix) low = middle + 1;
      else high = middle;
    }
    for (let key = denied[low]; key?.startsWith(prefix); key = denied[++low])
      for (const rule of byPath.get(key.slice(0, -1)) ?? nothing)
        if (rule.verdict === 'deny' && !isLifted(rule, bits)) return rule;
    return undefined;
  };

  /** What policy grants at a path: by rules on that path or, with `tree`, only by those that reach below it. */
  const verdictAt = (path: string, tree: boolean, bits: number): string | undefined => {
    let granted = 0;
    let lifted = 0;
    for (let at: string | undefined = path; at !== undefined; at = at === '/' ? undefined : parentOf(at)) {
      // Most directories have no rule.
      const here = byPath.get(at);
      if (here !== undefined) {
        for (const rule of here)
          if (rule.verdict === 'override' && (rule.kind === 'tree' || (at === path && !tree)))
            lifted |= accessBits[rule.access];
        for (const rule of here) {
          // A deny of the path itself closes it whatever lies below.
          if (
            rule.verdict === 'deny' &&
            (rule.kind === 'tree' || at === path) &&
            (accessBits[rule.access] & bits & (rule.fixed ? ~0 : ~lifted)) !== 0
          )
            return `${rule.path} is denied by ${rule.source}`;
          if (rule.verdict === 'allow' && (rule.kind === 'tree' || (at === path && !tree)))
            granted |= accessBits[rule.access];
        }
      }
      const { matching } = patternsAt(at);
      if (matching.length === 0) continue;
      for (const { rule } of matching)
        if ((accessBits[rule.access] & bits & ~lifted) !== 0)
          return `${at} is denied by the pattern ${rule.raw} of ${rule.source}`;
    }
    return (bits & ~granted) === 0 ? undefined : 'no rule grants it';
  };

  for (const { path, rights } of floor) {
    const bits = ((rights & READING) !== 0 ? accessBits.read : 0) | ((rights & WRITING) !== 0 ? accessBits.write : 0);
    const tree = (rights & DOWNWARD) !== 0;
    const at = (why: string): string => `the floor would grant ${path}, but ${why}`;
    if (isProcessEntry(path) || (tree && isWithin('/proc/self', path)))
      return at('entries of processes are never on it');
    const here = verdictAt(path, tree, bits === 0 ? accessBits.read : bits);
    // Only device ioctl: any grant will do.
    if (here !== undefined && (bits !== 0 || verdictAt(path, tree, accessBits.write) !== undefined)) return at(here);
    if (!tree) continue;
    const below = deniedBelow(path, bits);
    if (below !== undefined) return at(`${below.path} below it is denied by ${below.source}`);
    if ((rights & NAMING) === 0) continue;
    const named = patternsAt(path).live.find(
      ({ rule, pattern, state }) =>
        (accessBits[rule.access] & accessBits.write) !== 0 && patternReaches(pattern, state),
    );
    if (named !== undefined)
      return at(`new names in it must be seen for the pattern ${named.rule.raw} of ${named.rule.source}`);
  }
  return undefined;
}
