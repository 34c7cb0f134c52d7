/** What is made in a directory off the floor is born on it, and nothing else becomes reachable or lasting by that. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FLOOR_READ_TREE, floorRight } from '../../../src/sandbox/linux/constants.ts';
import type { BirthRule } from '../../../src/sandbox/linux/plan-format.ts';
import { users } from '../../helpers/users.ts';
import { cannot, offFloor } from '../off-floor.ts';
import { makeWorld, plan, Session } from '../session.ts';

for (const user of users) {
  const { run, start } = offFloor(user);

  describe(`birth on the floor, as ${user.name}`, () => {
    test('what came under a denied name outside is not carried onto the floor of a born directory', async () => {
      const world = makeWorld(user);
      const rights = FLOOR_READ_TREE | floorRight.writeFile;
      // As where a pattern reaches: names are not on the floor of what is born, its content is.
      const births: BirthRule[] = [
        { kind: 'pool', rights, place: join(world.base, 'state', 'birth'), tree: world.work },
      ];
      const rules = [
        { verdict: 'allow', path: world.work },
        { verdict: 'deny', access: 'all', kind: 'pattern', path: '/**/.env' },
      ] as const;
      const moves = [
        'mv a new/a',
        'mv a/deep new/deep',
        'exchange a new/b',
        // The born directory changes places first: rights go with the inode, not with the name.
        'mkdir other new/sub; exchange new other; mv a other/sub/a',
        'mkdir -p other/in new/sub; exchange new other/in; exchange other/in/sub a',
        'mkdir other new/sub; mv new other/new; mv a/deep other/new/sub/deep',
      ];
      for (const move of moves) {
        world.write('work/a/.env', 'DENIED');
        world.write('work/a/deep/.env', 'DENIED');
        world.write('work/a/deep/file', 'granted');
        // Unseen opens too: there the kernel's own view of the floor is what holds.
        const session = new Session(user, { ...plan({ rules, cwd: world.work, fastPath: true }), births }, [
          'sh',
          '-c',
          `exchange() { python3 -c 'import ctypes, sys; ctypes.CDLL(None).renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2)' "$1" "$2"; }
           mkdir -p new/b; ${move}; for f in $(find . -name .env); do cat $f; : > $f; done; find . -name .env | wc -l`,
        ]);
        const done = await session.finish();
        assert.doesNotMatch(done.stdout, /DENIED/, move);
        const kept = spawnSync('find', [world.work, '-name', '.env', '-size', '6c'], { encoding: 'utf8' }).stdout;
        assert.equal(kept.trim().split('\n').length, 2, `${move}: ${kept} ${done.stdout} ${done.stderr}`);
        rmSync(world.work, { recursive: true });
        mkdirSync(world.work);
        world.own();
      }
    });
    test('a new directory is on the floor with all that is in it, as mkdir would have made it', async () => {
      const world = makeWorld(user);
      chmodSync(world.work, 0o2755);
      const done = await run(
        world,
        `umask 027; mkdir made; cp /usr/bin/readlink made/r; made/r /proc/self/exe; mkdir -m 1777 sticky; mkdir made/in; mv made moved; moved/r /proc/self/exe; mkdir made && rmdir made && mkdir made && echo x > made/y`,
      );
      assert.equal(done.stdout, `${world.work}/made/r\n${world.work}/moved/r\n`, done.stderr);
      const moved = statSync(join(world.work, 'moved'));
      assert.deepEqual([moved.mode & 0o7777, moved.uid, moved.gid], [0o2750, user.uid, statSync(world.work).gid]);
      assert.equal(statSync(join(world.work, 'sticky')).mode & 0o7777, 0o3777);
      assert.equal(readFileSync(join(world.work, 'made/y'), 'utf8'), 'x\n');
    });
    test('nothing is born where a deny lies below, above or at it, nor where only the session allows it', async () => {
      const world = makeWorld(user);
      const session = start(
        world,
        `mkdir .aws; echo leak > .aws/credentials; mkdir .aws/cli; cp /bin/true .aws/cli/t; .aws/cli/t && echo ran; echo ready; read go; mkdir ${world.outside}/new && echo 1 > ${world.outside}/new/one; echo granted; read go; echo 2 > ${world.outside}/new/two; echo ended`,
        { rules: [{ verdict: 'deny', path: join(world.work, '.aws/credentials') }] },
      );
      await session.until('ready', () => (session.output.includes('ready') ? true : undefined));
      session.send({
        type: 'add-rule',
        id: 900,
        verdict: 'allow',
        kind: 'tree',
        access: 'readwrite',
        path: world.outside,
      });
      session.guardian.stdin?.write('\n');
      await session.until('granted', () => (session.output.includes('granted') ? true : undefined));
      session.send({ type: 'remove-rule', id: 900 });
      session.guardian.stdin?.write('\n');
      const done = await session.finish();
      assert.match(done.stdout, /ran\nready\ngranted\nended/, done.stderr);
      assert.equal(existsSync(join(world.work, '.aws/credentials')), false);
      assert.equal(existsSync(join(world.outside, 'new/one')), true);
      assert.equal(existsSync(join(world.outside, 'new/two')), false);
    });
    test('an inherited ACL is kept: such a directory is a plain one', { skip: cannot('setfacl') }, async () => {
      const world = makeWorld(user);
      spawnSync('setfacl', ['-d', '-m', 'u:12:rwx', world.work]);
      await run(world, 'mkdir new');
      assert.match(spawnSync('getfacl', ['-p', join(world.work, 'new')], { encoding: 'utf8' }).stdout, /user:12:rwx/);
    });
  });
}
