/**
 * The supervisor under load: nothing lost, nothing done twice, nothing granted by mistake, no errno that is the kernel's own, no growth.
 * NONO_TEST_LONG=N makes every storm N times as long.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import { type TestUser, users } from '../../helpers/users.ts';
import {
  AT_FDCWD,
  actor,
  children,
  fixture,
  makeWorld,
  type PlanText,
  plan,
  quickly,
  Session,
  text,
  type World,
} from '../session.ts';
import { stuck, urgently, withServer } from '../stuck.ts';

const LONG = Number(process.env['NONO_TEST_LONG'] ?? '1');
const isRoot = process.getuid?.() === 0;

function world(user: TestUser): World {
  const made = makeWorld(user, quickly());
  made.write('granted/file', 'granted');
  made.write('denied/file', 'DENIED!');
  return made;
}

const planned = (w: World, more: PlanText = {}) =>
  plan({ rules: [{ verdict: 'allow', path: join(w.base, 'granted') }], ...more });

/** Runs a storm to its end; the session's other callers are served meanwhile, or its result would not come. */
async function storm(user: TestUser, w: World, ...words: (string | number)[]): Promise<Session> {
  const [mode = '', ...rest] = words.map(String);
  const s = new Session(user, planned(w), [fixture('storm'), mode, w.base, ...rest]);
  const ended = await s.ended;
  assert.equal(ended.stdout, `${mode} 0 faults\n`, ended.stderr);
  assert.equal(ended.code, 0);
  assert.deepEqual(readdirSync(join(w.base, 'denied')), ['file']);
  assert.equal(readFileSync(join(w.base, 'denied/file'), 'utf8'), 'DENIED!');
  return s;
}

/** In KiB. VmRSS of proc_pid_status(5) is summed up from counters of each processor, and is off by some hundred KiB on a busy machine. */
const resident = (pid: number): number =>
  Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

for (const user of users) {
  describe(`storms, ${user.name}`, () => {
    for (const restart of [0, 1]) {
      test(`names under a storm of signals, ${restart ? 'restarting' : 'not restarting'}`, async () => {
        const w = world(user);
        await storm(user, w, 'names', 400 * LONG, restart);
        assert.deepEqual(readdirSync(join(w.base, 'granted')), ['file']);
      });
    }

    test('threads that race paths, flags and each other', async () => {
      const w = world(user);
      const s = await storm(user, w, 'threads', 40 * LONG, 64);
      assert.deepEqual(readdirSync(join(w.base, 'granted')), ['file']);
      // Denials are reported or counted, none is lost without a word.
      const dropped = s.all('dropped').reduce((sum, e) => sum + e.count, 0);
      assert.ok(s.all('denied').length + dropped >= 64 * 40 * LONG);
    });

    test('three thousand processes', async () => {
      const w = world(user);
      await storm(user, w, 'processes', 3000 * LONG);
      assert.deepEqual(readdirSync(join(w.base, 'granted')), ['file']);
    });

    test('callers killed at any moment', async () => {
      await storm(user, world(user), 'killed', 300 * LONG);
    });

    test('memory and descriptors of the supervisor do not grow', async () => {
      const w = world(user);
      const rounds = 60_000 * LONG;
      // What is used for the first time (a queue, because the host was late) takes memory once; what is lost with calls takes it in each flood.
      const floods = 3;
      const flood = (calls: number) => `${fixture('storm')} flood ${w.base} ${calls}; read go`;
      const script = [flood(2000), ...Array<string>(floods).fill(flood(rounds))].join('; ');
      const s = new Session(user, planned(w), ['/bin/sh', '-c', script]);
      const { supervisorPid } = await s.event('ready');
      const used = async (flooded: number, then = async (): Promise<unknown> => undefined) => {
        const said = 'flood 0 faults\n'.repeat(flooded);
        await s.until(`flood ${flooded}`, () => (s.output === said ? true : undefined), 300_000 * LONG);
        const now = { memory: resident(supervisorPid), open: descriptors(supervisorPid) };
        await then();
        s.guardian.stdin?.write('\n');
        return now;
      };
      const all = [await used(1)];
      while (all.length < floods) all.push(await used(all.length + 1));
      // The last caller has printed and is not gone yet: until then it is known by some descriptors, and there is nothing else that they could be.
      const most = (all[0]?.open ?? 0) + 3;
      const settled = (): true | undefined => (descriptors(supervisorPid) <= most ? true : undefined);
      all.push(await used(floods + 1, () => s.until(`at most ${most} descriptors`, settled, 10_000)));
      assert.equal((await s.ended).stdout, 'flood 0 faults\n'.repeat(floods + 1));
      const grown = all.slice(1).map(({ memory }, i) => memory - (all[i]?.memory ?? 0));
      assert.ok(Math.min(...grown) <= 64, `by ${grown.join(', ')} KiB, in ${rounds} calls each`);
    });
  });

  describe(`trouble, ${user.name}`, () => {
    test('a supervisor that was stopped and continued answers what waits', async () => {
      const w = world(user);
      const s = actor(user, { rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
      const { supervisorPid } = await s.event('ready');
      process.kill(supervisorPid, 'SIGSTOP');
      for (let i = 0; i < 8; i++)
        s.tell('async', 'openat', AT_FDCWD, text(join(w.base, i % 2 ? 'denied' : 'granted', 'file')), 0);
      // Long enough for the calls to be made; longer changes nothing.
      await new Promise((resolve) => setTimeout(resolve, 200));
      process.kill(supervisorPid, 'SIGCONT');
      for (let i = 0; i < 8; i++) assert.equal((await s.answer()).data, 'started');
      const answers = [];
      for (let i = 0; i < 8; i++) answers.push((await s.asyncAnswer()).error);
      assert.deepEqual(answers.sort(), ['', '', '', '', 'EACCES', 'EACCES', 'EACCES', 'EACCES']);
      await s.finish();
    });

    test('three hundred held calls: what is too much is denied, the rest waits and is granted at once', async () => {
      const w = world(user);
      const [HELD_MAX, CALLS] = [256, 300];
      const s = actor(user, { mode: 'ask' });
      await s.event('ready');
      for (let i = 0; i < CALLS; i++) {
        w.write(`outside/f${i}`, 'x');
        await s.ask('async', 'openat', AT_FDCWD, text(join(w.outside, `f${i}`)), 0);
      }
      await s.until('the held ones', () => (s.all('held').length === HELD_MAX ? true : undefined));
      for (let i = HELD_MAX; i < CALLS; i++) assert.equal((await s.asyncAnswer()).error, 'EACCES');
      await s.until('the denials', () => (s.all('denied').length === CALLS - HELD_MAX ? true : undefined));
      assert.ok(s.all('denied').every(({ record }) => record.reason === 'too-many-held'));
      s.send({ type: 'add-rule', id: 900, verdict: 'allow', kind: 'tree', access: 'read', path: w.outside });
      const opened = new Set<number>();
      for (let i = 0; i < HELD_MAX; i++) {
        const answer = await s.asyncAnswer();
        assert.equal(answer.error, '');
        opened.add(answer.ret);
      }
      assert.equal(opened.size, HELD_MAX, 'a descriptor each');
      await s.until('all released', () => (s.all('released').length === HELD_MAX ? true : undefined));
      assert.ok(s.all('released').every((e) => e.outcome === 'allowed'));
      assert.deepEqual(
        s.all('released').map((e) => e.holdId),
        s.all('held').map((e) => e.holdId),
        'in the order in which they came',
      );
      await s.finish();
    });

    test('a supervisor without free descriptors denies, and serves again when it has some', async () => {
      const w = world(user);
      const short: TestUser = { ...user, prefix: [...user.prefix, 'prlimit', '--nofile=48:48', '--'] };
      const s = actor(short, { mode: 'ask', rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
      await s.event('ready');
      for (let i = 0; i < 60; i++) {
        w.write(`outside/f${i}`, 'x');
        await s.ask('async', 'openat', AT_FDCWD, text(join(w.outside, `f${i}`)), 0);
      }
      // Until every call has been looked at: held ones are silent, the others were refused.
      await s.until('some held', () => (s.all('held').length > 5 ? true : undefined));
      const read = await s.open(join(w.base, 'granted/file'), 0);
      assert.ok(['', 'EACCES', 'EMFILE', 'ENFILE'].includes(read.error), read.error);
      assert.equal((await s.open(join(w.base, 'denied/file'), 0)).ret, -1);
      s.send({ type: 'set-mode', mode: 'deny' });
      for (let i = 0; i < 60; i++) assert.equal((await s.asyncAnswer()).ret, -1, 'nothing was granted');
      assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
      await s.finish();
    });
  });
}

describe('a file system that never answers', {
  skip: (!isRoot || !existsSync('/dev/fuse')) && 'needs root and FUSE',
}, () => {
  for (const user of users) {
    test(`stops its caller and nobody else, ${user.name}`, async (t) => {
      const w = world(user);
      mkdirSync(join(w.base, 'granted/mnt'));
      symlinkSync(join(w.base, 'granted/mnt/behind'), join(w.base, 'granted/link'));
      const script = w.write('granted/script', `#!${join(w.base, 'granted/mnt/interpreter')}\n`, 0o755);
      const before = actor(user, { rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
      await before.event('ready');
      const unmount = await stuck(join(w.base, 'granted/mnt'));
      if (unmount === undefined) {
        await before.finish();
        t.skip('FUSE cannot be mounted here');
        return;
      }
      try {
        const after = actor(user, { rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
        await after.event('ready');
        // Mounted before the start, and while the session runs.
        for (const s of [after, before]) {
          await s.ask('handler', 10, 0);
          for (const path of ['granted/mnt/file', 'granted/mnt/deep/er', 'granted/link'])
            await s.ask('async', 'openat', AT_FDCWD, text(join(w.base, path)), 0);
          await s.ask('async', 'mkdirat', AT_FDCWD, text(join(w.base, 'granted/mnt/made')), 0o755);
          // The program is elsewhere, what its first line names is not.
          await s.ask('async', 'execveat', AT_FDCWD, text(script), 0, 0, 0);
          for (let i = 0; i < 20; i++) assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
          assert.equal((await s.open(join(w.base, 'granted', `new${s === after}`), 0o102, 0o600)).error, '');
          assert.equal((await s.open(join(w.base, 'denied/file'), 0)).error, 'EACCES');
          s.tell('sys', 'openat', AT_FDCWD, text(join(w.base, 'granted/mnt/again')), 0);
          await new Promise((resolve) => setTimeout(resolve, 100));
          const { childPid } = await s.event('ready');
          process.kill(childPid, 'SIGUSR1');
          s.guardian.kill('SIGTERM');
          await s.ended;
        }
        // Nobody waits long for a command there, or for its interpreter.
        const starts = [script, join(w.base, 'granted/mnt/program')].map(async (program) => {
          const never = new Session(user, planned(w), [program]);
          const failed = await never.event('setup-error');
          assert.deepEqual([failed.errno, failed.object], [110, program]);
          assert.equal((await never.ended).code, 126);
        });
        await Promise.all(starts);
      } finally {
        await unmount();
      }
    });
  }
});

describe('a file system that stops answering, while what it said is still known', {
  skip: (!isRoot || !existsSync('/dev/fuse')) && 'needs root and FUSE',
}, () => {
  /** By path, by descriptor, by the address of a socket, and what is executed. */
  const calls = (mount: string, fd: number, sock: number): [string, ...(string | number)[]][] => {
    const file = text(join(mount, 'file'));
    const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(join(mount, 'socket'))]);
    return [
      ['openat', AT_FDCWD, file, 0],
      ['fchmodat', AT_FDCWD, file, 0o640],
      ['fchmod', fd, 0o640],
      ['fchown', fd, 0, 0],
      ['fsetxattr', fd, text('user.a'), text('b'), 1, 0],
      ['utimensat', fd, 0, 0, 0],
      ['mkdirat', AT_FDCWD, text(join(mount, 'made')), 0o755],
      ['unlinkat', AT_FDCWD, file, 0],
      ['connect', sock, text(address), address.length],
      ['execveat', AT_FDCWD, file, 0, 0, 0],
    ];
  };

  for (const user of users) {
    test(`stops its callers and nobody else, ${user.name}`, async (t) => {
      const w = world(user);
      const mount = join(w.base, 'granted/mnt');
      await withServer(t, mount, 'later', async (server) => {
        const flags = optionFlag.supervise | optionFlag.unixRules;
        const s = actor(user, { flags, rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
        await s.event('ready');
        const file = await s.open(join(mount, 'file'), 0);
        assert.equal(file.error, '');
        const sock = (await s.sys('socket', 1, 1, 0)).ret;
        // While it answers, changes there are made, by a process of their own.
        assert.equal((await s.sys('fchmod', file.ret, 0o640)).error, '');
        await server.stop();
        const waiting = calls(mount, file.ret, sock);
        for (const call of waiting) await s.ask('async', ...call);
        for (let i = 0; i < 20; i++) assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
        assert.equal((await s.sys('fchmodat', AT_FDCWD, text(join(w.base, 'granted/file')), 0o640)).error, '');
        assert.equal((await s.open(join(w.base, 'denied/file'), 0)).error, 'EACCES');
        s.guardian.kill('SIGTERM');
        await s.ended;
      });
    });
  }

  test('calls that a person was asked about meanwhile stop nobody else when they are allowed', async (t) => {
    const root = users[0] as TestUser;
    const user = { ...root, prefix: [...urgently, ...root.prefix] };
    const w = world(user);
    const mount = join(w.base, 'asked/mnt');
    mkdirSync(join(w.base, 'asked'));
    await withServer(t, mount, 'forgets', async (server) => {
      const s = actor(user, {
        mode: 'ask',
        flags: optionFlag.supervise | optionFlag.unixRules,
        rules: [{ verdict: 'allow', path: join(w.base, 'granted') }],
      });
      await s.event('ready');
      const sock = (await s.sys('socket', 1, 1, 0)).ret;
      // As long as it answers, what is allowed is performed.
      await s.ask('async', 'fchmodat', AT_FDCWD, text(join(mount, 'file')), 0o640);
      const { holdId: first } = await s.event('held');
      await sleep(200);
      s.send({ type: 'verdict', holdId: first, allow: true });
      assert.equal((await s.event('released')).outcome, 'allowed');
      const held = calls(mount, -1, sock).filter(([name, first]) => first !== -1 && name !== 'mkdirat');
      // One after the other: each is looked at by a process that the loop waits a second for, and on a busy machine several at once take longer.
      for (const [i, call] of held.entries()) {
        await s.ask('async', ...call);
        await s.until(`${call[0]} held`, () => s.all('held').length === 2 + i || undefined);
      }
      await server.stop();
      await sleep(200);
      for (const { holdId } of s.all('held')) s.send({ type: 'verdict', holdId, allow: true });
      await s.until('their end', () => s.all('released').length === 1 + held.length || undefined);
      const began = Date.now();
      for (let i = 0; i < 20; i++) assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
      assert.ok(Date.now() - began < 5000);
      s.guardian.kill('SIGTERM');
      await s.ended;
    });
  });

  test('a socket bound elsewhere by a program whose directory is there stops nobody', async (t) => {
    const user = users[0] as TestUser;
    const w = world(user);
    const mount = join(w.base, 'granted/mnt');
    await withServer(t, mount, 'forgets', async (server) => {
      const s = actor(user, { rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
      await s.event('ready');
      assert.equal((await s.sys('chdir', text(mount))).error, '');
      await server.stop();
      const bind = async (path: string) => {
        const sock = (await s.sys('socket', 1, 1, 0)).ret;
        const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(path), Buffer.from([0])]);
        await s.ask('async', 'bind', sock, text(address), address.length);
      };
      const made = () => readdirSync(join(w.base, 'granted')).filter((name) => name.startsWith('socket'));
      await bind(join(w.base, 'granted/socket'));
      await s.until('the socket', () => made().length === 1 || undefined);
      // By way of the directory that is not answered for: it may wait, or fail.
      await bind('../socket2');
      for (let i = 0; i < 20; i++) assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
      s.guardian.kill('SIGTERM');
      await s.ended;
    });
  });

  test('a program that holds a file there and opens a terminal stops nobody', async (t) => {
    const user = users[0] as TestUser;
    const w = world(user);
    const mount = join(w.base, 'granted/mnt');
    const master = openSync('/dev/ptmx', 'r+');
    try {
      // Tests beside this one open and close others.
      const terminal = /^tty-index:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${master}`, 'utf8'))?.[1];
      assert.ok(terminal !== undefined);
      await withServer(t, mount, 'forgets', async (server) => {
        const s = actor(user, {
          rules: [
            { verdict: 'allow', path: join(w.base, 'granted') },
            { verdict: 'allow', path: '/dev/pts' },
          ],
        });
        await s.event('ready');
        assert.equal((await s.open(join(mount, 'file'), 0)).error, '');
        await server.stop();
        await sleep(200);
        assert.equal((await s.open(`/dev/pts/${terminal}`, 2)).error, 'EACCES', 'it is not the session’s');
        assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
        s.guardian.kill('SIGTERM');
        await s.ended;
      });
    } finally {
      closeSync(master);
    }
  });

  test('no copy is made of a descriptor whose closing would stop everybody', async (t) => {
    const user = users[0] as TestUser;
    const w = world(user);
    const mount = join(w.base, 'granted/mnt');
    await withServer(t, mount, 'closes', async (server) => {
      const flags = optionFlag.supervise | optionFlag.unixRules;
      const s = actor(user, { flags, rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
      await s.event('ready');
      const { ret: file } = await s.open(join(mount, 'file'), 0);
      const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(join(w.base, 'granted/none')), Buffer.from([0])]);
      const others = async () => {
        for (let i = 0; i < 20; i++) assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
      };
      await server.stop();
      await s.ask('async', 'connect', file, text(address), address.length);
      await others();
      await s.ask('async', 'ioctl', file, 0x5441 /* TIOCGPTPEER */, 0);
      await others();
      s.guardian.kill('SIGTERM');
      // Its own copy is not closed either.
      await once(s.guardian, 'exit');
    });
  });

  test('a length past the caller’s limit is EFBIG and SIGXFSZ there too, and one past the supervisor’s own is none', async (t) => {
    const user = users.at(-1) as TestUser;
    const w = world(user);
    const mount = join(w.base, 'granted/mnt');
    await withServer(t, mount, 'later', async () => {
      const script = `import os, resource, signal
got = []
signal.signal(signal.SIGXFSZ, lambda *_: got.append(1))
def sized(length):
  try:
    os.truncate('${join(mount, 'file')}', length)
    print(length)
  except OSError as error:
    print(error.strerror)
sized(8193)
print(got)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sized(8193)
print(got)`;
      const limited = { ...user, prefix: [...user.prefix, 'prlimit', '--fsize=8192:unlimited', '--'] };
      const done = await new Session(limited, planned(w), ['python3', '-c', script]).finish();
      assert.equal(done.stdout, 'File too large\n[1]\n8193\n[1]\n', done.stderr);
    });
  });

  test('which answers neither for its directories nor what may be done, stops nobody else', async (t) => {
    const user = users.at(-1) as TestUser;
    const w = world(user);
    const mount = join(w.base, 'granted/mnt');
    await withServer(t, mount, 'asks', async () => {
      const s = actor(user, {
        mode: 'ask',
        flags: optionFlag.supervise | optionFlag.unixRules,
        rules: [
          { verdict: 'allow', path: join(w.base, 'granted') },
          { verdict: 'deny', path: join(mount, 'file') },
          { verdict: 'deny', path: join(mount, 'socket') },
        ],
      });
      await s.event('ready');
      // In capitals it is the denied name, if the directory takes both for one: that is known without opening it.
      assert.equal((await s.open(join(mount, 'FILE'), 0o101, 0o600)).error, 'EACCES');
      assert.equal((await s.open(join(mount, 'é'), 0o101, 0o600)).error, 'EACCES');
      // It was late once; not everybody waits a second for each who asks again.
      const began = Date.now();
      for (let i = 0; i < 8; i++) assert.equal((await s.open(join(mount, `é${i}`), 0o101, 0o600)).error, 'EACCES');
      assert.ok(Date.now() - began < 7000, 'it is not asked each time');
      // Elsewhere the directories are looked at, on the way to a mount too.
      assert.equal((await s.open(join(w.base, 'granted/FILE'), 0o101, 0o600)).error, '');
      assert.equal((await s.open(join(w.base, 'granted/é'), 0o101, 0o600)).error, '');
      // What a rule denies is refused, what would be asked about as well: whether the caller might is not said.
      assert.equal((await s.open(join(mount, 'file'), 0)).error, 'EACCES');
      assert.equal((await s.sys('truncate', text(join(mount, 'file')), 1)).error, 'EACCES');
      assert.equal(
        (await s.sys('renameat2', AT_FDCWD, text(join(mount, 'file')), AT_FDCWD, text(join(mount, 'x')), 0)).error,
        'EACCES',
      );
      assert.equal((await s.sys('mkdirat', AT_FDCWD, text(join(mount, 'FILE')), 0o755)).error, 'EACCES');
      const sock = (await s.sys('socket', 1, 1, 0)).ret;
      const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(join(mount, 'socket'))]);
      assert.equal((await s.sys('connect', sock, text(address), address.length)).error, 'EACCES');
      assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
      s.guardian.kill('SIGTERM');
      await s.ended;
    });
  });

  test('which answers every look, but no open and no close, stops nobody else', async (t) => {
    const user = users.at(-1) as TestUser;
    const w = world(user);
    const mount = join(w.base, 'granted/mnt');
    await withServer(t, mount, 'opens', async (server) => {
      const s = actor(user, { rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
      await s.event('ready');
      const others = async () => {
        for (let i = 0; i < 20; i++) assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
      };
      // Opened, but the copy of the descriptor is closed before the caller gets its own.
      await s.ask('handler', 10, 0);
      await s.ask('async', 'openat', AT_FDCWD, text(join(mount, 'file')), 0);
      await others();
      await server.stop();
      await s.ask('async', 'openat', AT_FDCWD, text(join(mount, 'file')), 0);
      await others();
      // Who waits there can be interrupted.
      const { childPid, supervisorPid } = await s.event('ready');
      const before = children(supervisorPid);
      const opens = (pid: number) => /^(?:257|56|437) /.test(readFileSync(`/proc/${pid}/syscall`, 'utf8'));
      const interrupted = s.open(join(mount, 'file'), 0);
      const killed = await s.until('who waits for it', () =>
        children(supervisorPid).find((pid) => !before.includes(pid) && opens(pid)),
      );
      process.kill(childPid, 'SIGUSR1');
      assert.equal((await interrupted).error, 'EINTR');
      await others();
      // The process that waited for it is killed, and sleeps on in its file system: still nobody's of the session.
      const sleepsOn = /^State:\tD.*^(?:Sig|Shd)Pnd:\t0*[1-9a-f]/ms;
      await s.until('its end', () => sleepsOn.test(readFileSync(`/proc/${killed}/status`, 'utf8')) || undefined);
      assert.equal((await s.sys(process.arch === 'x64' ? 'nr:302' : 'nr:261', killed, 7, 0, 'buf')).error, 'EPERM');
      assert.equal(await s.read(`/proc/${killed}/comm`), 'ENOENT');
      s.guardian.kill('SIGTERM');
      // What is inside hangs at its end, closing what it was given, and keeps its streams until then. The session does not.
      await once(s.guardian, 'exit');
    });
  });
});

describe('the end of a session while somebody hangs in a file system', {
  skip: (!isRoot || !existsSync('/dev/fuse')) && 'needs root and FUSE',
}, () => {
  /** Holds a file whose close is not answered; below it somebody who hears no polite signal. */
  const hangs = (file: string, marker: string, end: string) =>
    `(trap '' TERM HUP; exec sleep ${marker}) & exec 3<${file}; echo ready; ${end}`;

  for (const [what, end, code] of [
    ['its command', 'read x; exit 7', 7],
    ['a daemon of its command', '', 3],
  ] as const)
    test(`${what}: it is told, the code is kept, and nobody below lives on`, async (t) => {
      const user = users.at(-1) as TestUser;
      const w = world(user);
      const mount = join(w.base, 'granted/mnt');
      const marker = `8640${code}.${process.pid}`;
      await withServer(t, mount, 'closes', async (server) => {
        const script = hangs(join(mount, 'file'), marker, end || 'sleep 60');
        // The shell itself, or one that outlives the command.
        const words = end === '' ? `sh -c "$0" & read x; exit ${code}` : script;
        const s = new Session(user, planned(w), ['/bin/sh', '-c', words, script]);
        const { childPid } = await s.event('ready');
        await s.until('the file', () => (s.output.includes('ready') ? true : undefined));
        await server.stop();
        const began = Date.now();
        s.guardian.stdin?.write('\n');
        // As long as its command hangs in its exit nobody knows that it has ended, without a sandbox either.
        const hung = () => readFileSync(`/proc/${childPid}/cmdline`, 'latin1') === '';
        if (end !== '') {
          await s.until('the exit', () => (hung() ? true : undefined));
          s.guardian.kill('SIGTERM');
        }
        // Its streams are open as long as the server does not answer.
        const [ended] = await once(s.guardian, 'exit');
        const took = Date.now() - began;
        assert.equal(ended, code);
        assert.ok(took < 8000, `${took} ms`);
        assert.match((await s.event('notice')).text, /^left: [12] process(?:es)? \(sh, \d+.*\), killed/);
        const alive = () =>
          readdirSync('/proc').filter((pid) => {
            try {
              return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(marker);
            } catch {
              return false;
            }
          });
        // Whoever is left has no memory any more, or is being killed, which takes a moment.
        for (let i = 0; i < 500 && alive().length > 0; i++) await sleep(20);
        assert.deepEqual(alive(), []);
      });
    });
});

describe('a caller in thousands of groups', { skip: !isRoot && 'needs root to join them' }, () => {
  const groups = Array.from({ length: 3000 }, (_, i) => 100_000 + i).join(',');
  const many: TestUser = {
    name: 'ordinary user',
    uid: 65_534,
    prefix: ['setpriv', '--reuid=65534', '--regid=65534', `--groups=${groups}`, '--inh-caps=-all', '--'],
  };

  test('is served, and can be interrupted while it is held', async () => {
    const w = world(many);
    w.write('outside/asked', 'x');
    const s = actor(many, { mode: 'ask', rules: [{ verdict: 'allow', path: join(w.base, 'granted') }] });
    const { childPid } = await s.event('ready');
    assert.ok(readFileSync(`/proc/${childPid}/status`).length > 4096, 'its status does not fit a page');
    assert.equal(await s.read(join(w.base, 'granted/file')), 'granted');
    assert.equal((await s.open(join(w.base, 'granted/new'), 0o102, 0o640)).error, '');
    await s.ask('handler', 10, 0);
    s.tell('sys', 'openat', AT_FDCWD, text(join(w.outside, 'asked')), 0);
    await s.event('held');
    process.kill(childPid, 'SIGUSR1');
    assert.equal((await s.answer()).error, 'EINTR');
    await s.finish();
  });
});
