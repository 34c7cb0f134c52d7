import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, decideOnce } from '../../../src/policy/decide/decide.ts';
import type { Access, Decision, PolicyRule } from '../../../src/policy/model.ts';
import { isBelow, isWithin } from '../../../src/policy/paths.ts';
import { type AccessName, access as bits } from '../../../src/sandbox/linux/constants.ts';
import { random, rules } from '../support.ts';

/** One line: the outcome, and the rule that decided, by id. */
function outcome(decision: Decision): string {
  if (decision.verdict === 'allow') return `allow ${decision.rule.id}`;
  if (decision.reason === 'denied-by-rule') return `deny ${decision.rule.id}`;
  return decision.reason === 'not-granted' ? 'not-granted' : `insufficient ${decision.closest?.id}`;
}

const home = rules(
  'allow tree readwrite /home/u',
  'deny tree readwrite /home/u/.ssh',
  'deny tree write /home/u/.config/nono',
  'allow tree read /usr',
  'allow exact read /proc',
  'deny exact read /home/u/one',
);

const cases: readonly [readonly PolicyRule[], string, AccessName, string][] = [
  [home, '/home/u/notes.txt', 'read', 'allow 0'],
  [home, '/home/u', 'readwrite', 'allow 0'],
  [home, '/home/u2', 'read', 'not-granted'],
  [home, '/home', 'read', 'not-granted'],
  [home, '/home/u/.ssh', 'read', 'deny 1'],
  [home, '/home/u/.ssh/id', 'write', 'deny 1'],
  [home, '/home/u/.sshx', 'read', 'allow 0'],
  [home, '/home/u/.config/nono/profiles/x.json', 'read', 'allow 0'],
  [home, '/home/u/.config/nono/profiles/x.json', 'write', 'deny 2'],
  [home, '/home/u/.config/nono/profiles/x.json', 'readwrite', 'deny 2'],
  [home, '/usr/bin/ls', 'read', 'allow 3'],
  [home, '/usr/bin/ls', 'write', 'insufficient 3'],
  [home, '/usr/bin/ls', 'readwrite', 'insufficient 3'],
  [home, '/proc', 'read', 'allow 4'],
  [home, '/proc/cpuinfo', 'read', 'not-granted'],
  [home, '/home/u/one', 'read', 'deny 5'],
  [home, '/home/u/one', 'write', 'allow 0'],
  [home, '/home/u/one/below', 'read', 'allow 0'],
  // The root covers everything, and nothing covers it but itself.
  [rules('allow tree read /'), '/', 'read', 'allow 0'],
  [rules('allow tree read /'), '/etc/passwd', 'read', 'allow 0'],
  [rules('allow tree read /a'), '/', 'read', 'not-granted'],
  [rules('allow tree read /', 'deny tree readwrite /'), '/a', 'read', 'deny 1'],
  // Read and write from two rules add up; the deepest that has any of them is named.
  [rules('allow tree read /a', 'allow tree write /a/b'), '/a/b/c', 'readwrite', 'allow 1'],
  [rules('allow tree write /a', 'allow tree read /a/b'), '/a/b/c', 'write', 'allow 0'],
  // Ties: the lowest id.
  [rules('allow tree read /a', 'allow exact read /a'), '/a', 'read', 'allow 0'],
  [rules('deny tree read /a', 'deny exact read /a'), '/a', 'read', 'deny 0'],
  // The deepest deny is named.
  [rules('deny tree read /a', 'deny tree read /a/b'), '/a/b/c', 'read', 'deny 1'],
  // Overrides lift denies at their own path and above, for what they cover, and only the bits they have.
  [
    rules('allow tree readwrite /a', 'deny tree readwrite /a/b', 'override tree readwrite /a/b'),
    '/a/b/c',
    'readwrite',
    'allow 0',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree readwrite /a/b', 'override tree readwrite /a/b/c'),
    '/a/b/c/d',
    'read',
    'allow 0',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree readwrite /a/b', 'override tree readwrite /a/b/c'),
    '/a/b/x',
    'read',
    'deny 1',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree readwrite /a/b', 'override tree readwrite /a'),
    '/a/b',
    'read',
    'deny 1',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree readwrite /a/b', 'override exact readwrite /a/b'),
    '/a/b/c',
    'read',
    'deny 1',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree readwrite /a/b', 'override exact readwrite /a/b'),
    '/a/b',
    'read',
    'allow 0',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree readwrite /a/b', 'override tree read /a/b'),
    '/a/b/c',
    'readwrite',
    'deny 1',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree write /a/b', 'override tree read /a/b'),
    '/a/b/c',
    'readwrite',
    'deny 1',
  ],
  [
    rules('allow tree readwrite /a', 'deny tree read /a/b', 'override tree read /a/b'),
    '/a/b/c',
    'readwrite',
    'allow 0',
  ],
  [
    rules(
      'allow tree readwrite /a',
      'deny tree readwrite /a/b',
      'override tree read /a/b',
      'override tree write /a/b/c',
    ),
    '/a/b/c',
    'readwrite',
    'allow 0',
  ],
  // An override grants nothing.
  [rules('deny tree readwrite /a', 'override tree readwrite /a'), '/a', 'read', 'not-granted'],
];

for (const [list, path, access, expected] of cases) {
  test(`${access} ${path} under ${list.length} rules: ${expected}`, () => {
    assert.equal(outcome(decide({ rules: list }, { path, access })), expected);
    assert.equal(outcome(decideOnce(list, { path, access })), expected);
  });
}

/** native/PROTOCOL.md word for word, in time that grows with the number of rules. */
function naive(list: readonly PolicyRule[], asked: Access): string {
  const wanted = bits[asked.access];
  const covers = (r: PolicyRule): boolean => (r.kind === 'tree' ? isWithin(asked.path, r.path) : r.path === asked.path);
  const deepest = (found: readonly PolicyRule[]): PolicyRule =>
    [...found].sort((a, b) =>
      isBelow(a.path, b.path) ? -1 : isBelow(b.path, a.path) ? 1 : a.id - b.id,
    )[0] as PolicyRule;
  const covering = list.filter(covers);
  const denies = covering.filter((deny) => {
    if (deny.verdict !== 'deny' || (bits[deny.access] & wanted) === 0) return false;
    const lifted = covering
      .filter((over) => over.verdict === 'override' && isWithin(over.path, deny.path))
      .reduce((sum, over) => sum | bits[over.access], 0);
    return (bits[deny.access] & wanted & ~lifted) !== 0;
  });
  if (denies.length > 0) return `deny ${deepest(denies).id}`;
  const allows = covering.filter((r) => r.verdict === 'allow');
  const granted = allows.reduce((sum, r) => sum | bits[r.access], 0);
  if ((granted & wanted) === wanted) return `allow ${deepest(allows.filter((r) => bits[r.access] & wanted)).id}`;
  return allows.length === 0 ? 'not-granted' : `insufficient ${deepest(allows).id}`;
}

test('decide agrees with the written semantics on random policies', () => {
  const pick = random(1);
  const names = ['a', 'b', 'bb', 'c'];
  const path = (): string => {
    const depth = pick(5);
    return depth === 0 ? '/' : Array.from({ length: depth }, () => `/${names[pick(names.length)]}`).join('');
  };
  const accesses = ['read', 'write', 'readwrite'] as const;
  for (let round = 0; round < 3000; round++) {
    const list = Array.from({ length: 1 + pick(12) }, (_, id): PolicyRule => {
      const at = path();
      return {
        id,
        verdict: (['allow', 'allow', 'deny', 'override'] as const)[pick(4)] as PolicyRule['verdict'],
        kind: pick(3) === 0 ? 'exact' : 'tree',
        access: accesses[pick(3)] as AccessName,
        path: at,
        raw: at,
        source: 'test',
      };
    });
    const shuffled = [...list].sort(() => pick(3) - 1);
    for (let i = 0; i < 20; i++) {
      const asked = { path: path(), access: accesses[pick(3)] as AccessName };
      const expected = naive(list, asked);
      assert.equal(outcome(decide({ rules: shuffled }, asked)), expected, JSON.stringify({ list, asked }));
      assert.equal(outcome(decideOnce(shuffled, asked)), expected, JSON.stringify({ list, asked }));
    }
  }
});
