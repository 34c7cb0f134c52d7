/** What is made in a directory off the floor is born on it, or executed from a copy: and nothing else becomes executable, readable or lasting by that. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { FLOOR_READ_TREE, FLOOR_WRITE_TREE, floorRight } from '../../src/sandbox/linux/constants.ts';
import type { BirthRule, Plan } from '../../src/sandbox/linux/plan-format.ts';
import { users } from '../helpers/users.ts';
import {
  alive,
  type Ended,
  fixture,
  makeWorld,
  type PlanText,
  plan,
  type RuleText,
  Session,
  type World,
  worker,
} from './session.ts';

const cannot = (program: string): string | undefined =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0 ? undefined : `no ${program}`;

for (const user of users) {
  const births = (world: World, pool = true): BirthRule[] => {
    const place = join(world.base, 'state', 'birth');
    const annex: BirthRule = { kind: 'annex', rights: FLOOR_READ_TREE, place, tree: place };
    const rights = FLOOR_READ_TREE | FLOOR_WRITE_TREE;
    return pool ? [{ kind: 'pool', rights, place, tree: world.work }, annex] : [annex];
  };
  /** `work` may be read and written and is off the floor, as a carved directory is. */
  const planned = (world: World, text: PlanText = {}, pool = true): Plan => ({
    ...plan({ ...text, rules: [{ verdict: 'allow', path: world.work }, ...(text.rules ?? [])], cwd: world.work }),
    births: births(world, pool),
  });
  const start = (world: World, script: string, text: PlanText = {}, pool = true): Session =>
    new Session(user, planned(world, text, pool), ['sh', '-c', script]);
  const run = async (
    world: World,
    script: string,
    text: PlanText = {},
    pool = true,
  ): Promise<Ended & { session: Session }> => {
    const session = start(world, script, text, pool);
    return { ...(await session.finish()), session };
  };
  const program = (world: World, name: string, from = '/usr/bin/readlink'): string => {
    const path = world.write(name, '');
    copyFileSync(from, path);
    chmodSync(path, 0o755);
    return path;
  };

  describe(`birth on the floor, as ${user.name}`, () => {
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
      await new Promise((resolve) => setTimeout(resolve, 100));
      session.guardian.stdin?.write('\n');
      const done = await session.finish();
      assert.match(done.stdout, /ran\nready\ngranted\nended/, done.stderr);
      assert.equal(existsSync(join(world.work, '.aws/credentials')), false);
      assert.equal(existsSync(join(world.outside, 'new/one')), true);
      assert.equal(existsSync(join(world.outside, 'new/two')), false);
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
    test('an inherited ACL is kept: such a directory is a plain one', { skip: cannot('setfacl') }, async () => {
      const world = makeWorld(user);
      spawnSync('setfacl', ['-d', '-m', 'u:12:rwx', world.work]);
      await run(world, 'mkdir new');
      assert.match(spawnSync('getfacl', ['-p', join(world.work, 'new')], { encoding: 'utf8' }).stdout, /user:12:rwx/);
    });
  });

  describe(`executing what may only be read, as ${user.name}`, () => {
    const readable = (world: World): PlanText => ({
      rules: [{ verdict: 'allow', access: 'read', path: world.outside }],
    });

    test('by every way of starting a program', { skip: cannot('python3') }, async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const script = world.write('outside/script', '#!/bin/sh\necho "$0 $1"\n', 0o755);
      const before = statSync(tool);
      world.write(
        'work/ways.py',
        `import os, subprocess, threading
t, s = ${JSON.stringify(tool)}, ${JSON.stringify(script)}
def run(*a, **k): print(subprocess.run(a, capture_output=True, text=True, **k).stdout.strip(), flush=True)
for i in range(3): run(t, 'vfork'); run(s, 'vfork')
run(t, 'fork', preexec_fn=lambda: None)
pid = os.posix_spawn(t, [t, 'spawn'], os.environ); os.waitpid(pid, 0)
ths = [threading.Thread(target=run, args=(t, 'thread')) for _ in range(8)]
[x.start() for x in ths]; [x.join() for x in ths]
fd = os.open(t, os.O_RDONLY)
pid = os.fork()
if pid == 0: os.execve(fd, [t, 'descriptor'], os.environ)
os.waitpid(pid, 0)
os.execv(s, [s, 'last'])
`,
      );
      const done = await run(world, 'python3 ways.py', { ...readable(world), readFloor: python() });
      const expected = [
        ...['vfork', `${script} vfork`, 'vfork', `${script} vfork`, 'vfork', `${script} vfork`, 'fork', 'spawn'],
        ...Array<string>(8).fill('thread'),
        'descriptor',
        `${script} last`,
      ];
      assert.deepEqual(done.stdout.trim().split('\n'), expected, done.stderr);
      const after = statSync(tool);
      assert.deepEqual([after.ino, after.mtimeMs, after.ctimeMs], [before.ino, before.mtimeMs, before.ctimeMs]);
    });
    test('from a static caller, and not a file that cannot be executed', { skip: cannot('cc') }, async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const plain = world.write('outside/plain', '#!/bin/sh\necho no\n', 0o644);
      const source = world.write(
        'outside/caller.c',
        'int execv(const char*,char*const*);int main(int c,char**v){return execv(v[1],v+1),7;}\n',
      );
      spawnSync('cc', ['-static', '-o', join(world.work, 'caller'), source]);
      const done = await run(
        world,
        `./caller ${tool} static; ./caller ${plain}; echo $?; ./caller /nonexistent; echo $?`,
        readable(world),
      );
      assert.equal(done.stdout, 'static\n7\n7\n', done.stderr);
    });
    test('the question whether a file may be executed executes nothing', { skip: cannot('python3') }, async (t) => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const script = world.write('outside/script', '#!/bin/sh\necho executed\n', 0o755);
      const plain = world.write('outside/plain', '#!/bin/sh\necho executed\n', 0o644);
      world.write(
        'work/asks.py',
        `import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
CHECK, EMPTY, nr = 0x10000, 0x1000, 322 if os.uname().machine == 'x86_64' else 281
def ask(fd, path, flags):
  argv = (ctypes.c_char_p * 3)(b'x', b'executed', None)
  got = libc.syscall(nr, fd, path.encode(), argv, (ctypes.c_char_p * 1)(None), flags)
  print('yes' if got == 0 else errno.errorcode[ctypes.get_errno()], flush=True)
for path in sys.argv[1:]:
  ask(-100, path, CHECK)
  ask(os.open(path, os.O_RDONLY), '', CHECK | EMPTY)
ask(-100, sys.argv[1], 4)
`,
      );
      const asked = async (settings: object) =>
        (await run(world, `python3 asks.py ${tool} ${script} ${plain}`, settings)).stdout.trim().split('\n');
      const bare = (await run(world, 'python3 asks.py /bin/echo', { readFloor: python() })).stdout.split('\n')[0];
      if (bare === 'EINVAL') return t.skip('this kernel does not know AT_EXECVE_CHECK');
      assert.deepEqual(await asked({ ...readable(world), readFloor: python() }), [
        ...Array<string>(4).fill('yes'),
        ...['EACCES', 'EACCES'],
        'EINVAL',
      ]);
    });
    test('a deny, or no grant, executes nothing and copies nothing', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const denied = program(world, 'outside/denied', '/bin/echo');
      linkSync(tool, join(world.base, 'state-not'));
      const done = await run(
        world,
        `${denied} LEAK; ln -s ${denied} way; ./way LEAK; ${world.base}/state-not LEAK; echo end`,
        {
          rules: [...(readable(world).rules ?? []), { verdict: 'deny', path: denied }],
        },
      );
      assert.equal(done.stdout, 'end\n');
      assert.deepEqual(
        done.session.all('denied').map((e) => [e.record.verb, e.record.reason]),
        [
          ['execve', 'denied-by-rule'],
          ['execve', 'denied-by-rule'],
          ['execve', 'not-granted'],
        ],
      );
    });
    test('is asked for, once and for the session, and refused on a no', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const session = start(world, `for w in one two three four; do ${tool} $w; done; echo end`, { mode: 'ask' });
      const held = (n: number) => session.event('held', n);
      session.send({ type: 'verdict', holdId: (await held(0)).holdId, allow: true });
      session.send({ type: 'verdict', holdId: (await held(1)).holdId, allow: false });
      const third = await held(2);
      assert.deepEqual([third.record.verb, third.record.path, third.record.access], ['execve', tool, 'read']);
      session.send({ type: 'add-rule', id: 901, verdict: 'allow', kind: 'tree', access: 'read', path: world.outside });
      const done = await session.finish();
      assert.equal(done.stdout, 'one\nthree\nfour\nend\n', done.stderr);
      assert.deepEqual(
        session.all('released').map((e) => e.outcome),
        ['allowed', 'denied', 'allowed'],
      );
    });
    test('another file under the name that was shown is not executed', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const session = start(world, `${tool} SHOWN; echo end`, { mode: 'ask' });
      const { holdId } = await session.event('held');
      spawnSync('mv', [tool, `${tool}.old`]);
      program(world, 'outside/tool', '/bin/echo');
      session.send({ type: 'verdict', holdId, allow: true });
      const done = await session.finish();
      assert.equal(done.stdout, 'end\n');
      assert.equal(session.all('released')[0]?.outcome, 'changed');
    });
    test('by several threads at once: one of them does it, and nothing waits for ever', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/true');
      const done = await run(world, `timeout 20 ${fixture('exec-threads')} ${tool} 40`, readable(world));
      assert.equal(done.stdout, '40\n', done.stderr);
    });
    test('while signals come, which are handled first', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/true');
      // A script's new arguments lie where the handler's frame comes to lie.
      const script = world.write(
        'outside/script',
        '#!/bin/sh\ncase $# in 0) ;; *) exit 1 ;; esac; case $0 in */script) ;; *) exit 1 ;; esac\n',
        0o755,
      );
      for (const path of [tool, script]) {
        const done = await run(world, `timeout 20 ${fixture('exec-signals')} ${path} 200`, readable(world));
        assert.equal(done.stdout, '200 interrupted\n', `${path}: ${done.stderr}`);
      }
    });
    test('under a debugger it cannot be done, and that is said', { skip: cannot('strace') }, async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const done = await run(world, `strace -f -o /dev/null ${tool} TRACED; echo end`, readable(world));
      assert.equal(done.stdout, 'end\n');
      assert.deepEqual(
        done.session
          .all('denied')
          .filter((e) => e.record.verb === 'execve')
          .map((e) => e.record.reason),
        ['cannot-perform'],
      );
    });
  });
}

/** Where the interpreter is installed, when that is not below /usr. */
function python(): string[] {
  const found = spawnSync('python3', ['-c', 'import sys; print(sys.base_prefix); print(sys.executable)'], {
    encoding: 'utf8',
  });
  return found.stdout
    .split('\n')
    .slice(0, 1)
    .filter((path) => path !== '' && !path.startsWith('/usr'));
}
