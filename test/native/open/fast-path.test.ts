/** The fast path: the same answers as without it, no stop at the supervisor on the floor, and nothing gained by whoever forges its mark. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import { fixture } from '../../helpers/compile.ts';
import { installed } from '../../helpers/installed.ts';
import { rootSkip, type TestUser, users } from '../../helpers/users.ts';
import {
  AT_FDCWD,
  actor,
  fastPathLibrary,
  inMemory,
  launcher,
  makeWorld,
  O,
  type PlanText,
  plan,
  Session,
  text,
  type World,
} from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

interface Kind {
  readonly name: string;
  readonly program?: string;
  readonly skip?: string;
  /** Whether the library gets into it. */
  readonly preloaded: boolean;
}

function kinds(): Kind[] {
  const build = (as: string, compiler: string, flags: string[]): string =>
    fixture('libc-calls', { as, compiler, flags });
  return [
    { name: 'glibc', program: build('calls-glibc', 'cc', ['-O2']), preloaded: true },
    {
      name: 'glibc, fortified',
      program: build('calls-fortified', 'cc', ['-O2', '-D_FORTIFY_SOURCE=2']),
      preloaded: true,
    },
    installed('musl-gcc')
      ? { name: 'musl', program: build('calls-musl', 'musl-gcc', []), preloaded: true }
      : { name: 'musl', skip: 'no musl-gcc', preloaded: true },
    { name: 'static', program: build('calls-static', 'cc', ['-static']), preloaded: false },
  ];
}

const programs = kinds();

function freshDirectory(user: TestUser, world: World, below: string, name: string): string {
  const dir = join(world.base, below, name);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  chmodSync(dir, 0o755);
  if (user.uid !== process.getuid?.()) chownSync(dir, user.uid, user.uid);
  return dir;
}

/** What the program answers without any sandbox. */
function bare(user: TestUser, program: string, what: string, dir: string): string {
  const [command = '', ...args] = [...user.prefix, program, what, dir];
  const { stdout, status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    input: 'go\n',
    env: { PATH: '/usr/bin:/bin' },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

for (const user of users) {
  describe(user.name, () => {
    // Where making files is cheap: a disk can look for each inode among all that were freed just before.
    const world = makeWorld(user, inMemory());
    const brokered = world.write('brokered/keep', '');
    const floor = (more: PlanText = {}): PlanText => ({
      floor: [world.work],
      // mkstemp and tmpfile are at home here too.
      rules: [
        { verdict: 'allow', path: join(brokered, '..') },
        { verdict: 'allow', path: '/tmp', kind: 'exact' },
      ],
      fastPath: true,
      capabilities: 0x1ffn,
      ...more,
    });
    const inside = async (program: string, what: string, dir: string, more: PlanText = {}): Promise<string> => {
      const s = new Session(user, plan(floor(more)), [program, what, dir]);
      const { stdout, stderr, code } = await s.ended;
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      return stdout;
    };
    const withoutTemporary = (answers: string): string => answers.replace(/^tmpfile \d$/m, '');

    for (const { name, program = '', skip } of programs) {
      test(`${name}: every call answers as without a sandbox, on the floor and brokered`, { skip }, async () => {
        const expected = bare(user, program, 'matrix', freshDirectory(user, world, 'work', 'bare'));
        assert.ok(expected.split('\n').length > 150);
        const onFloor = await inside(program, 'matrix', freshDirectory(user, world, 'work', 'fast'));
        assert.equal(withoutTemporary(onFloor), withoutTemporary(expected));
        const served = await inside(program, 'matrix', freshDirectory(user, world, 'brokered', 'fast'));
        // Hard links off the floor are a matter of their own.
        const withoutLinks = (answers: string): string => withoutTemporary(answers).replace(/^link.*\n/gm, '');
        assert.equal(withoutLinks(served), withoutLinks(expected));
        const trapped = await inside(program, 'matrix', freshDirectory(user, world, 'work', 'trapped'), {
          fastPath: false,
        });
        assert.equal(withoutTemporary(trapped), withoutTemporary(expected));
      });

      test(`${name}: fork, vfork and threads`, { skip }, async () => {
        for (const place of ['work', 'brokered']) {
          const dir = freshDirectory(user, world, place, 'children');
          assert.equal(await inside(program, 'children', dir), 'fork 0\nvfork 0 errno untouched\n');
          assert.equal(existsSync(join(dir, 'from-vfork')), true);
          assert.equal(await inside(program, 'threads', freshDirectory(user, world, place, 'threads')), 'wrong 0\n');
        }
      });

      test(`${name}: a thread that waits in an open is cancelled`, { skip }, async () => {
        const dir = freshDirectory(user, world, 'work', 'cancel');
        assert.equal(await inside(program, 'cancel', dir), 'open cancelled\nopenat cancelled\nfopen cancelled\n');
      });

      test(`${name}: signals interrupt an open or let it go on`, { skip }, async () => {
        const dir = freshDirectory(user, world, 'work', 'signals');
        const expected = bare(user, program, 'signals', freshDirectory(user, world, 'work', 'signals-bare'));
        assert.match(expected, /Interrupted system call\nalarms 1\n.*= ok\nalarms 2\n$/);
        assert.equal(await inside(program, 'signals', dir), expected);
      });
    }

    for (const { name, program = '', skip, preloaded } of programs) {
      test(`${name}: on the floor ${preloaded ? 'nothing waits' : 'everything waits'} for the supervisor`, {
        skip,
      }, async () => {
        const expected = bare(user, program, 'stopped', freshDirectory(user, world, 'work', 'bare')).replace(
          'ready\n',
          '',
        );
        const s = new Session(user, plan(floor()), [
          program,
          'stopped',
          freshDirectory(user, world, 'work', 'stopped'),
        ]);
        const ready = await s.event('ready');
        assert.equal(ready.features & 8, 8);
        await s.until('ready', () => (s.output.includes('ready') ? true : undefined));
        process.kill(ready.supervisorPid, 'SIGSTOP');
        s.tell('go');
        try {
          if (preloaded) {
            await s.until('every answer', () =>
              s.output.length >= expected.length + 'ready\n'.length ? true : undefined,
            );
          } else {
            await new Promise((resolve) => setTimeout(resolve, 300));
            assert.equal(s.output, 'ready\n');
          }
        } finally {
          process.kill(ready.supervisorPid, 'SIGCONT');
        }
        await s.ended;
        assert.equal(s.output, `ready\n${expected}`);
      });
    }

    const [glibc] = programs;
    const calls = glibc?.program ?? '';

    test('a missing file is ENOENT at once; a denied one is reported once', async () => {
      const secret = world.write('outside/secret', 'SECRET');
      const denied = plan(floor({ rules: [{ verdict: 'deny', path: world.outside }] }));
      const s = new Session(user, denied, [calls, 'read', secret]);
      assert.equal((await s.ended).stdout, 'Permission denied\n');
      assert.deepEqual(
        s.all('denied').map((e) => [e.record.path, e.record.reason]),
        [[secret, 'denied-by-rule']],
      );
      const m = new Session(user, denied, [calls, 'read', join(world.outside, 'missing')]);
      assert.equal((await m.ended).stdout, 'No such file or directory\n');
      assert.deepEqual(m.all('denied'), []);
    });

    test('a call off the floor is held once, and succeeds when it is approved', async () => {
      const file = world.write('outside/asked', 'approved text');
      const s = new Session(user, plan(floor({ rules: [], mode: 'ask' })), [calls, 'read', file]);
      const held = await s.event('held');
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.equal((await s.ended).stdout, 'approved text\n');
      assert.equal(s.all('held').length, 1);
    });

    test('what policy allows beside the floor is served', async () => {
      const file = world.write('brokered/served', 'from the broker');
      assert.equal(await inside(calls, 'read', file), 'from the broker\n');
    });

    describe('a forged mark', () => {
      const forged = (more: PlanText = {}) =>
        actor(user, floor({ rules: [{ verdict: 'deny', path: world.outside }], ...more }));

      test('opens and creates nothing that is denied or not granted', async () => {
        const secret = world.write('outside/forged', 'SECRET');
        const s = forged();
        for (const flags of [O.O_RDONLY, O.O_RDWR, O.O_WRONLY | O.O_TRUNC, O.O_RDONLY | O.O_NONBLOCK])
          assert.equal((await s.sys('openat', AT_FDCWD, text(secret), flags, 0, 0, 'mark')).error, 'EACCES');
        assert.equal(
          (await s.sys('openat2', AT_FDCWD, text(secret), `how:${O.O_RDWR}:0:0`, 24, 0, 'mark')).error,
          'EACCES',
        );
        const made = join(world.outside, 'forged-made');
        const create = O.O_CREAT | O.O_WRONLY;
        assert.equal((await s.sys('openat', AT_FDCWD, text(made), create, 0o600, 0, 'mark')).error, 'EACCES');
        assert.equal(
          (await s.sys('openat', AT_FDCWD, text(world.outside), O.O_TMPFILE | O.O_RDWR, 0o600, 0, 'mark')).error,
          'EACCES',
        );
        await s.finish();
        assert.equal(readFileSync(secret, 'utf8'), 'SECRET');
        assert.equal(existsSync(made), false);
      });

      test('makes, moves, links and removes nothing there', async () => {
        const secret = world.write('outside/kept', 'SECRET');
        const own = world.write('work/own', 'mine');
        const moved = join(world.work, 'moved');
        const s = forged();
        const at = AT_FDCWD;
        assert.equal((await s.sys('mkdirat', at, text(join(world.outside, 'd')), 0o700, 0, 0, 'mark')).error, 'EACCES');
        assert.equal((await s.sys('unlinkat', at, text(secret), 0, 0, 0, 'mark')).error, 'EACCES');
        for (const [from, to] of [
          [secret, moved],
          [own, join(world.outside, 'in')],
          [own, secret],
        ] as const) {
          assert.match((await s.sys('renameat2', at, text(from), at, text(to), 0, 'mark')).error, /EACCES|EXDEV/);
          assert.match((await s.sys('linkat', at, text(from), at, text(to), 0, 'mark')).error, /EACCES|EXDEV|EEXIST/);
        }
        assert.equal((await s.sys('renameat2', at, text(own), at, text(secret), 2, 'mark')).error, 'EACCES');
        assert.equal(
          (await s.sys('symlinkat', text('x'), at, text(join(world.outside, 's')), 0, 0, 'mark')).error,
          'EACCES',
        );
        await s.finish();
        assert.equal(readFileSync(secret, 'utf8'), 'SECRET');
        assert.equal(readFileSync(own, 'utf8'), 'mine');
        for (const name of ['d', 'in', 's']) assert.equal(existsSync(join(world.outside, name)), false);
        assert.equal(existsSync(moved), false);
      });

      test('half of it is none: the call is trapped, and the denial reported', async () => {
        const secret = world.write('outside/half', 'SECRET');
        for (const half of ['mark-low', 'mark-high']) {
          const s = forged();
          assert.equal((await s.sys('openat', AT_FDCWD, text(secret), O.O_RDONLY, 0, 0, half)).error, 'EACCES');
          await s.finish();
          assert.deepEqual(
            s.all('denied').map((e) => e.record.path),
            [secret],
          );
        }
      });

      test('counts for nothing where the fast path is off', async () => {
        const file = world.write('outside/off', 'served');
        const s = actor(user, { rules: [{ verdict: 'allow', path: file }] });
        // Trapped, so the broker serves what the floor does not grant.
        assert.equal((await s.sys('openat', AT_FDCWD, text(file), O.O_RDONLY, 0, 0, 'mark')).error, '');
        await s.finish();
      });

      test('is no way around the broker for what Landlock does not decide', async () => {
        const fifo = join(world.work, 'node');
        const s = forged();
        assert.equal((await s.sys('mknodat', AT_FDCWD, text(fifo), 0o020600, 259, 0, 'mark')).error === '', false);
        assert.equal((await s.sys('open_by_handle_at', AT_FDCWD, text(fifo), 0, 0, 0, 'mark')).error, 'EPERM');
        await s.finish();
        assert.equal(existsSync(fifo), false);
      });

      test('wins no race: a link that is swapped under marked opens never leads to a denied file', async () => {
        const secret = world.write('outside/raced', 'SECRET');
        const own = world.write('work/raced', 'mine');
        const s = new Session(user, plan(floor({ rules: [{ verdict: 'deny', path: world.outside }] })), [
          fixture('actor'),
        ]);
        await s.ask('swap', own, secret, join(world.work, 'link'), 1000);
        const hunted = await s.ask('hunt', join(world.work, 'link'), 'SECRET', 1000);
        assert.ok(hunted.ret > 0);
        assert.equal(hunted.data, 'clean');
        await s.asyncAnswer();
        await s.finish();
      });
    });

    test('the library cannot be written, moved or replaced from inside', async () => {
      const before = readFileSync(fastPathLibrary());
      const s = actor(user, floor({ rules: [] }));
      for (const mark of [0, 'mark']) {
        const open = await s.sys('openat', AT_FDCWD, text(fastPathLibrary()), O.O_WRONLY, 0, 0, mark);
        assert.equal(open.error, 'EACCES');
        assert.equal((await s.sys('unlinkat', AT_FDCWD, text(fastPathLibrary()), 0, 0, 0, mark)).error, 'EACCES');
      }
      await s.finish();
      assert.deepEqual(readFileSync(fastPathLibrary()), before);
    });

    test('a program that narrowed itself is refused what only the broker could give', async () => {
      const file = world.write('brokered/narrowed', 'wide');
      const own = world.write('work/narrowed', 'own');
      const inner = join(world.work, 'inner-plan');
      const env = ['PATH=/usr/bin:/bin', `LD_PRELOAD=${fastPathLibrary()}`];
      const narrow = plan({ floor: [world.work], readFloor: [fastPathLibrary()], flags: 0, env });
      writeFileSync(inner, encodePlan(narrow), { mode: 0o644 });
      const under = `${launcher()} --plan ${inner} -- ${calls} read`;
      const script = `${calls} read ${file}; ${under} ${own}; ${under} ${file}; ${under} ${file}`;
      const s = new Session(user, plan(floor({ readFloor: [dirname(launcher())] })), ['/bin/sh', '-c', script]);
      const { stdout, stderr } = await s.ended;
      assert.deepEqual([stdout, stderr], ['wide\nown\nPermission denied\nPermission denied\n', '']);
      assert.deepEqual(
        s.all('denied').map((e) => [e.record.reason, e.record.path]),
        [
          ['cannot-perform', file],
          ['cannot-perform', file],
        ],
      );
    });

    test('LD_PRELOAD: what the user preloads stays in front, and what it interposes is called', async () => {
      const interposer = fixture('interposer', { as: 'libinterposer.so', flags: ['-shared', '-fPIC'] });
      const file = world.write('work/interposed', 'text');
      const env = ['PATH=/usr/bin:/bin', `LD_PRELOAD=${interposer}`];
      const s = new Session(user, plan(floor({ env })), ['/bin/sh', '-c', `echo $LD_PRELOAD; ${calls} read ${file}`]);
      const { stdout } = await s.ended;
      assert.match(stdout, new RegExp(`^${interposer}:[^:]*/libasan\\.so/\\.\\./nono-fast-path\\.so$`, 'm'));
      assert.match(stdout, /text\ninterposed 1\n/);
    });

    test('LD_PRELOAD: a library behind this one that interposes open keeps being called', async () => {
      const interposer = fixture('interposer', { as: 'libinterposer.so', flags: ['-shared', '-fPIC'] });
      const file = world.write('work/interposed', 'text');
      const s = new Session(user, plan(floor()), [
        '/bin/sh',
        '-c',
        `LD_PRELOAD="$LD_PRELOAD:${interposer}" ${calls} read ${file}`,
      ]);
      assert.equal((await s.ended).stdout, 'text\ninterposed 1\n');
    });

    test('a cleared environment is slower and nothing else', async () => {
      const file = world.write('work/cleared', 'text');
      const s = new Session(user, plan(floor()), ['/usr/bin/env', '-i', calls, 'read', file]);
      assert.equal((await s.ended).stdout, 'text\n');
    });

    const sanitizers: readonly [string, string, string[]][] = [
      ['gcc', 'address', []],
      ['gcc', 'address', ['-static-libasan']],
      ['gcc', 'thread', []],
      ['gcc', 'undefined', []],
      ['gcc', 'leak', []],
      ['clang', 'address', []],
      ['clang', 'thread', []],
      ['clang', 'memory', []],
    ];
    for (const [compiler, sanitizer, flags] of sanitizers) {
      const as = `sanitized-${compiler}-${sanitizer}${flags.length}`;
      let program = '';
      let skip: string | undefined;
      try {
        program = fixture('sanitized', { as, compiler, flags: [`-fsanitize=${sanitizer}`, ...flags] });
      } catch {
        skip = `${compiler} has no -fsanitize=${sanitizer}`;
      }
      test(`${compiler} -fsanitize=${sanitizer} ${flags.join(' ')}: the program runs, its runtime complains of nothing`, {
        skip,
      }, async () => {
        // Leak detection needs ptrace, which is scoped in every session.
        const env = ['PATH=/usr/bin:/bin', 'ASAN_OPTIONS=detect_leaks=0', 'LSAN_OPTIONS=detect_leaks=0'];
        const s = new Session(user, plan(floor({ env })), [program, world.work]);
        const { stdout, stderr, code } = await s.ended;
        assert.deepEqual([stdout, stderr, code], ['all 1\n', '', 0]);
      });
    }

    test('installed where only root can go, it still gets into what root starts as another user', {
      skip: user.uid === 0 ? undefined : 'for root',
    }, async () => {
      const closed = join(world.base, 'closed', 'nono-fast-path.so');
      mkdirSync(join(world.base, 'closed'), { mode: 0o700 });
      copyFileSync(fastPathLibrary(), closed);
      const file = world.write('work/other-user', 'text');
      const argv = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', calls, 'read', file];
      const { stdout, stderr } = await new Session(user, plan(floor({ fastPath: closed, readFloor: [closed] })), argv)
        .ended;
      assert.deepEqual([stdout, stderr], ['text\n', '']);
      // The directory itself is as closed to that user as before.
      const peek = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'cat', closed];
      assert.match((await new Session(user, plan(floor({ readFloor: [closed] })), peek).ended).stderr, /denied/);
    });

    test('dropped without a word: a library that is missing, unreadable on the floor, or cannot stand in LD_PRELOAD', async () => {
      const file = world.write('work/without', 'text');
      const spaced = world.write('work/a b.so', readFileSync(fastPathLibrary(), 'latin1'));
      for (const library of [join(world.work, 'none.so'), world.write('outside/off-floor.so', 'x'), spaced]) {
        const s = new Session(user, plan(floor({ fastPath: library })), [
          '/bin/sh',
          '-c',
          `echo "<$LD_PRELOAD>"; ${calls} read ${file}`,
        ]);
        const { stdout, stderr } = await s.ended;
        assert.deepEqual([stdout, stderr], ['<>\ntext\n', '']);
        assert.equal((await s.event('ready')).features & 8, 0);
      }
    });
  });
}
