/** Random profiles and command lines: what the planner makes of them is what Node makes of them, byte for byte. A few here; `npm run test:plans` asks 400. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { difference } from '../helpers/difference.ts';
import { CachedInstallation } from '../helpers/plan-cache.ts';
import { type TestUser, users } from '../helpers/users.ts';
import { pick, plantTree, profileText, type Random, SEED, world } from '../native/rules/property-cases.ts';
import { random } from '../policy/support.ts';

const PLANS = Number(process.env['NONO_TEST_PLANS'] ?? 5);
const user = users.at(-1) as TestUser;

/** Flags, some of them with a place in the tree. */
function flags(r: Random, places: readonly string[]): string[] {
  const choices: readonly (() => string[])[] = [
    () => ['--allow', pick(r, places)],
    () => ['-r', pick(r, places)],
    () => ['--allow-file', pick(r, places)],
    () => ['--deny', pick(r, places)],
    () => ['--deny', pick(r, ['**/.env', 't/**/{a,ab}/f', '~/t/[!as]*/**', 't/**/caf\u00e9*'])],
    () => ['--block-net'],
    () => ['--allow-connect', pick(r, ['127.0.0.1:1-9', '[::1]:443', '10.0.0.0/8:22'])],
    () => ['--memory', pick(r, ['1G', '512M'])],
    () => ['--env', pick(r, ['LANG', 'X*'])],
    () => [pick(r, ['-v', '--private-tmp', '--no-fast-path'])],
  ];
  return Array.from({ length: r(4) }, () => pick(r, choices)()).flat();
}

test(`${PLANS} random plans are the same in both engines`, () => {
  const at = new CachedInstallation(user, { planner: true });
  plantTree(at.home);
  // Not /tmp, where others make files meanwhile, which would be in one listing and not in the next; carved by each pattern that reaches it, since something in it cannot be listed.
  const TMPDIR = join(at.home, 'own-tmp');
  mkdirSync(join(TMPDIR, 'closed'), { recursive: true });
  chmodSync(join(TMPDIR, 'closed'), 0o311);
  spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, at.home]);
  const made = world(at.home);
  let compared = 0;
  for (let number = 0; number < PLANS; number++) {
    const r = random(SEED * 7919 + number);
    const profile = JSON.parse(profileText(r, made, false)) as Record<string, unknown>;
    const name = `p${number}`;
    at.write(`profiles/${name}.json`, JSON.stringify({ extends: 'default', meta: { name }, ...profile }));
    const kind = r(3) === 0 ? 'wrap' : 'run';
    // Silent: or files of denied places would be looked through for other names.
    const places = ['-s', '--allow-cwd', '--deny', '/tmp', '--deny', '/var/tmp', '--allow', TMPDIR];
    const args = [kind, '-p', `profiles/${name}.json`, ...places, ...flags(r, made.words), '--', 'true'];
    const both = at.plannedTwiceIfAtAll(args, { cwd: at.home, env: { LANG: 'C', X1: 'y', TMPDIR } });
    if (both === undefined) continue;
    compared++;
    const what = `seed ${SEED}, ${number}: ${args.join(' ')}: ${JSON.stringify(profile)}`;
    assert.equal(difference(...both), '', what);
  }
  // Others are errors, or rest on what the launcher cannot ask again.
  assert.ok(compared * 4 >= PLANS, `${compared} of ${PLANS} were made by the planner`);
});
