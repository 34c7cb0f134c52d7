/**
 * What a session needs to have on the Landlock floor before the start, because nothing can be added later: directories and files that take their place when
 * something is made in a carved tree, and the directory for copies of executables (native/floor/birth_pools.c).
 */
import { dirname, join } from 'node:path';
import { FLOOR_READ_TREE, FLOOR_WRITE_TREE } from '../../sandbox/linux/constants.ts';
import type { BirthRule } from '../../sandbox/linux/plan-format.ts';
import { decide } from '../decide/decide.ts';
import { DenyPatterns } from '../decide/deny-patterns.ts';
import type { ResolvedPolicy } from '../model.ts';
import { childOf, isWithin } from '../paths.ts';
import { isDevicePlace } from '../resolve/devices.ts';
import type { FileSystem } from './file-system.ts';
import { newTreeRights } from './floor.ts';

/** Stands for whatever will be made in a directory. */
const anything = 'nono-birth';

/** Trees that may be read and written throughout, and that are not on the floor as a whole: carved, or missing. `guarded`: those that a guard looks into. */
function birthTrees(policy: ResolvedPolicy, carved: readonly string[], fs: FileSystem, guarded = false): string[] {
  const guards = new DenyPatterns(guarded ? policy.rules.filter((rule) => rule.bulk !== undefined) : []);
  const trees = new Set<string>();
  for (const rule of policy.rules) {
    if (rule.verdict !== 'allow' || rule.kind !== 'tree' || rule.access === 'read' || isDevicePlace(rule.path))
      continue;
    const child = { path: childOf(rule.path, anything), access: 'readwrite' } as const;
    if (decide(policy, child).verdict !== 'allow') continue;
    const off = fs.kind(rule.path) === undefined || carved.some((dir) => isWithin(dir, rule.path));
    if (guarded ? guards.touch(rule.path) : off) trees.add(rule.path);
  }
  return [...trees].filter((tree) => ![...trees].some((other) => other !== tree && isWithin(tree, other))).sort();
}

export function planBirths(policy: ResolvedPolicy, carved: readonly string[], fs: FileSystem): BirthRule[] {
  if (policy.state === undefined) return [];
  const rights = newTreeRights(policy.rules);
  const place = join(policy.state, 'birth');
  // What is born has its rights for good: in strict mode nothing that a pattern could come to match.
  const patterns = new DenyPatterns(policy.strict ? policy.rules : []);
  const trees = birthTrees(policy, carved, fs).filter((tree) => !patterns.reach(tree));
  // Every session has the directory above nono's own state, which programs make one directory in, at most: each that is prepared costs the start some 5 µs.
  const seldom = dirname(policy.state);
  const pools = trees.map((tree): BirthRule => {
    const pool = { kind: 'pool', rights: rights(tree), place, tree } as const;
    return tree === seldom ? { ...pool, few: true } : pool;
  });
  // A guard reaches the tree and not what is bulk in it, so such a directory is born with the right to make names unseen.
  const all = new DenyPatterns(policy.rules);
  const guards = policy.rules.filter((rule) => rule.bulk !== undefined);
  const names = new Set(guards.flatMap((rule) => rule.bulk ?? []));
  // Where another pattern looks into all of them, nothing is born.
  const free = (tree: string): boolean => [...names].some((name) => !all.reach(`${childOf(tree, anything)}/${name}`));
  const guarded = birthTrees(policy, carved, fs, true).filter(free);
  const bulk = guarded.map(
    (tree): BirthRule => ({ kind: 'bulk', rights: FLOOR_READ_TREE | FLOOR_WRITE_TREE, place, tree }),
  );
  return [...pools, ...bulk, { kind: 'annex', rights: FLOOR_READ_TREE, place, tree: place }];
}
