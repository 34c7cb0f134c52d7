/** What lies off the floor can be executed, in its place or from a copy, and its interpreter too; nobody else waits for that. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { users } from '../../helpers/users.ts';
import { offFloor, program } from '../off-floor.ts';
import { fixture, makeWorld, type RuleText, Session, worker } from '../session.ts';

for (const user of users) {
  const { planned, run, start } = offFloor(user);

  describe(`executing off the floor, as ${user.name}`, () => {
    test('a program and a script made in a directory off the floor are executed, under their own names', async () => {
      const world = makeWorld(user);
      const done = await run(
        world,
        `cp /usr/bin/readlink r; ./r /proc/self/exe; printf '#!/bin/sh\\necho "$0 $*"\\n' > s; chmod 751 s; touch -d @1000000 s; ./s a 'b  c'
cp /bin/sh mysh; printf '#!%s/mysh -e\\n./r /proc/$$/exe; false; echo never\\n' "$PWD" > t; chmod +x t; ./t; echo "status $?"`,
      );
      assert.equal(
        done.stdout,
        `${world.work}/r\n./s a b  c\n${world.work}/mysh\nstatus 1\n`,
        `${done.stderr} ${JSON.stringify(done.session.events.map((e) => e.type))}`,
      );
      const script = statSync(join(world.work, 's'));
      assert.deepEqual([script.mode & 0o7777, script.mtimeMs, script.uid, script.nlink], [0o751, 1e9, user.uid, 1]);
      assert.equal(spawnSync('cmp', ['/usr/bin/readlink', join(world.work, 'r')]).status, 0);
    });
    for (const [kind, access] of [
      ['may only be read', 'read'],
      ['may be written', 'readwrite'],
    ] as const) {
      test(`a large program that ${kind} is copied while others are served`, async () => {
        const world = makeWorld(user);
        const big = program(world, access === 'read' ? 'tools/big' : 'work/big');
        appendFileSync(big, Buffer.alloc(200 << 20, 1));
        const other = world.write('work/other', 'other');
        const tools: RuleText = { verdict: 'allow', access, path: dirname(big) };
        const script = `${big} / & read line; cat ${other}; echo; read line; ${big} /; echo $?; wait`;
        const session = new Session(user, planned(world, { rules: [tools] }), ['sh', '-c', script]);
        const { supervisorPid, childPid } = await session.event('ready');
        // Whichever process copies has it open; stopped, it copies no further.
        const copier = await worker(supervisorPid, childPid, big);
        process.kill(copier, 'SIGSTOP');
        session.tell('go');
        await session.until('an open of another process', () => (session.output === 'other\n' ? true : undefined));
        process.kill(copier, 'SIGCONT');
        session.tell('go');
        const { stdout } = await session.ended;
        assert.equal(stdout, 'other\n1\n');
      });
    }
    test('copies take no more than a gigabyte together, and no room for what their originals have none for', async () => {
      const world = makeWorld(user);
      const sizes = [250, 250, 250, 250, 250, 300];
      const names = sizes.map((size, i) => {
        const path = program(world, `tools/p${i}`);
        truncateSync(path, size << 20);
        return path;
      });
      const tools: RuleText = { verdict: 'allow', access: 'read', path: dirname(names[0] ?? '') };
      const script = `for p in ${names.join(' ')}; do $p /proc/self/exe; done; echo end; read line`;
      const session = new Session(user, planned(world, { rules: [tools] }), ['sh', '-c', script]);
      const state = join(world.base, 'state', 'birth');
      const output = await session.until('the last', () =>
        session.output.endsWith('end\n') ? session.output : undefined,
      );
      assert.deepEqual(
        output.split('\n').map((line) => line.replace(/.*\//, '')),
        ['p0', 'p1', 'p2', 'p3', 'p4', 'end', ''],
        'the sixth is too large',
      );
      const copies = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) => /\/p\d$/.test(name));
      assert.deepEqual(copies.map((name) => basename(name)).sort(), ['p1', 'p2', 'p3', 'p4']);
      for (const name of copies) {
        const copy = statSync(join(state, name));
        assert.equal(copy.size, 250 << 20);
        assert.ok(copy.blocks * 512 < 4 << 20, `${copy.blocks} blocks`);
      }
      session.tell('go');
      await session.ended;
    });
    test('a thread that its tracer keeps as a zombie stops nobody but its own process', async () => {
      const world = makeWorld(user);
      const big = program(world, 'tools/big');
      appendFileSync(big, Buffer.alloc(200 << 20, 1));
      const page = Buffer.alloc(30 * 4096, 'x');
      page[page.length - 1] = 0;
      const slow = world.write('work/slow', '');
      for (let i = 0; i < 15; i++) appendFileSync(slow, page);
      const other = world.write('work/other', 'other');
      const tools: RuleText = { verdict: 'allow', access: 'read', path: join(world.base, 'tools') };
      const session = new Session(user, planned(world, { rules: [tools] }), [fixture('exec-traced'), big, slow, other]);
      await session.until('an open of another process', () => (session.output === 'served\n' ? true : undefined));
      const { code } = await session.ended;
      assert.equal(code, 0);
    });
    test('a script on the floor finds its interpreter off it', async () => {
      const world = makeWorld(user);
      const script = world.write('floor/script', `#!${world.work}/mysh -e\necho "ran $1"; false; echo never\n`, 0o755);
      const floor = [join(world.base, 'floor')];
      const swapped = await run(world, `cp /bin/sh mysh; ${script} swapped`, { floor });
      assert.equal(swapped.stdout, 'ran swapped\n', swapped.stderr);
      const other = makeWorld(user);
      const second = other.write('floor/script', `#!${other.work}/mysh -e\necho "ran $1"; false; echo never\n`, 0o755);
      const copied = await run(
        other,
        `cp /bin/sh mysh; ${second} copied`,
        { floor: [join(other.base, 'floor')] },
        false,
      );
      assert.equal(copied.stdout, 'ran copied\n', copied.stderr);
    });
    test('without a pool, and with several names, they run from a copy', async () => {
      const world = makeWorld(user);
      const done = await run(
        world,
        `cp /usr/bin/readlink r; ./r /proc/self/exe; printf '#!/bin/sh -u\\necho "$0 $*"\\n' > s; chmod +x s; ./s a 'b  c'; printf '#!%s/s x y\\n' "$PWD" > t; chmod +x t; ./t z`,
        {},
        false,
      );
      const [exe = '', ...rest] = done.stdout.split('\n');
      assert.match(exe, /\/state\/birth\/s-[0-9a-f]{16}\/x\/\d+\/r$/, done.stderr);
      assert.deepEqual(rest, ['./s a b  c', `${world.work}/s x y ./t z`, ''], done.stderr);
      const linked = makeWorld(user);
      const session = start(
        linked,
        `cp /usr/bin/readlink one; ln one two; for n in two one two one; do ./$n /proc/self/exe; done
for i in $(seq 80); do touch -d @$i one; ./one /proc/self/cwd; done; echo up; read go`,
      );
      await session.until('up', () => (session.output.includes('up\n') ? true : undefined));
      const place = join(linked.base, 'state/birth');
      const [name = ''] = readdirSync(place);
      // The oldest made room.
      assert.equal(readdirSync(join(place, name, 'x')).length, 64);
      session.guardian.stdin?.write('\n');
      const said = (await session.finish()).stdout.split('\n');
      assert.deepEqual(
        said.slice(0, 4).map((line) => line.split('/').at(-1)),
        ['two', 'one', 'two', 'one'],
      );
      assert.deepEqual(said.slice(4), [...Array<string>(80).fill(linked.work), 'up', '']);
      assert.equal(statSync(join(linked.work, 'one')).ino, statSync(join(linked.work, 'two')).ino);
    });
    test('what is open for writing is busy', async () => {
      const world = makeWorld(user);
      const done = await run(world, 'cp /bin/echo e; exec 3>>e; ./e no; exec 3>&-; ./e yes');
      assert.equal(done.stdout, 'yes\n');
      assert.match(done.stderr, /[Tt]ext file busy/);
    });
  });
}
