import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { type Answer, AT_FDCWD, actor, makeWorld, O, RESOLVE, text } from '../session.ts';

/** Brokered opens: granted by a rule, off the floor, so every one of them is performed by the supervisor and injected. */
test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const brokered = () => actor(user, { rules: [{ verdict: 'allow', path: world.work }] });

    test('reads, writes, creates, truncates and appends for real', async () => {
      const old = world.write('work/old', 'old text');
      const s = brokered();
      assert.equal(await s.read(old), 'old text');
      const file = join(world.work, 'new');
      const made = await s.open(file, O.O_WRONLY | O.O_CREAT | O.O_EXCL, 0o666);
      assert.equal(made.error, '');
      assert.equal((await s.sys('write', made.ret, 's:hello', 5)).ret, 5);
      assert.equal(readFileSync(file, 'utf8'), 'hello');
      const more = await s.open(file, O.O_WRONLY | O.O_APPEND);
      assert.equal((await s.sys('write', more.ret, 's:+', 1)).ret, 1);
      assert.equal(readFileSync(file, 'utf8'), 'hello+');
      const cut = await s.open(old, O.O_RDWR | O.O_TRUNC);
      assert.equal(cut.error, '');
      assert.equal(readFileSync(old, 'utf8'), '');
      assert.equal((await s.sys('ftruncate', cut.ret, 3)).error, '');
      assert.equal(statSync(old).size, 3);
      assert.equal((await s.finish()).code, 0);
      assert.deepEqual(s.all('denied'), []);
    });

    test('nothing is made or cut for a caller without a free descriptor', async () => {
      const [prlimit, dup3] = process.arch === 'arm64' ? ['nr:261', 'nr:24'] : ['nr:302', 'nr:292'];
      const limit = 7; // RLIMIT_NOFILE
      const kept = world.write('work/kept', 'kept');
      const free = join(world.work, 'free');
      const s = brokered();
      const last = await s.open(kept, O.O_RDONLY);
      assert.equal((await s.sys(prlimit, 0, limit, `u64:${last.ret + 1}:${last.ret + 5}`, 0)).error, '');
      const cut = O.O_WRONLY | O.O_TRUNC;
      const make = O.O_WRONLY | O.O_CREAT;
      assert.equal((await s.open(kept, cut)).error, 'EMFILE');
      assert.equal(readFileSync(kept, 'utf8'), 'kept');
      assert.equal((await s.open(free, make, 0o600)).error, 'EMFILE');
      assert.equal(existsSync(free), false);
      // As many as the limit, and one of them above it.
      await s.sys(prlimit, 0, limit, `u64:${last.ret + 5}:${last.ret + 5}`, 0);
      assert.equal((await s.sys(dup3, last.ret, last.ret + 4, 0)).error, '');
      await s.sys('close', last.ret);
      await s.sys(prlimit, 0, limit, `u64:${last.ret + 1}:${last.ret + 5}`, 0);
      const made = await s.open(free, make, 0o600);
      assert.deepEqual([made.error, made.ret], ['', last.ret]);
      await s.sys('close', last.ret);
      assert.equal((await s.open(kept, cut)).error, '');
      assert.equal(readFileSync(kept, 'utf8'), '');
      await s.finish();
    });

    test('umask, mode and owner are the caller’s', async () => {
      const s = brokered();
      await s.sys('umask', 0o027);
      const file = join(world.work, 'masked');
      assert.equal((await s.open(file, O.O_WRONLY | O.O_CREAT, 0o777)).error, '');
      await s.finish();
      assert.equal(statSync(file).mode & 0o7777, 0o750);
      assert.equal(statSync(file).uid, user.uid);
    });

    test('O_CLOEXEC is what the caller asked for', async () => {
      const file = world.write('work/flags', '');
      const s = brokered();
      for (const [flag, expected] of [
        [0, 0],
        [O.O_CLOEXEC, 1],
      ] as const) {
        const opened = await s.open(file, O.O_RDONLY | flag);
        assert.equal((await s.sys('fcntl', opened.ret, 1)).ret, expected);
        // Status flags of a native open: none of the supervisor's own shines through.
        assert.equal((await s.sys('fcntl', opened.ret, 3)).ret & ~0o100000, O.O_RDONLY);
      }
      await s.finish();
    });

    test('relative to a directory descriptor, and to the working directory', async () => {
      const file = world.write('work/dir/inner', 'inner');
      const s = brokered();
      const dir = await s.open(join(world.work, 'dir'), O.O_RDONLY | O.O_DIRECTORY);
      assert.equal(dir.error, '');
      const byDir = await s.sys('openat', dir.ret, 's:inner', O.O_RDONLY, 0);
      assert.equal((await s.sys('read', byDir.ret, 'buf', 100)).data, 'inner');
      await s.sys('fchdir', dir.ret);
      assert.equal(await s.read('inner'), 'inner');
      assert.equal(await s.read('./../dir//inner'), 'inner');
      assert.equal(
        (await s.sys('openat', dir.ret, text(join(world.work, 'dir', 'made')), O.O_CREAT | O.O_WRONLY, 0o600)).error,
        '',
      );
      assert.equal(
        (await s.sys('openat', dir.ret, text('../../outside/x'), O.O_CREAT | O.O_WRONLY, 0o600)).error,
        'EACCES',
      );
      await s.finish();
      assert.ok(file);
    });

    test('a name with a slash behind it and "..", on the floor and off it', async () => {
      const floor = join(world.work, 'onfloor');
      world.write('work/onfloor/sub/x', 'in');
      world.write('work/elsewhere/y', 'out');
      symlinkSync('sub', join(floor, 'near'));
      symlinkSync('../elsewhere', join(floor, 'away'));
      symlinkSync('../../outside', join(floor, 'outside'));
      const s = actor(user, { floor: [floor], rules: [{ verdict: 'allow', path: world.work }], cwd: world.work });
      // Twice: the second time from what is remembered of the directory.
      for (const flags of [O.O_RDONLY, O.O_RDONLY | O.O_NOFOLLOW, O.O_RDONLY | O.O_DIRECTORY, O.O_RDONLY]) {
        for (const name of ['sub/', 'sub//', 'sub/.', 'near/', 'away/', 'away//', 'away/.', './away/'])
          assert.equal((await s.open(`${floor}/${name}`, flags)).error, '', `${name} ${flags}`);
        for (const name of ['outside/', 'outside/.'])
          assert.equal((await s.open(`${floor}/${name}`, flags)).error, 'EACCES', `${name} ${flags}`);
        assert.equal((await s.open(`${floor}/sub/x/`, flags)).error, 'ENOTDIR');
        assert.equal((await s.open(`${floor}/none/`, flags)).error, 'ENOENT');
      }
      const up = async (from: number): Promise<Answer> => s.sys('openat', from, 's:..', O.O_RDONLY | O.O_DIRECTORY, 0);
      for (let round = 0; round < 2; round++) {
        const sub = await s.open(join(floor, 'sub'), O.O_RDONLY);
        const onFloor = await up(sub.ret);
        assert.equal(onFloor.error, '');
        assert.equal(
          (await s.sys('read', (await s.sys('openat', onFloor.ret, 's:sub/x', 0)).ret, 'buf', 9)).data,
          'in',
        );
        const off = await up(onFloor.ret);
        assert.equal(off.error, '');
        assert.equal(
          (await s.sys('read', (await s.sys('openat', off.ret, 's:elsewhere/y', 0)).ret, 'buf', 9)).data,
          'out',
        );
        assert.equal((await up(off.ret)).error, 'EACCES');
        // What is above is asked for where the directory is by now.
        renameSync(join(floor, 'sub'), join(world.outside, 'sub'));
        assert.equal((await up(sub.ret)).error, 'EACCES');
        renameSync(join(world.outside, 'sub'), join(floor, 'sub'));
      }
      await s.finish();
    });

    test('below a directory that is missing on the floor, and once something is there', async () => {
      const floor = join(world.work, 'loader');
      world.write('work/loader/lib/libc', 'real');
      world.write('work/loader/file', '');
      symlinkSync('../later', join(floor, 'away'));
      symlinkSync('../../outside/later', join(floor, 'outside'));
      const s = actor(user, { floor: [floor], rules: [{ verdict: 'allow', path: world.work }], cwd: world.work });
      const error = async (name: string, flags: number = O.O_RDONLY): Promise<string> =>
        (await s.open(`${floor}/${name}`, flags, 0o600)).error;
      for (const flags of [O.O_RDONLY, O.O_CREAT | O.O_WRONLY, O.O_RDONLY | O.O_NOFOLLOW])
        for (const name of ['lib/hwcaps/v4/libc', 'lib/hwcaps/libc', 'a/b/c/d/e/f/g/x', 'away/sub/x', 'outside/sub/x'])
          assert.equal(await error(name, flags), 'ENOENT', `${name} ${flags}`);
      assert.equal(await error('file/below/x'), 'ENOTDIR');
      // What appears there is what counts, at once, and by the policy of where it really is.
      world.write('work/loader/lib/hwcaps/v4/libc', 'faster');
      world.write('work/later/sub/x', 'brokered');
      world.write('outside/later/sub/x', 'secret');
      world.own();
      assert.equal(await s.read(`${floor}/lib/hwcaps/v4/libc`), 'faster');
      assert.equal(await s.read(`${floor}/away/sub/x`), 'brokered');
      assert.equal(await error('outside/sub/x'), 'EACCES');
      await s.finish();
    });

    test('O_TMPFILE makes a nameless file that reads back', async () => {
      const s = brokered();
      const made = await s.open(world.work, O.O_TMPFILE | O.O_RDWR, 0o600);
      assert.equal(made.error, '');
      assert.equal((await s.sys('write', made.ret, 's:abc', 3)).ret, 3);
      assert.equal((await s.open(world.outside, O.O_TMPFILE | O.O_RDWR, 0o600)).error, 'EACCES');
      await s.finish();
    });

    test('errors are the kernel’s own', async () => {
      const file = world.write('work/plain', 'x');
      world.write('work/sub/x', '');
      symlinkSync('plain', join(world.work, 'link'));
      symlinkSync('loop', join(world.work, 'loop'));
      symlinkSync('/nowhere/at/all', join(world.work, 'dangling'));
      const table: [string, number, string][] = [
        [join(world.work, 'none'), O.O_RDONLY, 'ENOENT'],
        [join(world.work, 'none/below'), O.O_CREAT | O.O_WRONLY, 'ENOENT'],
        [`${join(world.work, 'none')}/`, O.O_CREAT | O.O_WRONLY, 'EISDIR'],
        [file, O.O_CREAT | O.O_EXCL | O.O_WRONLY, 'EEXIST'],
        [join(world.work, 'link'), O.O_CREAT | O.O_EXCL | O.O_WRONLY, 'EEXIST'],
        [join(world.work, 'link'), O.O_RDONLY | O.O_NOFOLLOW, 'ELOOP'],
        [join(world.work, 'loop'), O.O_RDONLY, 'ELOOP'],
        [join(world.work, 'dangling'), O.O_RDONLY, 'ENOENT'],
        [join(file, 'below'), O.O_RDONLY, 'ENOTDIR'],
        [`${file}/`, O.O_RDONLY, 'ENOTDIR'],
        [file, O.O_RDONLY | O.O_DIRECTORY, 'ENOTDIR'],
        [join(world.work, 'sub'), O.O_WRONLY, 'EISDIR'],
        [join(world.work, 'sub'), O.O_CREAT | O.O_RDONLY, 'EISDIR'],
        [join(world.work, 'x'.repeat(300)), O.O_CREAT | O.O_WRONLY, 'ENAMETOOLONG'],
        [`${world.work}/${'y/'.repeat(2100)}`, O.O_RDONLY, 'ENAMETOOLONG'],
        ['', O.O_RDONLY, 'ENOENT'],
      ];
      // Outside of what is granted, too: a hard error is not a denial, and raises no prompt.
      const away: [string, number, string][] = [
        [join(world.outside, 'none'), O.O_RDONLY, 'ENOENT'],
        [world.write('outside/there', ''), O.O_CREAT | O.O_EXCL | O.O_WRONLY, 'EEXIST'],
        [join(world.outside, 'there'), O.O_RDONLY | O.O_DIRECTORY, 'ENOTDIR'],
        [`${join(world.outside, 'there')}/`, O.O_RDONLY, 'ENOTDIR'],
        [`${join(world.outside, 'there')}/`, O.O_CREAT | O.O_WRONLY, 'EISDIR'],
        [`${join(world.outside, 'there')}/.`, O.O_RDONLY, 'ENOTDIR'],
        [join(world.outside, 'there/below'), O.O_CREAT | O.O_WRONLY, 'ENOTDIR'],
        [world.outside, O.O_WRONLY, 'EISDIR'],
      ];
      const s = brokered();
      for (const [path, flags, expected] of [...table, ...away]) {
        assert.equal((await s.open(path, flags, 0o600)).error, expected, `${path.slice(0, 120)} ${flags}`);
      }
      assert.equal((await s.sys('openat', 999, 's:x', O.O_RDONLY, 0)).error, 'EBADF');
      assert.equal((await s.sys('openat', AT_FDCWD, 1, O.O_RDONLY, 0)).error, 'EFAULT');
      await s.finish();
      assert.deepEqual(s.all('denied'), []);
    });

    test('openat2 restrictions hold in the broker', async () => {
      world.write('work/r/deep/file', 'text');
      symlinkSync('deep/file', join(world.work, 'r/inside'));
      symlinkSync('../old', join(world.work, 'r/up'));
      symlinkSync('deep', join(world.work, 'r/dir'));
      world.write('work/old', 'old');
      const s = brokered();
      const dir = (await s.open(join(world.work, 'r'), O.O_RDONLY)).ret;
      const open2 = (path: string, resolve: number, flags: number = O.O_RDONLY, mode = 0) =>
        s.sys('openat2', dir, text(path), `how:${flags}:${mode}:${resolve}`, 24);
      const table: [string, number, string][] = [
        ['deep/file', RESOLVE.beneath | RESOLVE.noSymlinks, ''],
        ['inside', RESOLVE.beneath, ''],
        ['inside', RESOLVE.noSymlinks, 'ELOOP'],
        ['dir/file', RESOLVE.noSymlinks, 'ELOOP'],
        ['up', RESOLVE.beneath, 'EXDEV'],
        ['../old', RESOLVE.beneath, 'EXDEV'],
        [join(world.work, 'old'), RESOLVE.beneath, 'EXDEV'],
        ['../old', RESOLVE.inRoot, 'ENOENT'],
        ['/deep/file', RESOLVE.inRoot, ''],
        ['inside', 1 << 20, 'EINVAL'],
      ];
      for (const [path, resolve, expected] of table)
        assert.equal((await open2(path, resolve)).error, expected, `${path} ${resolve}`);
      assert.equal((await open2('deep/file', 0, O.O_RDONLY, 0o600)).error, 'EINVAL');
      assert.equal((await open2('deep/made', RESOLVE.beneath, O.O_CREAT | O.O_WRONLY, 0o600)).error, '');
      assert.equal((await s.sys('openat2', dir, 's:deep/file', 'how:0:0:0', 8)).error, 'EINVAL');
      await s.finish();
    });

    test('the access mode that is neither reading nor writing opens nothing, with a mark or without, and not by openat2', async () => {
      const s = brokered();
      const NEITHER = 3;
      for (const path of ['/dev/null', '/dev/tty', world.write('work/old', 'old'), world.write('outside/old', 'old')]) {
        for (const words of [[], [0, 'mark']] as const)
          assert.equal((await s.sys('openat', AT_FDCWD, text(path), NEITHER, 0, ...words)).error, 'EACCES', path);
        assert.equal((await s.sys('openat2', AT_FDCWD, text(path), `how:${NEITHER}:0:0`, 24)).error, 'EACCES', path);
      }
      assert.ok((await s.open('/dev/tty', NEITHER | O.O_PATH)).ret > 2);
      await s.finish();
      assert.deepEqual(s.all('denied'), []);
    });

    test('openat2 is performed on the floor too, and never sent on', async () => {
      const s = actor(user, {
        readFloor: [world.work],
        rules: [{ verdict: 'allow', kind: 'tree', path: world.work }],
      });
      const file = world.write('work/on-the-floor', 'text');
      const open2 = (path: string, flags: number) => s.sys('openat2', AT_FDCWD, text(path), `how:${flags}:0:0`, 24);
      const fd = (await open2(file, O.O_RDONLY)).ret;
      assert.ok(fd > 2);
      assert.equal((await s.sys('read', fd, 'buf', 10)).data, 'text');
      assert.equal((await open2(`${file}-missing`, O.O_RDONLY)).error, 'ENOENT');
      // A device would be opened for this process, and a descriptor without data cannot be handed over: openat is there for them.
      assert.equal((await open2('/dev/null', O.O_RDONLY)).error, 'ENOSYS');
      assert.equal((await open2(file, O.O_PATH)).error, 'ENOSYS');
      await s.finish();
      assert.deepEqual(s.all('denied'), []);
    });

    test('a granted file that is replaced atomically stays granted', async () => {
      const file = world.write('granted', 'first');
      const s = actor(user, { readFloor: [file], rules: [{ verdict: 'allow', kind: 'exact', path: file }] });
      assert.equal(await s.read(file), 'first');
      renameSync(world.write('granted.new', 'second'), file);
      assert.equal(await s.read(file), 'second');
      await s.finish();
    });
  });
}
