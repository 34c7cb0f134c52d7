/** Processes of the supervisor that are killed while a call waits for them: the caller gets an error, nothing is granted, and nobody else waits. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import { installed } from '../../helpers/installed.ts';
import { rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, fixture, makeWorld, plan, Session, text } from '../session.ts';
import { unixWorld } from '../sockets/sockets.ts';
import { stuck } from '../stuck.ts';

/** The next process that the supervisor starts is killed before it does anything (test/fixtures/kills-next-child.c). */
async function killNextWorker(s: Session): Promise<{ readonly killed: Promise<unknown> }> {
  const { supervisorPid } = await s.event('ready');
  const killer = spawn(fixture('kills-next-child'), [`${supervisorPid}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const killed = once(killer, 'close').then(([code]) => assert.equal(code, 0));
  assert.match(String((await once(killer.stdout, 'data'))[0]), /^ready/);
  return { killed };
}

const nice = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
};

const SETPRIORITY = process.arch === 'x64' ? 'nr:141' : 'nr:140';

describe('a process that is lost', { skip: rootSkip }, () => {
  test('which changes a priority with its caller’s identity', async () => {
    const w = makeWorld(users[0] as TestUser);
    const s = actor(users[0] as TestUser, { floor: [w.work] });
    const { childPid } = await s.event('ready');
    assert.equal((await s.sys('setresuid', 65534, 65534, 65534)).error, '');
    // Of another process: the caller's own is the kernel's to change.
    const change = () => s.ask('fork', SETPRIORITY, 0, childPid, 5);
    const { killed } = await killNextWorker(s);
    assert.equal((await change()).error, 'EIO');
    await killed;
    assert.equal(nice(childPid), 0);
    assert.equal((await change()).error, '', 'the next one is not lost');
    assert.equal(nice(childPid), 5);
    assert.equal((await s.finish()).code, 0);
  });

  for (const user of users)
    test(`which makes a socket’s file, ${user.name}`, async () => {
      const w = makeWorld(user);
      const flags = optionFlag.supervise | optionFlag.unixRules;
      const s = actor(user, { flags, rules: [{ verdict: 'allow', path: w.work }] });
      const bind = async (path: string) => {
        const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(path)]);
        const socket = (await s.sys('socket', 1, 1, 0)).ret;
        return (await s.sys('bind', socket, text(address), address.length)).error;
      };
      const path = join(w.work, 'socket');
      const { killed } = await killNextWorker(s);
      assert.equal(await bind(path), 'EIO');
      await killed;
      assert.equal(existsSync(path), false);
      assert.equal(await bind(path), '', 'the next one is not lost');
      assert.equal(existsSync(path), true);
      assert.equal((await s.finish()).code, 0);
    });

  test('which sends one of several messages for a caller of another user', {
    skip: !installed('python3'),
  }, async () => {
    const { granted } = unixWorld(users[0] as TestUser);
    const script = `
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
os.setresuid(65534, 65534, 65534)
a, b = socket.socketpair()
message = ctypes.create_string_buffer(64)
print('begun', flush=True)
sys.stdin.readline()
for _ in range(2): print(libc.sendmmsg(a.fileno(), message, 1, 0), os.strerror(ctypes.get_errno()), flush=True)
`;
    const s = new Session(users[0] as TestUser, plan(granted), ['python3', '-c', script]);
    await s.until('its start', () => s.output.includes('begun') || undefined);
    const { killed } = await killNextWorker(s);
    s.tell('go');
    await killed;
    assert.equal((await s.ended).stdout, 'begun\n-1 Input/output error\n1 Input/output error\n');
  });

  for (const user of users)
    test(`which asks a file system that does not answer, ${user.name}`, {
      skip: !existsSync('/dev/fuse') && 'no FUSE here',
    }, async (t) => {
      const w = makeWorld(user);
      const mount = join(w.work, 'mnt');
      mkdirSync(mount);
      w.write('work/file', 'text');
      const unmount = await stuck(mount);
      if (unmount === undefined) return t.skip('FUSE cannot be mounted here');
      try {
        const s = actor(user, { rules: [{ verdict: 'allow', path: w.work }] });
        const { killed } = await killNextWorker(s);
        await s.ask('async', 'openat', AT_FDCWD, text(join(mount, 'file')), 0);
        await killed;
        assert.equal(await s.read(join(w.work, 'file')), 'text', 'nobody else waits');
        assert.equal((await s.asyncAnswer()).error, 'EIO');
        assert.equal((await s.finish()).code, 0);
      } finally {
        await unmount();
      }
    });
});
