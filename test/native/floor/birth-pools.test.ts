/** What is prepared for births before the start: out of reach, given out once, and left to the next session only as it was made. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { BirthRule } from '../../../src/sandbox/linux/plan-format.ts';
import { users } from '../../helpers/users.ts';
import { offFloor } from '../off-floor.ts';
import { alive, makeWorld, Session } from '../session.ts';

for (const user of users) {
  const { births, planned, run, start } = offFloor(user);

  describe(`birth pools, as ${user.name}`, () => {
    test('when none is left that is said, and all goes on', async () => {
      const world = makeWorld(user);
      const done = await run(
        world,
        'i=0; while [ $i -lt 70 ]; do mkdir d$i; cp /bin/true d$i/t; d$i/t || echo bad $i; cp /bin/true t$i; ./t$i || echo bad t$i; i=$((i+1)); done; ls -d d* | wc -l',
      );
      assert.equal(done.stdout, '70\n', done.stderr);
      const notices = done.session.all('notice').map((e) => e.text);
      assert.equal(notices.filter((text) => /prepared directory/.test(text)).length, 1, notices.join());
      assert.equal(notices.filter((text) => /prepared file/.test(text)).length, 1, notices.join());
    });
    test('what was not born serves the next session, unless it was touched', async () => {
      const world = makeWorld(user);
      const place = join(world.base, 'state', 'birth');
      await run(world, 'mkdir one; cp /bin/true a; ./a');
      const [parked = ''] = readdirSync(place);
      // The number alone may be used again at once.
      const identity = (path: string): string => {
        const { ino, birthtimeNs } = lstatSync(path, { bigint: true });
        return `${ino} ${birthtimeNs}`;
      };
      const inodes = (): Map<string, string> =>
        new Map(readdirSync(join(place, parked)).map((n) => [n, identity(join(place, parked, n))]));
      const before = inodes();
      // One of each was born.
      assert.deepEqual([before.has('d0-0'), before.has('f0-0')], [false, false]);
      assert.deepEqual(readdirSync(join(place, parked, 'x')), []);
      const asUser = (script: string): unknown =>
        spawnSync(
          user.prefix[0] ?? 'sh',
          [...user.prefix.slice(1), ...(user.prefix.length > 0 ? ['sh'] : []), '-c', script],
          { cwd: join(place, parked) },
        );
      asUser(
        'mkdir d0-1/planted; chmod 755 d0-2; rmdir d0-3; ln -s /etc d0-3; echo x >f0-1; ln f0-2 two; chmod 700 f0-3; rm f0-30; mkdir f0-30; echo y >f0-30/y; mkdir x/0; cp /bin/true x/0/a',
      );
      const done = await run(world, 'mkdir two three; echo done');
      assert.equal(done.stdout, 'done\n', done.stderr);
      assert.deepEqual(readdirSync(place), [parked]);
      const after = inodes();
      const changed = [...before]
        .filter(([name, was]) => name !== 'f0-30' && after.has(name) && after.get(name) !== was)
        .map(([name]) => name);
      // d0-0 and d0-1 were born this time, as what they were made anew.
      assert.deepEqual(changed.toSorted(), ['d0-2', 'd0-3', 'f0-1', 'f0-2', 'f0-3', 'x']);
      assert.deepEqual(readdirSync(join(place, parked, 'x')), []);
      assert.equal(lstatSync(join(place, parked, 'f0-30')).isFile(), true);
      for (const name of ['two', 'three']) assert.deepEqual(readdirSync(join(world.work, name)), []);
      assert.equal(lstatSync(join(world.work, 'two')).mode & 0o777, 0o755);
    });
    for (const age of ['new', 'old'])
      test(`a session that learns where the ${age} pool is leaves nothing in it for the next one, nor makes it useless`, async () => {
        const world = makeWorld(user);
        const place = join(world.base, 'state', 'birth');
        if (age === 'old') {
          await run(world, 'true');
          // What has not changed for some seconds is known by its time.
          const made = lstatSync(join(place, readdirSync(place)[0] ?? '', 'd0-40')).ctimeMs;
          while (Date.now() < made + 5000) await new Promise((resolve) => setTimeout(resolve, 100));
        }
        // The file that was replaced lies in the pool for a moment, and whoever has it open can ask for its path.
        const first = await run(
          world,
          `cp /usr/bin/readlink r; exec 3<r; p=$(./r /proc/self/fd/3); p=\${p%/*}; echo "$p"
echo secret >"$p/d0-40/message"; (cd "$p/d0-41" && for i in $(seq 150); do mkdir d && cd d || exit; done; echo deep); echo end`,
        );
        assert.match(first.stdout, /^\/.*\/state\/birth\/s-[0-9a-f]{16}\n(?:.*\n)*end\n$/, first.stderr);
        const secret = spawnSync('grep', ['-rl', 'secret', place], { encoding: 'utf8' });
        assert.equal(secret.stdout, '');
        const guessed = first.stdout.split('\n')[0] ?? '';
        const second = await run(
          world,
          `cat ${guessed}/d0-40/message; mkdir new; cp /usr/bin/readlink new/r; new/r /proc/self/exe`,
        );
        assert.equal(second.stdout, `${world.work}/new/r\n`, second.stderr);
        assert.deepEqual(
          second.session.all('notice').map((e) => e.text),
          [],
        );
      });
    test('the directory for copies is left to the next session empty, as it was made, and not otherwise', async () => {
      const world = makeWorld(user);
      const place = join(world.base, 'state', 'birth');
      const annex = (): string => join(place, readdirSync(place)[0] ?? '', 'x');
      // A file with two names is executed from a copy.
      const first = await run(world, 'cp /usr/bin/readlink one; ln one two; ./one /proc/self/cwd; rm one two');
      assert.equal(first.stdout, `${world.work}\n`, first.stderr);
      assert.equal(existsSync(annex()), false);
      await run(world, 'true');
      const made = (): bigint => lstatSync(annex(), { bigint: true }).birthtimeNs;
      const before = made();
      await run(world, 'true');
      assert.equal(made(), before);
      // Found open to others: made anew.
      chmodSync(annex(), 0o777);
      await run(world, 'true');
      assert.notEqual(made(), before);
      assert.equal(lstatSync(annex()).mode & 0o777, 0o700);
      assert.deepEqual(readdirSync(annex()), []);
    });
    test('where hardly anything is made, a few directories and files are prepared', async () => {
      const world = makeWorld(user);
      const place = join(world.base, 'state', 'birth');
      const few = births(world).map((birth): BirthRule => ({ ...birth, few: true }));
      const session = new Session(user, { ...planned(world), births: few }, [
        'sh',
        '-c',
        'mkdir $(seq 9); for i in $(seq 9); do cp /usr/bin/readlink $i/r; done; echo up; read go',
      ]);
      await session.until('up', () => (session.output.includes('up\n') ? true : undefined));
      const [name = ''] = readdirSync(place);
      const left = readdirSync(join(place, name)).filter((n) => /^[df]/.test(n));
      assert.deepEqual(left.toSorted(), ['f0-0', 'f0-1', 'f0-2', 'f0-3']);
      assert.match(
        session
          .all('notice')
          .map((e) => e.text)
          .join(),
        /^no prepared directory is left/,
      );
      session.guardian.stdin?.write('\n');
      assert.equal((await session.finish()).code, 0);
      // One record that wants more gives all of them to all.
      const more = start(world, 'echo up; read go');
      await more.event('ready');
      assert.equal(readdirSync(join(place, readdirSync(place)[0] ?? '')).filter((n) => /^[df]/.test(n)).length, 96);
      more.guardian.stdin?.write('\n');
      await more.finish();
    });
    test('sessions at the same time each have their own', async () => {
      const world = makeWorld(user);
      const place = join(world.base, 'state', 'birth');
      await run(world, 'true');
      const both = ['a', 'b'].map((name) => start(world, `echo up; read go; mkdir ${name}; echo made`));
      for (const session of both) await session.event('ready');
      assert.equal(readdirSync(place).length, 2);
      for (const session of both) session.guardian.stdin?.write('\n');
      for (const session of both) assert.equal((await session.finish()).stdout, 'up\nmade\n');
      assert.equal(readdirSync(place).filter((name) => name.startsWith('p-')).length, 2);
    });
    test('the pool is out of reach, and nothing of it is in use afterwards, even after kill -9', async () => {
      const world = makeWorld(user);
      const place = join(world.base, 'state', 'birth');
      const done = await run(world, `ls ${place}; echo x > ${place}/x; mkdir ${place}/d`);
      assert.equal(done.stdout, '');
      const [parked = '', ...others] = readdirSync(place);
      assert.match(parked, /^p-[0-9a-f]{16}$/);
      assert.deepEqual(others, []);
      assert.deepEqual(readdirSync(join(place, parked, 'x')), []);
      const session = start(world, 'echo up; exec sleep 60');
      const ready = await session.event('ready');
      const [name = ''] = readdirSync(place);
      assert.equal(lstatSync(join(place, name)).mode & 0o777, 0o700);
      // What a program inside could have put into an unborn directory, had it learnt its name.
      mkdirSync(join(place, name, 'd0-0/deep/er'), { recursive: true });
      writeFileSync(join(place, name, 'd0-0/file'), '');
      if (user.uid !== process.getuid?.()) spawnSync('chown', ['-R', String(user.uid), join(place, name)]);
      process.kill(ready.guardianPid, 'SIGKILL');
      process.kill(ready.supervisorPid, 'SIGKILL');
      await session.ended;
      await session.until('the end', () => (alive(ready.supervisorPid) ? undefined : true)).catch(() => undefined);
      assert.deepEqual(readdirSync(place), [name]);
      await run(world, 'true');
      const [next = '', ...more] = readdirSync(place);
      assert.deepEqual([next.slice(0, 2), next.slice(2) === name.slice(2), more], ['p-', false, []]);
    });
    test('a planted directory is not given out', async () => {
      const world = makeWorld(user);
      const place = join(world.base, 'state', 'birth');
      const session = start(world, 'echo up; read go; mkdir new; ls new');
      await session.event('ready');
      const [name = ''] = readdirSync(place);
      writeFileSync(join(place, name, 'd0-0/planted'), '');
      session.guardian.stdin?.write('\n');
      const done = await session.finish();
      assert.equal(done.stdout, 'up\n', done.stderr);
      assert.equal(existsSync(join(world.work, 'new')), true);
    });
  });
}
