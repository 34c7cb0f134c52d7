import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, makeWorld, O, RESOLVE, type Session, text } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

/** Tries to read the path in many spellings; what each answered. */
async function spellings(s: Session, path: string): Promise<string[]> {
  const parts = path.split('/').slice(1);
  const spelt = [
    path,
    `/${path}`,
    `/${parts.join('//')}`,
    `/./${parts.join('/./')}`,
    `/${parts[0]}/../${parts.join('/')}`,
    `/proc/self/root${path}`,
  ];
  spelt.push(
    `/proc/thread-self/root${path}`,
    `/proc/self/task/../root${path}`,
    `/proc/self/cwd/../../../../../../..${path}`,
    `/dev/../${parts.join('/')}`,
  );
  const answers = [];
  for (const p of spelt) answers.push(await s.read(p));
  return answers;
}

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const secret = world.write('work/secret/key', 'TOPSECRET');
    const plain = world.write('work/plain', 'plain');
    const away = world.write('outside/file', 'TOPSECRET');
    const guarded = () =>
      actor(user, {
        rules: [
          { verdict: 'allow', path: world.work },
          { verdict: 'deny', path: join(world.work, 'secret') },
          { verdict: 'deny', path: join(world.work, 'later') },
          { verdict: 'deny', access: 'write', path: join(world.work, 'fixed') },
        ],
      });

    test('what no rule grants is denied and reported with its real path', async () => {
      const s = guarded();
      assert.equal(await s.read(away), 'EACCES');
      assert.equal((await s.open(join(world.outside, 'made'), O.O_CREAT | O.O_WRONLY, 0o600)).error, 'EACCES');
      assert.equal((await s.open(away, O.O_WRONLY | O.O_TRUNC)).error, 'EACCES');
      const first = (await s.event('denied')).record;
      assert.deepEqual([first.path, first.access, first.reason, first.comm], [away, 'read', 'not-granted', 'actor']);
      await s.finish();
      assert.equal(existsSync(join(world.outside, 'made')), false);
      assert.equal(readFileSync(away, 'utf8'), 'TOPSECRET');
    });

    test('who was denied is called as the program calls itself; where that only names a thread (Node.js), by its file', async () => {
      const s = guarded();
      const PR_SET_NAME = 15;
      for (const name of ['mine', 'MainThread']) {
        assert.equal((await s.sys('prctl', PR_SET_NAME, text(name))).error, '');
        assert.equal(await s.read(world.write(`outside/${name}`, 'TOPSECRET')), 'EACCES');
      }
      await s.finish();
      assert.deepEqual(
        s.all('denied').map((e) => e.record.comm),
        ['mine', 'actor'],
      );
    });

    test('a deny below an allow holds in every spelling', async () => {
      const s = guarded();
      for (const answer of await spellings(s, secret)) assert.ok(['EACCES', 'ENOENT'].includes(answer), answer);
      for (const answer of await spellings(s, away)) assert.ok(['EACCES', 'ENOENT'].includes(answer), answer);
      assert.equal(await s.read(plain), 'plain');
      await s.finish();
      assert.ok(s.all('denied').some((e) => e.record.reason === 'denied-by-rule' && e.record.path === secret));
    });

    test('a denied path that does not exist yet cannot be created, nor read once somebody else did', async () => {
      const later = join(world.work, 'later');
      const s = guarded();
      assert.equal((await s.open(later, O.O_CREAT | O.O_WRONLY, 0o600)).error, 'EACCES');
      assert.equal(existsSync(later), false);
      world.write('work/later', 'TOPSECRET');
      assert.equal(await s.read(later), 'EACCES');
      rmSync(later);
      world.write('work/later/deep/file', 'TOPSECRET');
      assert.equal(await s.read(join(later, 'deep/file')), 'EACCES');
      assert.equal((await s.open(join(later, 'deep/new'), O.O_CREAT | O.O_WRONLY, 0o600)).error, 'EACCES');
      await s.finish();
      rmSync(later, { recursive: true });
    });

    test('a write deny leaves reading alone, O_RDONLY|O_TRUNC included', async () => {
      const fixed = world.write('work/fixed', 'fixed');
      const s = guarded();
      assert.equal(await s.read(fixed), 'fixed');
      for (const flags of [O.O_WRONLY, O.O_RDWR, O.O_RDONLY | O.O_TRUNC, O.O_WRONLY | O.O_APPEND, 3]) {
        assert.equal((await s.open(fixed, flags)).error, 'EACCES', String(flags));
      }
      assert.equal((await s.sys('truncate', text(fixed), 0)).error, 'EACCES');
      await s.finish();
      assert.equal(readFileSync(fixed, 'utf8'), 'fixed');
    });

    test('symlinks decide by where they lead', async () => {
      symlinkSync(secret, join(world.work, 'to-secret'));
      symlinkSync('secret', join(world.work, 'to-dir'));
      symlinkSync(world.outside, join(world.work, 'to-outside'));
      symlinkSync(join(world.outside, 'fresh'), join(world.work, 'to-missing'));
      symlinkSync(join(world.work, 'later'), join(world.work, 'to-later'));
      symlinkSync('to-secret', join(world.work, 'twice'));
      symlinkSync(`/proc/self/root${secret}`, join(world.work, 'magic'));
      const s = guarded();
      for (const link of [
        'to-secret',
        'to-dir/key',
        'to-outside/file',
        'twice',
        'to-dir/../secret/key',
        'to-outside/../work/secret/key',
      ]) {
        assert.equal(await s.read(`${world.work}/${link}`), 'EACCES', link);
      }
      assert.equal(await s.read(join(world.work, 'magic')), 'EACCES');
      for (const link of ['to-missing', 'to-later', 'to-outside/fresh', 'to-dir/fresh']) {
        assert.equal((await s.open(join(world.work, link), O.O_CREAT | O.O_WRONLY, 0o600)).error, 'EACCES', link);
      }
      // `..` after a symlink is the target's parent.
      assert.equal(await s.read(`${world.work}/to-outside/../work/plain`), 'plain');
      await s.finish();
      assert.equal(existsSync(join(world.outside, 'fresh')), false);
      assert.equal(existsSync(join(world.work, 'later')), false);
    });

    test('descriptors and working directories inside a denied directory give nothing', async () => {
      const s = guarded();
      // O_PATH and chdir open no data; the kernel and the policy let them pass.
      const dir = (await s.open(join(world.work, 'secret'), O.O_PATH | O.O_DIRECTORY)).ret;
      assert.ok(dir > 2);
      const file = (await s.open(secret, O.O_PATH)).ret;
      assert.equal((await s.sys('openat', dir, 's:key', O.O_RDONLY, 0)).error, 'EACCES');
      assert.equal((await s.sys('openat', dir, 's:./key', O.O_RDONLY, 0)).error, 'EACCES');
      assert.equal((await s.sys('openat', dir, 's:.', O.O_RDONLY, 0)).error, 'EACCES');
      assert.equal((await s.sys('openat2', dir, 's:key', `how:0:0:${RESOLVE.beneath}`, 24)).error, 'EACCES');
      assert.equal((await s.sys('openat2', dir, 's:/key', `how:0:0:${RESOLVE.inRoot}`, 24)).error, 'EACCES');
      for (const through of [
        `/proc/self/fd/${file}`,
        `/dev/fd/${file}`,
        `/proc/thread-self/fd/${file}`,
        `/proc/self/fd/${dir}/key`,
        `/proc//self/fd/${file}`,
      ]) {
        assert.equal(await s.read(through), 'EACCES', through);
      }
      assert.equal((await s.sys('fchdir', dir)).error, '');
      assert.equal(await s.read('key'), 'EACCES');
      assert.equal(await s.read('/proc/self/cwd/key'), 'EACCES');
      assert.equal((await s.open('made', O.O_CREAT | O.O_WRONLY, 0o600)).error, 'EACCES');
      assert.equal((await s.open('.', O.O_TMPFILE | O.O_RDWR, 0o600)).error, 'EACCES');
      await s.finish();
      assert.equal(existsSync(join(world.work, 'secret/made')), false);
    });

    test('a caller that cannot be read gets what the floor grants, and nothing else', async () => {
      const s = actor(user, {
        readFloor: [plain],
        rules: [
          { verdict: 'allow', path: world.work },
          { verdict: 'deny', path: join(world.work, 'secret') },
        ],
      });
      const PR_SET_DUMPABLE = 4;
      assert.equal((await s.sys('prctl', PR_SET_DUMPABLE, 0, 0, 0, 0)).error, '');
      assert.equal(await s.read(plain), 'plain');
      assert.equal(await s.read(secret), 'EACCES');
      assert.equal(await s.read(away), 'EACCES');
      await s.finish();
    });

    test('strange names are names', async () => {
      const s = guarded();
      for (const name of [
        'new\nline',
        ' (deleted)',
        'key (deleted)',
        '\x1b[31m',
        'ünïcode',
        '"quoted"',
        '%41',
        `${'n'.repeat(255)}`,
      ]) {
        const path = join(world.work, name);
        assert.equal((await s.open(path, O.O_CREAT | O.O_RDWR, 0o600)).error, '', name);
        assert.equal(existsSync(path), true);
        assert.equal((await s.open(join(world.outside, name), O.O_CREAT | O.O_RDWR, 0o600)).error, 'EACCES', name);
      }
      // A file removed while open prints "… (deleted)": it must not be taken for the file of that name.
      world.write('work/gone', 'gone');
      world.write('work/gone (deleted)', 'other');
      const gone = (await s.open(join(world.work, 'gone'), O.O_RDONLY)).ret;
      rmSync(join(world.work, 'gone'));
      assert.notEqual(await s.read(`/proc/self/fd/${gone}`), 'other');
      await s.finish();
    });

    test('the floor refuses names made, moved or linked outside', async () => {
      mkdirSync(join(world.base, 'floor'), { recursive: true });
      world.write('floor/mine', 'mine');
      const s = actor(user, { floor: [join(world.base, 'floor')] });
      const at = (path: string) => [AT_FDCWD, text(path)] as const;
      const mine = join(world.base, 'floor/mine');
      assert.equal((await s.sys('mkdirat', ...at(join(world.outside, 'd')), 0o755)).error, 'EACCES');
      assert.equal((await s.sys('symlinkat', text('/etc'), ...at(join(world.outside, 'l')))).error, 'EACCES');
      assert.equal((await s.sys('mknodat', ...at(join(world.outside, 'p')), 0o010644, 0)).error, 'EACCES');
      assert.equal((await s.sys('unlinkat', ...at(away), 0)).error, 'EACCES');
      assert.notEqual((await s.sys('renameat2', ...at(mine), ...at(join(world.outside, 'mine')), 0)).error, '');
      assert.notEqual((await s.sys('renameat2', ...at(away), ...at(join(world.base, 'floor/in')), 0)).error, '');
      assert.notEqual((await s.sys('renameat2', ...at(away), ...at(mine), 2)).error, '');
      assert.notEqual((await s.sys('linkat', ...at(away), ...at(join(world.base, 'floor/in')), 0)).error, '');
      assert.equal(await s.read(mine), 'mine');
      await s.finish();
      assert.equal(existsSync(join(world.base, 'floor/in')), false);
      assert.equal(readFileSync(away, 'utf8'), 'TOPSECRET');
      assert.ok(s.all('denied').some((e) => e.record.verb === 'mkdir'));
    });

    for (const flavour of ['symlink', 'directory'] as const) {
      test(`a ${flavour} swapped all the time never opens what is denied`, async () => {
        world.write(`work/race-${flavour}/good/file`, 'harmless');
        world.write('work/secret/file', 'TOPSECRET');
        const dir = join(world.work, `race-${flavour}`);
        const s = actor(user, {
          floor: [dir],
          rules: [
            { verdict: 'allow', path: world.work },
            { verdict: 'deny', path: join(world.work, 'secret') },
          ],
        });
        // The brokered target is off the floor; the link lies on it, so that the actor can swap it.
        world.write('work/brokered/file', 'harmless');
        const link = join(dir, 'link');
        const [good, bad] = [join(world.work, 'brokered'), join(world.work, 'secret')];
        const leaf = flavour === 'symlink' ? ['/file', ''] : ['', '/file'];
        await s.ask('swap', good + leaf[0], bad + leaf[0], link, 1000);
        const hunted = await s.ask('hunt', link + leaf[1], 'TOPSECRET', 1000);
        assert.equal(hunted.data, 'clean');
        assert.ok(hunted.ret > 0, 'the allowed half was opened');
        await s.finish();
      });
    }

    test('a directory renamed into the place of another while held open stays what it is', async () => {
      world.write('work/a/file', 'harmless');
      const s = guarded();
      const dir = (await s.open(join(world.work, 'a'), O.O_RDONLY | O.O_DIRECTORY)).ret;
      renameSync(join(world.work, 'a'), join(world.work, 'secret/a'));
      assert.equal((await s.sys('openat', dir, 's:file', O.O_RDONLY, 0)).error, 'EACCES');
      await s.finish();
    });
  });
}
