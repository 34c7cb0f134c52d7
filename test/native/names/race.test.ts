/** Threads that swap text, links, directories and descriptors under calls on names and metadata change nothing that they may not. Longer: NONO_RACE_MS. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { driver } from '../driver.ts';
import { fixture, makeWorld, plan, Session } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

const MILLISECONDS = process.env['NONO_RACE_MS'] ?? '1000';

for (const user of users) {
  for (const place of ['granted for reading', 'denied'] as const) {
    test(`${user.name}: a file ${place}, raced`, async () => {
      const world = makeWorld(user);
      const victim = world.write(place === 'denied' ? 'work/denied/victim' : 'read/victim', 'untouched', 0o640);
      const work = world.write('work/race/.keep', '');
      utimesSync(victim, 1000, 1000);
      const before = statSync(victim);
      const program = driver('drivers/race.c', [], ['-pthread']);
      chmodSync(dirname(program), 0o755);
      const session = new Session(
        user,
        plan({
          readFloor: [dirname(program), ...(place === 'denied' ? [] : [join(world.base, 'read')])],
          rules: [
            { verdict: 'allow', path: world.work },
            { verdict: 'allow', access: 'read', path: join(world.base, 'read') },
            { verdict: 'deny', path: join(world.work, 'denied') },
          ],
        }),
        [program, dirname(work), victim, MILLISECONDS],
      );
      const ended = await session.ended;
      assert.equal(ended.code, 0, ended.stderr);
      assert.ok(Number(ended.stdout) > 20, `only ${ended.stdout.trim()} calls went through`);
      assert.equal(existsSync(victim), true);
      const after = statSync(victim);
      assert.deepEqual(
        [after.ino, after.mode, after.uid, after.size, after.nlink, after.mtimeMs, after.ctimeMs],
        [before.ino, before.mode, before.uid, before.size, before.nlink, before.mtimeMs, before.ctimeMs],
      );
      assert.equal(readFileSync(victim, 'utf8'), 'untouched');
      const flags = spawnSync('lsattr', ['-d', victim], { encoding: 'utf8' });
      if (flags.status === 0) assert.doesNotMatch(flags.stdout.split(' ')[0] ?? '', /d/);
    });
  }
}

for (const user of users) {
  test(`${user.name}: a directory in the file’s place at the last moment carries nothing under a pattern`, async () => {
    const world = makeWorld(user);
    const free = dirname(world.write('free/x', 'file'));
    world.write('free/y/.git/hooks/planted', 'planted');
    world.write('work/.keep', '');
    world.own();
    const session = new Session(
      user,
      plan({
        floor: [free],
        rules: [
          { verdict: 'allow', path: world.work },
          { verdict: 'deny', access: 'write', kind: 'pattern', path: `${world.work}/**/.git/hooks` },
        ],
      }),
      [fixture('rename-race'), join(free, 'x'), join(free, 'y'), world.work, MILLISECONDS],
    );
    const ended = await session.ended;
    const [tried = 0] = ended.stdout.split(' ').map(Number);
    assert.ok(tried > 20, ended.stdout + ended.stderr);
    assert.equal(spawnSync('find', [world.work, '-name', 'hooks'], { encoding: 'utf8' }).stdout, '');
  });
}
