/** chmod, chown, utime, xattr and inode flags: Landlock leaves them alone, so the supervisor decides them as writes and performs them itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, makeWorld, O, type Session, text } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

const NODUMP = 0x40;
/** ext4 wants to keep it. */
const EXTENTS = 0x80000;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_IOC_FSSETXATTR = 0x401c5820;
const PR_SET_DUMPABLE = 4;
const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

/** Every call on the file by path or by a descriptor that is open for reading; what each answered. */
async function everyCall(s: Session, path: string): Promise<Record<string, string>> {
  const fd = (await s.open(path, O.O_RDONLY)).ret;
  const calls: Record<string, readonly (string | number)[]> = {
    chmod: ['fchmodat', AT_FDCWD, text(path), 0o777],
    chown: ['fchownat', AT_FDCWD, text(path), -1, -1, 0],
    utime: ['utimensat', AT_FDCWD, text(path), 0, 0],
    setxattr: ['setxattr', text(path), 's:user.planted', 's:x', 1, 0],
    removexattr: ['removexattr', text(path), 's:user.mark'],
    'by /proc': ['fchmodat', AT_FDCWD, text(`/proc/self/root${path}`), 0o777],
  };
  if (fd >= 0) {
    calls['fchmod'] = ['fchmod', fd, 0o777];
    calls['fchown'] = ['fchown', fd, -1, -1];
    calls['futimens'] = ['utimensat', fd, 0, 0, 0];
    calls['fsetxattr'] = ['fsetxattr', fd, 's:user.planted', 's:x', 1, 0];
    calls['flags'] = ['ioctl', fd, FS_IOC_SETFLAGS, `u64:${NODUMP | EXTENTS}`];
    calls['flags, newer'] = ['ioctl', fd, FS_IOC_FSSETXATTR, 'u64:0:0:0:0'];
    calls['by /proc/self/fd'] = ['fchmodat', AT_FDCWD, text(`/proc/self/fd/${fd}`), 0o777];
  }
  const answers: Record<string, string> = {};
  for (const [name, [call = '', ...args]] of Object.entries(calls))
    answers[name] = (await s.sys(String(call), ...args)).error;
  return answers;
}

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const readable = world.write('read/file', 'x', 0o640);
    const denied = world.write('work/denied/file', 'x', 0o640);
    const granted = world.write('work/file', 'x', 0o640);
    const session = (mode: 'deny' | 'ask' = 'deny', floor: readonly string[] = []) =>
      actor(user, {
        mode,
        floor,
        readFloor: [join(world.base, 'read')],
        rules: [
          { verdict: 'allow', path: world.work },
          { verdict: 'allow', access: 'read', path: join(world.base, 'read') },
          { verdict: 'deny', path: join(world.work, 'denied') },
        ],
      });

    test('nothing changes on a file that is granted for reading only, nor on a denied one', async () => {
      const s = session();
      const before = [statSync(readable), statSync(denied)];
      for (const path of [readable, denied]) {
        const answers = await everyCall(s, path);
        assert.ok(Object.keys(answers).length >= 6);
        for (const [name, error] of Object.entries(answers)) assert.equal(error, 'EACCES', `${name} on ${path}`);
      }
      assert.equal((await s.sys('truncate', text(readable), 0)).error, 'EACCES');
      await s.finish();
      const after = [statSync(readable), statSync(denied)];
      for (const [i, old] of before.entries()) {
        assert.deepEqual([after[i]?.mode, after[i]?.mtimeMs, after[i]?.ctimeMs], [old.mode, old.mtimeMs, old.ctimeMs]);
      }
      const verbs = new Set(s.all('denied').map((e) => e.record.verb));
      for (const verb of ['chmod', 'chown', 'utime', 'setxattr', 'removexattr', 'ioctl', 'truncate'])
        assert.ok(verbs.has(verb as never), verb);
    });

    test('everything works where writing is granted, on the floor and off it', async () => {
      const onFloor = world.write('floor/file', 'x', 0o640);
      const s = session('deny', [join(world.base, 'floor')]);
      for (const path of [granted, onFloor]) {
        for (const [name, error] of Object.entries(await everyCall(s, path))) {
          if (name !== 'removexattr') assert.equal(error, '', `${name} on ${path}`);
          else assert.equal(error, 'ENODATA');
        }
        assert.equal(mode(path), '777');
      }
      await s.finish();
      assert.equal(s.all('denied').length, 0);
    });

    test('microseconds that are none are refused as the kernel does, and nothing is computed with them', {
      skip: process.arch !== 'x64' && 'these calls are there on x86-64 only',
    }, async () => {
      const s = session('deny');
      const before = statSync(granted).mtimeMs;
      const utimes = 235;
      const futimesat = 261;
      for (const micro of [1_000_000n, -1n, 0x7fffffffffffffffn, -0x8000000000000000n].map((n) =>
        BigInt.asUintN(64, n),
      ))
        for (const times of [`u64:1:${micro}:1:0`, `u64:1:0:1:${micro}`]) {
          assert.equal((await s.sys(`nr:${utimes}`, text(granted), times)).error, 'EINVAL', times);
          assert.equal((await s.sys(`nr:${futimesat}`, AT_FDCWD, text(granted), times)).error, 'EINVAL', times);
        }
      assert.equal(statSync(granted).mtimeMs, before);
      await s.finish();
    });

    test('a link, a moved file and a removed one are decided as the object that they are', async () => {
      symlinkSync(readable, join(world.work, 'to-readable'));
      const moved = world.write('read/moved', 'x', 0o640);
      const removed = world.write('read/removed', 'x', 0o640);
      const twice = world.write('read/twice', 'x', 0o640);
      linkSync(twice, join(world.base, 'read/again'));
      const s = session();
      assert.equal((await s.sys('fchmodat', AT_FDCWD, text(join(world.work, 'to-readable')), 0o777)).error, 'EACCES');
      const fds = [];
      for (const path of [moved, removed, twice]) fds.push((await s.open(path, O.O_RDONLY)).ret);
      const [a, b, c] = fds as [number, number, number];
      renameSync(moved, join(world.base, 'read/elsewhere'));
      rmSync(removed);
      rmSync(twice);
      for (const fd of [a, b, c]) {
        assert.equal((await s.sys('fchmod', fd, 0o777)).error, 'EACCES');
        assert.equal((await s.sys('fchmodat', AT_FDCWD, text(`/proc/self/fd/${fd}`), 0o777)).error, 'EACCES');
      }
      // What a session made and removed again is its own.
      const own = (await s.open(join(world.work, 'own'), O.O_CREAT | O.O_RDWR, 0o600)).ret;
      rmSync(join(world.work, 'own'));
      assert.equal((await s.sys('fchmod', own, 0o640)).error, '');
      const nameless = (await s.open(world.work, O.O_TMPFILE | O.O_RDWR, 0o600)).ret;
      assert.equal((await s.sys('fchmod', nameless, 0o640)).error, '');
      const memory = (await s.sys('memfd_create', 's:m', 0)).ret;
      assert.equal((await s.sys('fchmod', memory, 0o600)).error, '');
      assert.equal(
        (
          await s.sys(
            'linkat',
            AT_FDCWD,
            text(`/proc/self/fd/${nameless}`),
            AT_FDCWD,
            text(join(world.work, 'named')),
            0x400,
          )
        ).error,
        '',
      );
      await s.finish();
      assert.deepEqual(
        [mode(readable), mode(join(world.base, 'read/elsewhere')), mode(join(world.base, 'read/again'))],
        ['640', '640', '640'],
      );
      assert.equal(mode(join(world.work, 'named')), '640');
    });

    test('inode flags in other forms, verity, snapshots and the like are refused on every descriptor', async () => {
      const s = session();
      const fd = (await s.open(granted, O.O_RDONLY)).ret;
      const refused = { EPERM: [0x50009401, 0x50009417, 0x5000940e, 0x5000940f], ENOTTY: [0x40046602, 0x40087602] };
      for (const [error, commands] of Object.entries(refused))
        for (const command of commands) assert.equal((await s.sys('ioctl', fd, command, 'u64:0:0')).error, error);
      await s.finish();
    });

    test('/dev/null can be touched and nothing else', async () => {
      const before = statSync('/dev/null');
      const s = actor(user, { rules: [{ verdict: 'allow', path: '/dev/null' }] });
      assert.equal((await s.sys('fchmodat', AT_FDCWD, 's:/dev/null', 0o600)).error, 'EPERM');
      assert.equal((await s.sys('fchownat', AT_FDCWD, 's:/dev/null', user.uid, user.uid, 0)).error, 'EPERM');
      assert.equal((await s.sys('utimensat', AT_FDCWD, 's:/dev/null', 0, 0)).error, '');
      await s.finish();
      const after = statSync('/dev/null');
      assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
    });

    test('a caller that hides its memory is decided as any other', async () => {
      chmodSync(granted, 0o640);
      const s = session();
      const fd = (await s.open(granted, O.O_RDWR)).ret;
      assert.equal((await s.sys('prctl', PR_SET_DUMPABLE, 0, 0, 0, 0)).error, '');
      assert.equal((await s.sys('fchmodat', AT_FDCWD, text(granted), 0o600)).error, '');
      assert.equal((await s.sys('fchmod', fd, 0o604)).error, '');
      assert.equal((await s.sys('fchmodat', AT_FDCWD, text(denied), 0o777)).error, 'EACCES');
      await s.finish();
      assert.deepEqual([mode(granted), mode(denied)], ['604', '640']);
    });

    test('held, a change is made once it is allowed, to the object that was shown', async () => {
      const outside = world.write('outside/file', 'x', 0o640);
      const swapped = world.write('outside/swapped', 'x', 0o640);
      const s = session('ask');
      s.tell('sys', 'fchmodat', AT_FDCWD, text(outside), 0o600);
      const held = await s.event('held');
      assert.deepEqual([held.record.verb, held.record.path, held.record.access], ['chmod', outside, 'write']);
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.equal((await s.answer()).error, '');
      assert.equal(mode(outside), '600');
      s.tell('sys', 'setxattr', text(outside), 's:user.held', 's:value', 5, 0);
      const second = await s.event('held', 1);
      s.send({ type: 'verdict', holdId: second.holdId, allow: false });
      assert.equal((await s.answer()).error, 'EACCES');
      s.tell('sys', 'fchmodat', AT_FDCWD, text(swapped), 0o777);
      const third = await s.event('held', 2);
      renameSync(swapped, `${swapped}.old`);
      world.write('outside/swapped', 'y', 0o640);
      s.send({ type: 'verdict', holdId: third.holdId, allow: true });
      assert.equal((await s.answer()).error, 'EACCES');
      await s.finish();
      assert.deepEqual([mode(swapped), mode(`${swapped}.old`)], ['640', '640']);
      assert.equal(spawnSync('getfattr', ['-n', 'user.held', outside]).status === 0, false);
      assert.deepEqual(
        s.all('released').map((e) => e.outcome),
        ['allowed', 'denied', 'changed'],
      );
    });

    test('nobody is asked about what the kernel refuses anyway', {
      skip: user.uid === 0 ? 'root may' : false,
    }, async () => {
      const s = session('ask');
      assert.equal((await s.sys('fchmodat', AT_FDCWD, 's:/usr/bin/env', 0o777)).error, 'EPERM');
      assert.equal((await s.sys('utimensat', AT_FDCWD, 's:/usr/bin/env', 0, 0)).error, 'EACCES');
      await s.finish();
      assert.equal(s.all('held').length, 0);
    });
  });
}
