/**
 * Random profiles over a real tree, from the written text to the decision: the oracle, `decide()` and the broker's rules.c give one answer; and so does the
 * kernel (property-kernel.test.ts). 1,000 profiles here; `npm run test:property` asks 10,000.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { setPriority } from 'node:os';
import { test } from 'node:test';
import { decide } from '../../src/policy/decide.ts';
import { createRealPathResolver } from '../../src/policy/real-path.ts';
import { access, RULE_DEEP, RULE_FIXED, RULE_GUARD, ruleKind, ruleVerdict } from '../../src/sandbox/linux/constants.ts';
import { users } from '../helpers/users.ts';
import { random } from '../policy/support.ts';
import { answerOf } from './decisions.ts';
import { driver, RULES } from './driver.ts';
import { allowed, counts, makeCase, POLICIES, prepareHome, respell, SEED, system } from './property-cases.ts';

// It waits for nothing and nobody, unlike the tests beside it.
setPriority(5);

const firstUser = users[0] as (typeof users)[number];

test(`${POLICIES} random profiles: the oracle, decide() and the broker's rules.c agree on every answer`, () => {
  const made = prepareHome(firstUser);
  const program = driver('drivers/decide.c', RULES);
  for (let from = 0; from < POLICIES; from += 500) {
    const input: string[] = [];
    const expected: { readonly answer: string; readonly what: string }[] = [];
    for (let number = from; number < Math.min(from + 500, POLICIES); number++) {
      const { file, policy, questions } = makeCase(number, made);
      input.push('reset', ...(policy.bulk ?? []).map((one) => `${one.closed ? 'closed' : 'bulk'} ${one.name}`));
      for (const rule of policy.rules) {
        const look = rule.deep ? RULE_DEEP : rule.bulk ? RULE_GUARD : 0;
        const bits = access[rule.access] | (rule.fixed ? RULE_FIXED : 0) | look;
        if (rule.bulk) counts.guards++;
        input.push(`rule ${rule.id} ${ruleVerdict[rule.verdict]} ${ruleKind[rule.kind]} ${bits} ${rule.path}`);
      }
      const written = readFileSync(file, 'utf8');
      // One list for all questions: decide() keeps what it has made of one.
      const everywhere = policy.rules.map(({ bulk: _, deep: __, ...rule }) => rule);
      for (const { spelled, real, asked } of questions) {
        const decision = decide(policy, { path: real, access: asked });
        const what = `seed ${SEED}, profile ${number}: ${asked} ${spelled} (${real}) under ${written}`;
        assert.ok(!system.test(real), 'the oracle knows nothing of the system’s own directories');
        if (decide({ rules: everywhere }, { path: real, access: asked }).verdict !== decision.verdict)
          counts.unguarded++;
        assert.equal(decision.verdict === 'allow', allowed(policy.rules, real, asked), `the oracle disagrees: ${what}`);
        counts[decision.verdict === 'allow' ? 'allowed' : 'denied']++;
        input.push(`ask ${access[asked]} ${real}`);
        expected.push({ answer: answerOf(decision), what });
      }
    }
    const done = spawnSync(program, [], { input: `${input.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(done.status, 0, done.stderr);
    const answers = done.stdout.trim().split('\n');
    assert.equal(answers.length, expected.length);
    for (const [i, answer] of answers.entries())
      assert.equal(answer, expected[i]?.answer, `rules.c: ${expected[i]?.what}`);
  }
  // Fewer would show nothing.
  const least = POLICIES / 20;
  assert.ok(counts.overridden > least && counts.refused > least && counts.patterns > least, JSON.stringify(counts));
  assert.ok(counts.guards > POLICIES && counts.unguarded > POLICIES / 50, JSON.stringify(counts));
  assert.ok(counts.allowed > POLICIES && counts.denied > POLICIES, JSON.stringify(counts));
});

test('the resolver names what the kernel finds under every spelling', () => {
  const { words, context } = prepareHome(firstUser);
  const r = random(SEED);
  const real = createRealPathResolver(context.fs);
  let compared = 0;
  for (const word of words) {
    const spelled = respell(r, word);
    let truth: string;
    try {
      truth = realpathSync.native(spelled);
    } catch {
      continue; // loops and links that lead nowhere
    }
    assert.equal(real(spelled).path, truth, spelled);
    compared++;
  }
  assert.ok(compared > 100, String(compared));
});
