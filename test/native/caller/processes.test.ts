/** System calls by number, System V IPC, and what a process may do to others: the static filter and native/caller/others.c, watch.c. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import { type TestUser, users } from '../../helpers/users.ts';
import { ask, driver } from '../driver.ts';
import { actor, makeWorld, type PlanText, type Session, text } from '../session.ts';

const SUPERVISED = optionFlag.supervise | optionFlag.scopeSignal | optionFlag.scopeAbstractUnix;
const NR =
  process.arch === 'x64'
    ? {
        shmget: 29,
        semget: 64,
        msgget: 68,
        mq_open: 240,
        shmctl: 31,
        semctl: 66,
        msgctl: 71,
        mq_unlink: 241,
        keyctl: 250,
        perf: 298,
        syslog: 103,
        clone: 56,
        prlimit: 302,
        setpriority: 141,
        ioprio_set: 251,
        sched_setparam: 142,
        sched_setscheduler: 144,
        sched_setattr: 314,
        sched_setaffinity: 203,
        inotify_init: 294,
        inotify_add: 254,
      }
    : {
        shmget: 194,
        semget: 190,
        msgget: 186,
        mq_open: 180,
        shmctl: 195,
        semctl: 191,
        msgctl: 187,
        mq_unlink: 181,
        keyctl: 219,
        perf: 241,
        syslog: 116,
        clone: 220,
        prlimit: 261,
        setpriority: 140,
        ioprio_set: 30,
        sched_setparam: 118,
        sched_setscheduler: 119,
        sched_setattr: 274,
        sched_setaffinity: 122,
        inotify_init: 26,
        inotify_add: 27,
      };
const call = (name: keyof typeof NR): string => `nr:${NR[name]}`;
const CLONE3 = 435;

const table = new Map(
  ask(driver('drivers/calls.c', ['call_table']), ['0'])
    .trim()
    .split('\n')
    .map((line) => {
      const [nr, answer, rows] = line.split(' ');
      return [Number(nr), { answer, rows: Number(rows) }];
    }),
);

test('every system call of the headers has one row in the table, and no number has two', () => {
  const header = ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h', '/usr/include/asm-generic/unistd.h'].find((file) =>
    process.arch === 'x64' ? existsSync(file) && file.includes('unistd_64') : existsSync(file),
  );
  assert.ok(header, 'kernel headers');
  const named = [...readFileSync(header, 'utf8').matchAll(/^#define __NR\w*_(\w+)\s+(\d+)$/gm)];
  assert.ok(named.length > 300);
  const missing = named.filter(([, name, nr]) => table.get(Number(nr))?.answer === 'unknown' && name !== 'syscalls');
  assert.deepEqual(
    missing.map(([, name]) => name),
    [],
  );
  // Numbers from 424 on are the same everywhere, and newer than these headers.
  for (let nr = 424; nr <= 469; nr++) assert.notEqual(table.get(nr)?.answer, 'unknown', `${nr}`);
  for (const [nr, { rows }] of table) assert.ok(rows <= 1, `${nr} has ${rows} rows`);
});

function nrOf(name: 'ioctl' | 'clone' | 'socket' | 'socketpair' | 'fcntl'): number {
  const numbers =
    process.arch === 'x64'
      ? { ioctl: 16, clone: 56, socket: 41, socketpair: 53, fcntl: 72 }
      : { ioctl: 29, clone: 220, socket: 198, socketpair: 199, fcntl: 25 };
  return numbers[name];
}

describe('the filter’s program', () => {
  const program = driver('drivers/filter_answers.c', ['filter_arguments', 'filter_ioctl', 'call_table', 'calls']);
  const PRIVILEGED = 1 << 29;
  const { blockNet, netRules, unixRules, fastPath, allowSysvIpc } = optionFlag;
  const sets = [0, blockNet, netRules, unixRules, netRules | unixRules].flatMap((net) =>
    [0, fastPath | PRIVILEGED, allowSysvIpc].map((more) => net | more),
  );
  /** What depends on arguments, whatever the options are. */
  const looked = new Set((['ioctl', 'clone', 'socket', 'socketpair', 'fcntl'] as const).map(nrOf));
  for (const supervised of [true, false])
    for (const options of sets)
      test(`answers as the tables say, in a few steps, ${supervised ? 'supervised' : 'alone'}, ${options.toString(16)}`, () => {
        const expected = new Map(
          ask(driver('drivers/calls.c', ['call_table']), [`${options}`])
            .trim()
            .split('\n')
            .map((line) => [Number(line.split(' ')[0]), line.split(' ')[1]] as const),
        );
        const trapped = new Map<number, boolean>();
        const answers: { nr: number; answer: string; steps: number; looks: boolean }[] = [];
        for (const line of ask(program, [supervised ? '1' : '0', `${options}`])
          .trim()
          .split('\n')) {
          const [first = '', second = '', third, fourth] = line.split(' ');
          if (first === 'trapped') trapped.set(Number(second), trapped.get(Number(second)) === true || third === '1');
          else answers.push({ nr: Number(first), answer: second, steps: Number(third), looks: fourth === '1' });
        }
        const [x32, foreign] = answers.splice(-2);
        assert.deepEqual([x32?.answer, foreign?.answer], ['ENOSYS', 'ENOSYS']);
        assert.equal(trapped.size > 0, supervised);
        for (const { nr, answer, steps, looks } of answers) {
          const table = expected.get(nr) ?? 'ENOSYS';
          const plain = trapped.get(nr) === true ? 'asked' : table === 'unknown' ? 'ENOSYS' : table;
          if (!looks) assert.equal(answer, plain, `${nr}`);
          if (looks && trapped.get(nr) === true) assert.equal(answer, 'asked', `${nr}`);
          if (looked.has(nr) || trapped.get(nr) === false) assert.ok(looks, `${nr} is not looked into`);
          // The kernel tries every number when the filter is installed.
          if (!looks) assert.ok(steps <= 16, `${nr}: ${steps} steps`);
        }
      });
});

const IPC_RMID = 0;
/** What takes away again what a granted call made: it would outlive the test. */
const removal: Partial<Record<keyof typeof NR, (made: number) => [keyof typeof NR, ...(string | number)[]]>> = {
  shmget: (id) => ['shmctl', id, IPC_RMID, 0],
  semget: (id) => ['semctl', id, 0, IPC_RMID],
  msgget: (id) => ['msgctl', id, IPC_RMID, 0],
  mq_open: () => ['mq_unlink', 's:nono-test'],
};

const ipc: readonly (readonly [keyof typeof NR, readonly (string | number)[], number])[] = [
  ['shmget', [0, 4096, 0o1600], optionFlag.allowSysvIpc],
  ['semget', [0, 1, 0o1600], optionFlag.allowSysvIpc],
  ['msgget', [0, 0o1600], optionFlag.allowSysvIpc],
  ['mq_open', ['s:nono-test', 0o102, 0o600, 0], optionFlag.allowMessageQueues],
  ['keyctl', [0, -3, 0], optionFlag.allowKeyring],
];

/** A process outside the session, of the same user. */
function victim(user: TestUser): { readonly process: ChildProcess; readonly pid: number } {
  const [program = '', ...rest] = [...user.prefix, 'sleep', '60'];
  const child = spawn(program, rest, { stdio: 'ignore' });
  after(() => child.kill('SIGKILL'));
  assert.ok(child.pid);
  // setpriv executes sleep in its place; until then its priority may still be its own matter.
  for (let i = 0; i < 200 && readFileSync(`/proc/${child.pid}/comm`, 'utf8') !== 'sleep\n'; i++)
    spawnSync('sleep', ['0.01']);
  return { process: child, pid: child.pid };
}

const nice = (pid: number): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] ?? '';
};
const limit = (pid: number): string =>
  /Max cpu time +(\S+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? '';
const affinity = (pid: number): string =>
  /Cpus_allowed_list:\t(\S+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

/** Each on one process. What arguments the calls take besides the pid. */
const cousins: readonly (readonly [keyof typeof NR, (pid: number) => (string | number)[]])[] = [
  ['prlimit', (pid) => [pid, 0, 'u64:100:100', 0]],
  ['setpriority', (pid) => [0, pid, 5]],
  ['ioprio_set', (pid) => [1, pid, (3 << 13) | 0]],
  ['sched_setaffinity', (pid) => [pid, 8, 'u64:1']],
  ['sched_setscheduler', (pid) => [pid, 3, 'u64:0']],
  ['sched_setparam', (pid) => [pid, 'u64:0']],
  ['sched_setattr', (pid) => [pid, `u64:${48 + 3 * 2 ** 32}:0:10:0:0:0`, 0]],
];

for (const user of users) {
  describe(`processes, ${user.name}`, () => {
    const world = makeWorld(user);
    const inside = (more: PlanText = {}): Session => actor(user, { floor: [world.work], ...more });

    for (const [name, args, flag] of ipc) {
      test(`${name} is refused, and there when granted`, async () => {
        const s = inside();
        assert.equal((await s.sys(call(name), ...args)).error, 'EPERM');
        await s.finish();
        const granted = inside({ flags: SUPERVISED | flag });
        const made = await granted.sys(call(name), ...args);
        // What the filter lets through Landlock decides: a queue needs a rule on its file system as well (test/e2e/policy/message-queues.test.ts).
        assert.equal(made.error, name === 'mq_open' ? 'EACCES' : '', 'with its flag');
        const [remove, ...how] = removal[name]?.(made.ret) ?? [];
        if (remove !== undefined) assert.equal((await granted.sys(call(remove), ...how)).error, '', remove);
        assert.equal(
          (await granted.sys(call(flag === optionFlag.allowKeyring ? 'shmget' : 'keyctl'), 0, 0, 0)).error,
          'EPERM',
        );
        await granted.finish();
      });
    }

    test('the kernel log and performance counters are refused', async () => {
      const s = inside();
      assert.equal((await s.sys(call('syslog'), 3, 'buf', 100)).error, 'EPERM');
      assert.equal((await s.sys(call('perf'), 'buf', 0, -1, -1, 0)).error, 'EPERM');
      await s.finish();
    });

    test('limits, priorities and scheduling of an outside process stay as they are', async () => {
      const outside = victim(user);
      const before = [nice(outside.pid), limit(outside.pid), affinity(outside.pid)];
      const s = inside();
      for (const [name, args] of cousins)
        assert.equal((await s.sys(call(name), ...args(outside.pid))).error, 'EPERM', name);
      // The process group of whoever started nono, and every process of the user.
      for (const [which, who] of [
        [1, 0],
        [1, outside.pid],
        [2, 0],
        [2, user.uid],
      ] as const)
        assert.equal((await s.sys(call('setpriority'), which, who, 5)).error, 'EPERM', `setpriority ${which} ${who}`);
      assert.equal((await s.sys(call('ioprio_set'), 2, 0, 3 << 13)).error, 'EPERM');
      assert.equal((await s.sys(call('ioprio_set'), 3, user.uid, 3 << 13)).error, 'EPERM');
      await s.finish();
      assert.deepEqual([nice(outside.pid), limit(outside.pid), affinity(outside.pid)], before);
      outside.process.kill('SIGKILL');
    });

    test('the supervisor, the guardian and the host are outside too', async () => {
      const s = inside();
      const { supervisorPid, guardianPid } = await s.event('ready');
      for (const pid of [supervisorPid, guardianPid, process.pid, 1])
        for (const [name, args] of cousins)
          assert.notEqual((await s.sys(call(name), ...args(pid))).error, '', `${name} of ${pid}`);
      assert.equal(nice(supervisorPid), nice(process.pid));
      await s.finish();
    });

    test('processes of the session, and the caller itself, may be changed', async () => {
      const s = inside();
      const { childPid } = await s.event('ready');
      for (const [name, args] of cousins) {
        assert.equal((await s.sys(call(name), ...args(0))).error, '', `${name} of 0`);
        assert.equal((await s.sys(call(name), ...args(childPid))).error, '', `${name} of its own number`);
        assert.equal((await s.ask('fork', call(name), ...args(childPid))).error, '', `${name} of the parent`);
      }
      assert.equal(limit(childPid), '100');
      assert.equal(affinity(childPid), '0');
      await s.finish();
    });

    test('the old limit is handed back, and bad pointers are EFAULT', async () => {
      const s = inside();
      const { childPid } = await s.event('ready');
      const old = await s.ask('fork', call('prlimit'), childPid, 7, 0, 'buf');
      assert.equal(old.error, '');
      assert.equal((await s.ask('fork', call('prlimit'), childPid, 7, 8, 0)).error, 'EFAULT');
      assert.equal((await s.ask('fork', call('prlimit'), childPid, 7, 0, 8)).error, 'EFAULT');
      assert.equal((await s.sys(call('prlimit'), 2 ** 22 + 1, 7, 'u64:1:1', 0)).error, 'ESRCH');
      await s.finish();
    });

    test('no child of the caller’s parent, and no clone3, whose flags cannot be seen', async () => {
      const s = inside();
      assert.equal((await s.sys(call('clone'), 0x8000 | 17, 0, 0, 0, 0)).error, 'EPERM');
      assert.equal((await s.sys(`nr:${CLONE3}`, 'u64:0:0:0:0:17:0:0:0', 64)).error, 'ENOSYS');
      assert.equal((await s.ask('async', 'getpid')).data, 'started', 'threads start all the same');
      assert.equal((await s.asyncAnswer()).error, '');
      await s.finish();
    });

    test('without a supervisor only the caller itself is meant', () => {
      const outside = victim(user);
      const s = inside({ flags: 0 });
      return (async () => {
        for (const name of ['prlimit', 'setpriority', 'ioprio_set'] as const) {
          const args = cousins.find(([known]) => known === name)?.[1] ?? (() => []);
          assert.equal((await s.sys(call(name), ...args(outside.pid))).error, 'EPERM', name);
          assert.equal((await s.sys(call(name), ...args(0))).error, '', `${name} of itself`);
        }
        assert.equal((await s.sys(call('prlimit'), outside.pid, 7, 0, 'buf')).error, '', 'asking changes nothing');
        assert.equal((await s.sys(call('shmget'), 0, 4096, 0o1600)).error, 'EPERM');
        await s.finish();
        assert.equal(limit(outside.pid), 'unlimited');
        outside.process.kill('SIGKILL');
      })();
    });

    test('inotify watches what may be read and nothing else', async () => {
      world.write('outside/secret/diary', 'x');
      const s = inside({ rules: [{ verdict: 'deny', path: join(world.work, 'closed') }] });
      world.write('work/closed/x', 'x');
      world.write('work/open/x', 'x');
      const queue = (await s.sys(call('inotify_init'), 0o4000)).ret;
      const add = (path: string, mask = 0x3ff) => s.sys(call('inotify_add'), queue, text(path), mask);
      for (const path of [
        join(world.outside, 'secret'),
        join(world.outside, 'secret/diary'),
        join(world.work, 'closed'),
      ])
        assert.equal((await add(path)).error, 'EACCES', path);
      symlinkSync(join(world.outside, 'secret'), join(world.work, 'link'));
      assert.equal((await add(join(world.work, 'link'))).error, 'EACCES');
      assert.equal((await add(`/proc/self/root${join(world.outside, 'secret')}`)).error, 'EACCES');
      assert.equal((await add(`/proc/${process.pid}`)).error, 'ENOENT');
      assert.equal((await add(join(world.work, 'nothing'))).error, 'ENOENT');
      assert.equal((await add(join(world.work, 'open/x/y'))).error, 'ENOTDIR');
      assert.equal(s.all('denied').at(0)?.record.verb, 'inotify');
      const watch = await add(join(world.work, 'open'));
      assert.equal(watch.error, '');
      assert.equal((await add(join(world.work, 'open'))).ret, watch.ret, 'the same object, the same watch');
      writeFileSync(join(world.work, 'open/new'), '');
      renameSync(join(world.outside, 'secret/diary'), join(world.outside, 'secret/moved'));
      const got = await s.sys('read', queue, 'buf', 4096);
      assert.match(got.data, /new/);
      assert.doesNotMatch(got.data, /diary|moved/);
      assert.equal(
        (await s.sys(call('inotify_add'), 0, text(join(world.work, 'open')), 2)).error,
        'EINVAL',
        'no inotify descriptor',
      );
      assert.equal((await s.sys(call('inotify_add'), 99, text(join(world.work, 'open')), 2)).error, 'EBADF');
      await s.finish();
    });

    test('a path that is swapped while a watch is added reaches nothing denied', async () => {
      world.write('outside/held/secret', 'x');
      world.write('work/plain/x', 'x');
      const s = inside();
      const queue = (await s.sys(call('inotify_init'), 0o4000)).ret;
      const link = join(world.work, 'swapped');
      symlinkSync(join(world.work, 'plain'), link);
      await s.ask('swap', join(world.work, 'plain'), join(world.outside, 'held'), link, 1000);
      const watches = new Set<number>();
      for (let i = 0; i < 300; i++) {
        const added = await s.sys(call('inotify_add'), queue, text(link), 0x3ff);
        if (added.error === '') watches.add(added.ret);
      }
      await s.asyncAnswer();
      assert.equal(watches.size, 1, 'one object was ever watched');
      await s.finish();
    });
  });
}
