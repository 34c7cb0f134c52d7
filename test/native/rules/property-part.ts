/** One part of the random profiles, in a thread of its own: the oracle, `decide()` and the broker's rules.c are asked the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { decide } from '../../../src/policy/decide/decide.ts';
import {
  access,
  RULE_DEEP,
  RULE_FIXED,
  RULE_GUARD,
  ruleKind,
  ruleVerdict,
} from '../../../src/sandbox/linux/constants.ts';
import { answerOf } from './decisions.ts';
import { allowed, counts, makeCase, SEED, system, world } from './property-cases.ts';

/** The home and the driver are made once, by the test; each thread takes the profiles [from, to). */
export interface Part {
  readonly home: string;
  readonly program: string;
  readonly from: number;
  readonly to: number;
}

/** As many as rules.c is asked about in one process. */
const BATCH = 500;

const { home, program, from: first, to: last } = workerData as Part;
// It waits for nothing and nobody, unlike the tests beside it. Whoever started it may have let more go first; only root could take that back.
setPriority(Math.max(getPriority(), 5));
const made = world(home);
for (let from = first; from < last; from += BATCH) {
  const input: string[] = [];
  const expected: { readonly answer: string; readonly what: string }[] = [];
  for (let number = from; number < Math.min(from + BATCH, last); number++) {
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
      if (decide({ rules: everywhere }, { path: real, access: asked }).verdict !== decision.verdict) counts.unguarded++;
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
parentPort?.postMessage(counts);
