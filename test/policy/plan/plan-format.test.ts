import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePlan, type Plan, PlanError } from '../../../src/sandbox/linux/plan-format.ts';
import { decodePlan } from '../../helpers/decode-plan.ts';
import { random } from '../support.ts';

const plan: Plan = {
  options: { flags: 0b11011, mode: 'ask', minimumAbi: 3, capabilities: 0xa00005fbn },
  floor: [
    { path: '/', rights: 7 },
    { path: '/home/ü/日本', rights: 127 },
  ],
  rules: [
    { id: 0, verdict: 'deny', kind: 'tree', access: 'readwrite', path: '/root/.ssh' },
    { id: 4_000_000_000, verdict: 'override', kind: 'exact', access: 'write', path: '/a b\nc' },
  ],
  env: ['A=', 'B=x=y', `LONG=${'x'.repeat(100_000)}`],
  cwd: '/root',
  self: '{"profile":"ü"}',
};

test('a plan comes back as it was written', () => {
  assert.deepEqual(decodePlan(encodePlan(plan)), plan);
  const { cwd: _, ...withoutCwd } = plan;
  assert.deepEqual(decodePlan(encodePlan(withoutCwd)), withoutCwd);
});

test('the bytes are those of native/PROTOCOL.md', () => {
  const bytes = encodePlan({
    options: { flags: 1, mode: 'observe', minimumAbi: 3, capabilities: 0x1_0000_0002n },
    floor: [{ path: '/a', rights: 7 }],
    rules: [{ id: 9, verdict: 'allow', kind: 'exact', access: 'write', path: '/b' }],
    env: ['X=1'],
    cwd: '/',
  });
  const expected = [
    ['4e4f4e4f504c414e', '01000000', '06000000', '8400000000000000'],
    ['14000000', '0100', '0000', '01000000', '01000000', '03000000', '0200000001000000'],
    ['0e000000', '0200', '0000', '07000000', '00000000', '02000000', '2f61'],
    ['0e000000', '0300', '0000', '09000000', '01', '01', '0200', '02000000', '2f62'],
    ['07000000', '0400', '0000', '03000000', '583d31'],
    ['05000000', '0500', '0000', '01000000', '2f'],
    ['00000000', 'ffff', '0000'],
  ];
  assert.equal(bytes.toString('hex'), expected.flat().join(''));
});

test('a plan that was cut, padded or flipped is never read as another plan without notice', () => {
  const whole = encodePlan({ ...plan, env: [] });
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodePlan(whole.subarray(0, length)), PlanError);
  }
  assert.throws(() => decodePlan(Buffer.concat([whole, Buffer.from([0])])), PlanError);
  const pick = random(7);
  for (let i = 0; i < 2000; i++) {
    const broken = Buffer.from(whole);
    broken[pick(24)] = pick(256);
    if (broken.equals(whole)) continue;
    assert.throws(() => decodePlan(broken), PlanError);
  }
});

for (const [what, broken] of [
  ['a relative path', { ...plan, floor: [{ path: 'a', rights: 7 }] }],
  ['a NUL in a path', { ...plan, floor: [{ path: '/a\0b', rights: 7 }] }],
  ['a path longer than the kernel takes', { ...plan, cwd: `/${'x'.repeat(4095)}` }],
  ['an environment entry without a name', { ...plan, env: ['=x'] }],
] as const) {
  test(`${what} is refused`, () => assert.throws(() => encodePlan(broken), PlanError));
}
