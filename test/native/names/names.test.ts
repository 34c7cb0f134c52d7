/** Calls on names that nothing grants are held in ask mode, and performed once allowed: mkdir, rename and the like. */
import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, makeWorld, text } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const at = (path: string) => [AT_FDCWD, text(path)] as const;
    const directory = (path: string): void => {
      mkdirSync(path);
      if (user.uid !== process.getuid?.()) chownSync(path, user.uid, user.uid);
    };
    const asking = () =>
      actor(user, {
        mode: 'ask',
        rules: [
          { verdict: 'allow', path: world.work },
          { verdict: 'deny', path: join(world.outside, 'secret') },
        ],
      });

    test('each of them is held under its verb and made once allowed', async () => {
      const file = world.write('outside/file', 'x');
      const gone = world.write('outside/gone', 'x');
      directory(join(world.outside, 'empty'));
      const n = (name: string): string => join(world.outside, name);
      const calls: [string, string, readonly (string | number)[], () => boolean][] = [
        ['mkdir', 'mkdirat', [...at(n('made')), 0o750], () => statSync(n('made')).isDirectory()],
        ['rmdir', 'unlinkat', [...at(n('empty')), 0x200], () => !existsSync(n('empty'))],
        ['unlink', 'unlinkat', [...at(gone), 0], () => !existsSync(gone)],
        ['symlink', 'symlinkat', [text('file'), ...at(n('symlink'))], () => readFileSync(n('symlink'), 'utf8') === 'x'],
        ['mknod', 'mknodat', [...at(n('fifo')), 0o010600, 0], () => statSync(n('fifo')).isFIFO()],
        ['truncate', 'truncate', [text(file), 0], () => statSync(file).size === 0],
      ];
      const s = asking();
      for (const [i, [verb, call, args, done]] of calls.entries()) {
        s.tell('sys', call, ...args);
        const held = await s.event('held', i);
        assert.deepEqual([held.record.verb, held.record.access], [verb, 'write']);
        s.send({ type: 'verdict', holdId: held.holdId, allow: true });
        assert.equal((await s.answer()).error, '', verb);
        assert.ok(done(), verb);
      }
      await s.finish();
      assert.equal(statSync(n('made')).mode & 0o777, 0o750);
      assert.equal(statSync(n('made')).uid, user.uid);
    });

    test('rename and link show both sides, and a grant must cover both', async () => {
      const from = world.write('outside/from', 'moved');
      const to = join(world.base, 'elsewhere');
      directory(to);
      const s = asking();
      s.tell('sys', 'renameat2', ...at(from), ...at(join(to, 'moved')), 0);
      const held = await s.event('held');
      assert.deepEqual(
        [held.record.verb, held.record.path, held.record.access, held.record.other],
        ['rename', from, 'readwrite', { path: join(to, 'moved'), first: false, allowed: false }],
      );
      s.send({ type: 'add-rule', id: 900, verdict: 'allow', kind: 'tree', access: 'readwrite', path: world.outside });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(existsSync(from), true, 'one side is not enough');
      s.send({ type: 'add-rule', id: 901, verdict: 'allow', kind: 'tree', access: 'readwrite', path: to });
      assert.equal((await s.answer()).error, '');
      assert.equal(readFileSync(join(to, 'moved'), 'utf8'), 'moved');
      // Out of a granted directory: the place it goes to is what is asked about.
      const away = join(world.base, 'away');
      directory(away);
      const mine = world.write('work/mine', 'mine');
      s.tell('sys', 'linkat', ...at(mine), ...at(join(away, 'linked')), 0);
      const second = await s.event('held', 1);
      assert.deepEqual(
        [second.record.verb, second.record.path, second.record.other],
        ['link', join(away, 'linked'), { path: mine, first: true, allowed: true }],
      );
      s.send({ type: 'verdict', holdId: second.holdId, allow: true });
      assert.equal((await s.answer()).error, '');
      assert.equal(statSync(mine).nlink, 2);
      await s.finish();
    });

    test('a name under a deny rule is never asked about, on either side', async () => {
      const secret = world.write('outside/secret/key', 'TOPSECRET');
      const mine = world.write('work/mine', 'mine');
      const s = asking();
      assert.equal((await s.sys('renameat2', ...at(secret), ...at(join(world.outside, 'x')), 0)).error, 'EACCES');
      assert.equal((await s.sys('renameat2', ...at(mine), ...at(join(world.outside, 'secret/x')), 0)).error, 'EACCES');
      assert.equal((await s.sys('linkat', ...at(secret), ...at(join(world.work, 'x')), 0)).error, 'EACCES');
      assert.equal((await s.sys('unlinkat', ...at(secret), 0)).error, 'EACCES');
      assert.equal((await s.sys('renameat2', ...at(world.outside), ...at(join(world.work, 'x')), 0)).error, 'EACCES');
      await s.finish();
      assert.equal(s.all('held').length, 0);
      assert.equal(readFileSync(secret, 'utf8'), 'TOPSECRET');
    });

    test('a name that changed since it was shown is not acted on', async () => {
      const file = world.write('outside/shown', 'shown');
      const s = asking();
      s.tell('sys', 'unlinkat', ...at(file), 0);
      const held = await s.event('held');
      renameSync(file, `${file}.old`);
      world.write('outside/shown', 'another');
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.equal((await s.answer()).error, 'EACCES');
      assert.equal((await s.event('released')).outcome, 'changed');
      await s.finish();
      assert.equal(readFileSync(file, 'utf8'), 'another');
    });

    test('what the kernel refuses first is not asked about', async () => {
      const s = asking();
      assert.equal((await s.sys('unlinkat', ...at(join(world.outside, 'missing')), 0)).error, 'ENOENT');
      assert.equal((await s.sys('mkdirat', ...at(join(world.outside, 'secret')), 0o755)).error, 'EEXIST');
      if (user.uid !== 0) assert.equal((await s.sys('mkdirat', ...at('/usr/made'), 0o755)).error, 'EACCES');
      await s.finish();
      assert.equal(s.all('held').length, 0);
    });
  });
}
