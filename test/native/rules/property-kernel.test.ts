/** The random profiles of property.test.ts put before the kernel: for a sample of them, programs in the sandbox get what `decide()` says. */
import assert from 'node:assert/strict';
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { describe, test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import { withMatches } from '../../../src/policy/decide/with-matches.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { fixture } from '../../helpers/compile.ts';
import { nono } from '../../helpers/run.ts';
import { rootSkip, users } from '../../helpers/users.ts';
import { random } from '../../policy/support.ts';
import { AT_FDCWD, O, text } from '../session.ts';
import { accesses, makeCase, POLICIES, pick, prepareHome, respell, SAMPLE, SEED } from './property-cases.ts';

test('the root half', { skip: rootSkip }, () => {});

// As in property.test.ts: what runs beside it goes first, and this only ends what hangs.
const timeout = 1_200_000;

for (const user of users) {
  describe(`the kernel, ${user.name}`, () => {
    test(`under every ${SAMPLE}th profile, programs get what decide() says`, { timeout }, () => {
      const made = prepareHome(user);
      let [opened, closed] = [0, 0];
      for (let number = 0; number < POLICIES; number += SAMPLE) {
        const { file, policy, questions } = makeCase(number, made);
        // What a matching link leads to is denied from the start on. Finding that takes a search: where answers differ, and for some.
        let searched: ResolvedPolicy | undefined;
        const fromTheStart = (): ResolvedPolicy => (searched ??= withMatches(policy, made.context.fs));
        const r = random(number);
        const more = Array.from({ length: 40 }, () => {
          const spelled = respell(r, pick(r, made.words));
          return { spelled, asked: pick(r, accesses) };
        });
        const asked = [...questions, ...more].flatMap(({ spelled, asked: how }) => {
          let real: string;
          try {
            real = realpathSync.native(spelled);
          } catch {
            return [];
          }
          return lstatSync(real).isDirectory() && how !== 'read' ? [] : [{ spelled, real, how }];
        });
        const flags = { read: O.O_RDONLY, write: O.O_WRONLY, readwrite: O.O_RDWR };
        const input = asked.map(({ spelled, how }) => `sys\topenat\t${AT_FDCWD}\t${text(spelled)}\t${flags[how]}\t0\n`);
        const done = nono(user, ['run', '-s', '-p', file, '--', fixture('actor')], {
          cwd: made.home,
          home: made.home,
          input: input.join(''),
        });
        const answers = done.stdout.trimEnd().split('\n');
        const profile = readFileSync(file, 'utf8');
        assert.equal(answers.length, asked.length, `${done.stderr} under ${profile}`);
        for (const [i, answer] of answers.entries()) {
          const { spelled, real, how } = asked[i] as (typeof asked)[number];
          const [ret = '', errno = ''] = answer.split(' ');
          const found = Number(ret) >= 0 ? 'allow' : errno === '13' ? 'deny' : `errno ${errno}`;
          const query = { path: real, access: how } as const;
          const differs = decide(policy, query).verdict !== found;
          const expected = decide(differs || number % (10 * SAMPLE) === 0 ? fromTheStart() : policy, query).verdict;
          assert.equal(
            found,
            expected,
            `seed ${SEED}, profile ${number}: ${how} ${spelled} (${real}) under ${profile}`,
          );
          if (found === 'allow') opened++;
          else closed++;
        }
      }
      assert.ok(opened > 100 && closed > 100, `${opened} opened, ${closed} closed`);
    });
  });
}
