import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import type { PolicyRule } from '../../../src/policy/model.ts';
import { type AccessName, access, ruleKind, ruleVerdict } from '../../../src/sandbox/linux/constants.ts';
import { random } from '../../policy/support.ts';
import { ask, driver, RULES } from '../driver.ts';
import { answerOf } from './decisions.ts';

const accesses = Object.keys(access) as AccessName[];
const verdicts = ['deny', 'allow', 'allow', 'override'] as const;
const kinds = ['tree', 'tree', 'exact'] as const;
/** One name is a prefix of another: components are compared whole. */
const names = ['a', 'ab', 'b', '.env'];

function pick<T>(r: (n: number) => number, from: readonly T[]): T {
  return from[r(from.length)] as T;
}
function path(r: (n: number) => number): string {
  const depth = r(5);
  return depth === 0 ? '/' : Array.from({ length: depth }, () => `/${pick(r, names)}`).join('');
}

test('C and TypeScript decide alike over 6,000 random questions', () => {
  const seed = Number(process.env['NONO_TEST_SEED'] ?? 20);
  const r = random(seed);
  const input: string[] = [];
  const expected: string[] = [];
  const questions: string[] = [];
  for (let round = 0; round < 300; round++) {
    const rules = Array.from({ length: 1 + r(14) }, (_, id): PolicyRule => {
      const where = path(r);
      return {
        id,
        verdict: pick(r, verdicts),
        kind: pick(r, kinds),
        access: pick(r, accesses),
        path: where,
        raw: where,
        source: 'test',
      };
    });
    input.push('reset');
    for (const rule of rules)
      input.push(
        `rule ${rule.id} ${ruleVerdict[rule.verdict]} ${ruleKind[rule.kind]} ${access[rule.access]} ${rule.path}`,
      );
    for (let i = 0; i < 20; i++) {
      const asked = { path: path(r), access: pick(r, accesses) };
      input.push(`ask ${access[asked.access]} ${asked.path}`);
      expected.push(answerOf(decide({ rules }, asked)));
      questions.push(
        `seed ${seed}, round ${round}: ${asked.access} ${asked.path} under ${rules.map((x) => `${x.verdict} ${x.kind} ${x.access} ${x.path}`).join('; ')}`,
      );
    }
  }
  const answers = ask(driver('drivers/decide.c', RULES), [], `${input.join('\n')}\n`)
    .trim()
    .split('\n');
  assert.equal(answers.length, 6000);
  for (const [i, answer] of answers.entries()) assert.equal(answer, expected[i], questions[i]);
});

test('a hundred denies on one path are all remembered', () => {
  const deep = Array.from({ length: 100 }, (_, i) => `/${'d/'.repeat(i)}d`);
  const input = deep.map((p, i) => `rule ${i} 0 0 ${i === 63 ? 1 : 2} ${p}`);
  // The write denies are lifted, the one read deny among them is not.
  input.push('rule 200 1 0 3 /', `rule 201 2 0 2 ${deep[99]}`, `ask 3 ${deep[99]}/x`, `ask 2 ${deep[99]}/x`);
  assert.equal(ask(driver('drivers/decide.c', RULES), [], `${input.join('\n')}\n`), '0 0 63\n1 0 200\n');
});
