/** Profiles with as many rules as fit in the largest file: an answer in bounded time, or one line that says which limit there is. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { validateProfile } from '../../../src/policy/profile/validate-profile.ts';
import { ruleLimits } from '../../../src/policy/resolve/rule-limits.ts';
import { contextFor, resolveIn, temporary } from '../support.ts';

const many = <T>(n: number, one: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

function put(t: TestContext, profile: unknown): { home: string; file: string } {
  const home = temporary(t);
  mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
  const file = join(home, 'big.json');
  writeFileSync(file, JSON.stringify(profile));
  return { home, file };
}

test('the limits are those of the native code', () => {
  const header = (name: string): string => readFileSync(join(import.meta.dirname, '../../../native', name), 'utf8');
  assert.match(header('rules/rules.h'), new RegExp(`RULES_MAX ${ruleLimits.rules}U`));
  assert.match(header('rules/rules.h'), new RegExp(`PATTERN_RULES_MAX ${ruleLimits.patterns}U`));
  assert.match(header('rules/net_rules.h'), new RegExp(`NET_RULES_MAX = ${ruleLimits.network} `));
});

for (const [what, profile, says] of [
  ['patterns', { filesystem: { deny: many(5000, (i) => `**/x${i}*`) } }, /5000 patterns; at most 4096/],
  ['ports', { network: { block: true, open_port: many(35_000, (i) => i + 1) } }, /rules on addresses; at most 65536/],
] as const)
  test(`too many ${what}`, (t) => {
    const { home, file } = put(t, profile);
    assert.throws(() => resolveIn(home, { profile: file }), { code: 'policy-invalid', message: says });
    const { findings } = validateProfile(file, contextFor(home), home);
    assert.match(findings.find((one) => one.level === 'err')?.text ?? '', says);
  });

for (const [what, profile] of Object.entries({
  grants: { filesystem: { read: many(30_000, (i) => `/x/${i}`) } },
  overrides: {
    filesystem: { read: many(10_000, (i) => `/x/${i}`), bypass_protection: many(10_000, (i) => `/x/${i}`) },
  },
  variables: { environment: { set_vars: Object.fromEntries(many(30_000, (i) => [`A${i}`, 'x'])) } },
}))
  test(`very many ${what}`, (t) => {
    const { home, file } = put(t, profile);
    const began = process.cpuUsage();
    resolveIn(home, { profile: file });
    const { user, system } = process.cpuUsage(began);
    // What grows with the square takes minutes.
    assert.ok(user + system < 10_000_000, `${(user + system) / 1e6} s`);
  });
