/** Where the place for temporary files is carved, Node lists it with its session's own directory in it, and the planner without one: the plans are the same. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { difference } from '../helpers/difference.ts';
import { CachedInstallation } from '../helpers/plan-cache.ts';
import { users } from '../helpers/users.ts';

for (const user of users)
  test(`as ${user.name}: a carved place for temporary files`, () => {
    const at = new CachedInstallation(user, { planner: true });
    const place = join(at.home, 'own-tmp');
    at.write('own-tmp/closed/file', 'x');
    at.write('own-tmp/open/file', 'x');
    // A pattern may match what cannot be listed, so that it is left out. Root lists it all the same.
    for (const path of [place, join(place, 'closed')]) chmodSync(path, path === place ? 0o777 : 0o311);
    const names = Array.from({ length: 24 }, (_, i) => ['--deny', join(place, `n${i}`)]).flat();
    const lines: readonly (readonly string[])[] = [
      ['--deny', join(place, 'open/file')],
      ['--deny', join(place, '**/.env')],
      // So many questions there that one listing answers them all, before the session's directory is made.
      names,
      [...names, '--private-tmp'],
    ];
    for (const flags of lines) {
      const line = ['run', '-s', '--allow-cwd', '--allow', place, ...flags, '--', 'true'];
      const [planner, node] = at.plannedTwice(line, { env: { TMPDIR: place } });
      assert.equal(difference(planner, node), '', flags.slice(0, 2).join(' '));
      // The last of them may have been too slow to be kept.
      at.untilHit(line, { env: { TMPDIR: place } });
      const [plan] = at.plans();
      assert.ok(
        plan?.floor.some(({ path }) => path === plan.tmpdir || path === place),
        `${flags.slice(0, 2)}: the session's own directory is on the floor`,
      );
    }
  });
