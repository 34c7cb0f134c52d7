import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, children, makeWorld, O, plan, Session, text } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const session = () => actor(user, { rules: [{ verdict: 'allow', path: world.work }] });

    test('/proc/self is the caller, in every spelling', async () => {
      const s = session();
      const pid = (await s.event('ready')).childPid;
      for (const path of [
        '/proc/self/stat',
        `/proc/${pid}/stat`,
        '/proc//self/stat',
        '/proc/./self/stat',
        '/dev/../proc/self/stat',
      ]) {
        assert.match(await s.read(path), new RegExp(`^${pid} \\(actor\\)`), path);
      }
      assert.match(await s.read('/proc/self/status'), /Seccomp:\t2/);
      assert.match(await s.read('/proc/mounts'), / \/ /);
      const dir = (await s.open('/proc', O.O_PATH)).ret;
      const opened = await s.sys('openat', dir, 's:self/stat', O.O_RDONLY, 0);
      assert.match((await s.sys('read', opened.ret, 'buf', 100)).data, new RegExp(`^${pid} `));
      await s.finish();
    });

    test('a thread’s /proc/thread-self and /proc/self are its own', async () => {
      const s = session();
      const pid = (await s.event('ready')).childPid;
      for (const [path, expected] of [
        ['/proc/thread-self/stat', /^(\d+) \(actor\)/],
        ['/proc/self/stat', new RegExp(`^(${pid}) `)],
      ] as const) {
        s.tell('async', 'openat', AT_FDCWD, text(path), O.O_RDONLY, 0);
        await s.answer();
        const opened = await s.asyncAnswer();
        assert.equal(opened.error, '', path);
        const [, id] = expected.exec((await s.sys('read', opened.ret, 'buf', 100)).data) ?? [];
        assert.ok(id !== undefined, path);
        if (path.includes('thread')) assert.notEqual(Number(id), pid);
      }
      await s.finish();
    });

    test('a descriptor of the caller opens again by /dev/fd and /dev/stdin', async () => {
      const file = world.write('work/again', 'again');
      const s = session();
      const fd = (await s.open(file, O.O_RDONLY)).ret;
      for (const path of [`/dev/fd/${fd}`, `/proc/self/fd/${fd}`, `/proc/thread-self/fd/${fd}`])
        assert.equal(await s.read(path), 'again', path);
      await s.finish();
      const rules = [{ verdict: 'allow', path: world.work }] as const;
      const cat = new Session(user, plan({ rules }), ['/bin/sh', '-c', `cat /dev/stdin <${file}`]);
      assert.equal((await cat.ended).stdout, 'again\n');
    });

    test('processes outside do not exist', async () => {
      const other = spawn('sleep', ['60'], { stdio: 'ignore' });
      const s = session();
      const { supervisorPid, guardianPid } = await s.event('ready');
      const entries = [
        'mem',
        'environ',
        'maps',
        'stat',
        'status',
        'cmdline',
        'fd/0',
        'root/etc/passwd',
        'cwd/x',
        'exe',
        'ns/mnt',
        'task',
      ];
      for (const pid of [other.pid, supervisorPid, guardianPid, process.pid, 1]) {
        for (const entry of entries) {
          const answer = await s.read(`/proc/${pid}/${entry}`);
          assert.ok(['ENOENT', 'EACCES', 'EPERM'].includes(answer), `/proc/${pid}/${entry}: ${answer}`);
        }
        const dir = (await s.open(`/proc/${pid}`, O.O_PATH)).ret;
        for (const entry of ['stat', 'environ', './stat']) {
          const got = await s.sys('openat', dir, text(entry), O.O_RDONLY, 0);
          assert.ok(['ENOENT', 'EACCES', 'EPERM'].includes(got.error), `openat ${pid} ${entry}`);
        }
      }
      other.kill();
      await s.finish();
    });

    test('nor in another mount of /proc below a grant', { skip: rootSkip }, async () => {
      const proc = dirname(world.write('work/proc/x', ''));
      const other = spawn('sleep', ['60'], { stdio: 'ignore', uid: user.uid, gid: user.uid });
      const mounted = ['unshare', '-m', 'sh', '-c', `mount --bind /proc ${proc} && exec "$@"`, 'sh', ...user.prefix];
      const rules = [{ verdict: 'allow', path: world.work }] as const;
      const control = spawnSync(mounted[0] as string, [...mounted.slice(1), 'cat', `${proc}/${other.pid}/environ`]);
      assert.equal(control.status, 0, 'without a sandbox it is read');
      const s = actor({ ...user, prefix: mounted }, { rules });
      const { supervisorPid } = await s.event('ready');
      for (const pid of [other.pid, supervisorPid, 'self'])
        for (const [entry, flags] of [
          ['environ', O.O_RDONLY],
          ['mem', O.O_RDWR],
          ['maps', O.O_RDONLY],
          ['fd', O.O_RDONLY],
          ['cwd/x', O.O_RDONLY],
        ] as const) {
          const path = `${proc}/${pid}/${entry}`;
          assert.notEqual((await s.open(path, flags)).error, '', path);
          const held = (await s.open(path, O.O_PATH)).ret;
          assert.notEqual((await s.open(`/proc/self/fd/${held}`, flags)).error, '', `${path} again`);
          assert.notEqual((await s.sys('chmod', text(path), 0o600)).error, '', `chmod ${path}`);
        }
      await s.finish();
      other.kill();
    });

    test('nor do its links tell where such a process is, not even to who may read what is there', {
      skip: rootSkip,
    }, async () => {
      const proc = dirname(world.write('work/proc/x', ''));
      world.write('work/there', 'there');
      const other = spawn('sleep', ['60'], { stdio: 'ignore', cwd: world.work, uid: user.uid, gid: user.uid });
      const mounted = ['unshare', '-m', 'sh', '-c', `mount --bind /proc ${proc} && exec "$@"`, 'sh', ...user.prefix];
      const control = spawnSync(mounted[0] as string, [...mounted.slice(1), 'cat', `${proc}/${other.pid}/cwd/there`]);
      assert.equal(control.stdout.toString(), 'there', 'without a sandbox it is read');
      const s = actor({ ...user, prefix: mounted }, { rules: [{ verdict: 'allow', path: world.work }] });
      await s.event('ready');
      const openat2 = async (path: string): Promise<string> =>
        (await s.sys('openat2', AT_FDCWD, text(path), `how:${O.O_RDONLY}:0:0`, 24)).error;
      for (const where of ['cwd', 'cwd/there', `root${world.work}/there`, `task/${other.pid}/cwd/there`]) {
        const path = `${proc}/${other.pid}/${where}`;
        assert.equal((await s.open(path, O.O_RDONLY)).error, 'EACCES', path);
        assert.notEqual(await openat2(path), '', `openat2 ${path}`);
        assert.notEqual((await s.sys('chmod', text(path), 0o755)).error, '', `chmod ${path}`);
      }
      const [found, missing] = [
        await openat2(`${proc}/${other.pid}/cwd/there`),
        await openat2(`${proc}/${other.pid}/cwd/none`),
      ];
      assert.equal(missing, found, 'nor what is there');
      await s.finish();
      other.kill();
    });

    test('an entry that is held by its path alone is no one’s own', async () => {
      const other = spawn('sleep', ['60'], { stdio: 'ignore', uid: user.uid, gid: user.uid });
      const s = actor(user, { rules: [{ verdict: 'allow', path: '/proc' }] });
      await s.event('ready');
      for (const [entry, flags] of [
        ['environ', O.O_RDONLY],
        ['mem', O.O_RDWR],
      ] as const) {
        const held = (await s.open(`/proc/${other.pid}/${entry}`, O.O_PATH)).ret;
        assert.notEqual((await s.open(`/proc/self/fd/${held}`, flags)).error, '', entry);
      }
      await s.finish();
      other.kill();
    });

    test('the worker that waits at a FIFO is outside, too', async () => {
      const t = actor(user, { floor: [world.base] });
      const fifo = join(world.work, 'fifo');
      await t.sys('mknodat', AT_FDCWD, text(fifo), 0o010600, 0);
      await t.finish();
      const s = session();
      const { supervisorPid, childPid } = await s.event('ready');
      s.tell('async', 'openat', AT_FDCWD, text(fifo), O.O_RDONLY, 0);
      await s.answer();
      const worker = await s.until('the worker', () => children(supervisorPid).find((p) => p !== childPid));
      for (const entry of ['maps', 'stat', 'auxv', 'status'])
        assert.equal(await s.read(`/proc/${worker}/${entry}`), 'ENOENT', entry);
      assert.equal((await s.open(fifo, O.O_WRONLY)).error, '');
      await s.asyncAnswer();
      await s.finish();
    });

    test('writing to /proc is for harmless entries of one’s own', async () => {
      const s = session();
      const { childPid } = await s.event('ready');
      assert.equal((await s.open('/proc/self/comm', O.O_WRONLY)).error, '');
      for (const entry of ['mem', 'clear_refs', 'attr/current', 'environ'])
        assert.equal((await s.open(`/proc/self/${entry}`, O.O_WRONLY)).error, 'EACCES', entry);
      for (const path of ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/kcore']) {
        assert.notEqual((await s.open(path, O.O_RDWR)).error, '', path);
      }
      assert.equal((await s.sys('openat', AT_FDCWD, text(`/proc/${childPid}/comm`), O.O_WRONLY, 0)).error, '');
      await s.finish();
    });
  });
}
