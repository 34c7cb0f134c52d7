/** The policy of a cached plan comes back from its SELF record as it was: the session approves and explains by it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/line/parse.ts';
import { aboutToJson, partMatches, policyFromJson } from '../../../src/cli/policy/policy-record.ts';
import { policyRequest } from '../../../src/cli/start/prepare.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { policyContext } from '../../../src/policy/resolve/load.ts';
import { resolvePolicy } from '../../../src/policy/resolve/resolve.ts';

/** A key without a value says what no key says. */
function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(given);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, given(one)]])),
  );
}

for (const line of [
  '--allow-cwd',
  '--allow-cwd -p node-dev',
  '--allow-cwd -p claude-code',
  '--allow . --block-net --allow-connect 10.0.0.0/8:443 --allow-listen [::1]:8080 --open-port 3000',
  '--allow . --memory 1G --max-processes 100 --cpu-time 60 --max-file-size 1G --private-tmp --strict-deny',
  '--allow . --env PATH --deny ~/x --block-command curl --allow-unix-socket /run/x.sock --allow-ipc',
])
  test(`shell ${line}`, () => {
    const { options } = parseCommandLine(['shell', ...line.split(' ')], {});
    const policy: ResolvedPolicy = resolvePolicy(policyRequest(options), policyContext());
    assert.deepStrictEqual(given(policyFromJson(JSON.stringify(policy))), given(policy));
    assert.ok(policy.rules.length > 10);
  });

test('what patterns matched comes back apart from the rules, or not at all', () => {
  const { options } = parseCommandLine(['shell', '--allow-cwd'], {});
  const policy: ResolvedPolicy = resolvePolicy(policyRequest(options), policyContext());
  const matches = policy.rules.slice(0, 2).map((rule) => ({ ...rule, raw: 'matched' }));
  const recorded = { ...policy, rules: [...policy.rules, ...matches] };
  assert.deepEqual(partMatches(recorded, aboutToJson(policy, 2)), { policy, matches });
  assert.deepEqual(partMatches(policy, aboutToJson(policy, 0)), { policy, matches: [] });
  for (const about of ['{}', '{"matches":-1}', '{"matches":0.5}', '{"matches":"1"}', '{"matches":100000}', '', 'x'])
    assert.throws(() => partMatches(recorded, about), about);
});
