/** Names relative to a descriptor: the directory's path is remembered, and must be what it is by now whenever something is done. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, makeWorld, O, type Session, text, type World } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

interface Scene {
  readonly world: World;
  readonly session: Session;
  /** Held open inside, and remembered by the supervisor: one of its names has been removed already. */
  readonly directory: number;
}

const FILES = ['first', 'second', 'third'];

async function scene(user: TestUser): Promise<Scene> {
  const world = makeWorld(user);
  for (const name of ['held', 'denied', 'read']) for (const file of FILES) world.write(`work/${name}/${file}`, name);
  const session = actor(user, {
    rules: [
      { verdict: 'allow', path: world.work },
      { verdict: 'deny', path: join(world.work, 'denied') },
    ],
  });
  const opened = await session.open(join(world.work, 'held'), O.O_RDONLY | O.O_DIRECTORY);
  assert.equal(opened.error, '');
  const removed = await session.sys('unlinkat', opened.ret, text('first'), 0);
  assert.equal(removed.error, '');
  assert.equal(existsSync(join(world.work, 'held/first')), false);
  return { world, session, directory: opened.ret };
}

for (const user of users) {
  test(`${user.name}: a directory that was renamed is itself, not what has its name now`, async () => {
    const { world, session, directory } = await scene(user);
    const at = (name: string): string => join(world.work, name);
    const moved = await session.sys('renameat2', AT_FDCWD, text(at('held')), AT_FDCWD, text(at('moved')), 0);
    assert.equal(moved.error, '');
    world.write('work/held/second', 'another');
    world.own();
    assert.equal((await session.sys('unlinkat', directory, text('second'), 0)).error, '');
    assert.equal(existsSync(at('held/second')), true);
    assert.equal(existsSync(at('moved/second')), false);
    assert.equal((await session.sys('fchmodat', directory, text('third'), 0o600)).error, '');
    assert.equal(statSync(at('moved/third')).mode & 0o777, 0o600);
  });

  test(`${user.name}: a directory that somebody moved under a deny is denied, whatever has its name now`, async () => {
    const { world, session, directory } = await scene(user);
    const at = (name: string): string => join(world.work, name);
    renameSync(at('held'), at('denied/held'));
    const before = statSync(at('denied/held/second'));
    world.write('work/held/second', 'another');
    world.own();
    assert.equal((await session.sys('unlinkat', directory, text('second'), 0)).error, 'EACCES');
    assert.equal((await session.sys('fchmodat', directory, text('second'), 0o666)).error, 'EACCES');
    assert.equal((await session.sys('openat', directory, text('second'), O.O_RDONLY)).error, 'EACCES');
    assert.equal((await session.sys('openat', directory, text('new'), O.O_WRONLY | O.O_CREAT, 0o600)).error, 'EACCES');
    assert.equal(statSync(at('denied/held/second')).mode, before.mode);
    assert.equal(existsSync(at('denied/held/new')), false);
    assert.equal(existsSync(at('held/second')), true);
  });

  test(`${user.name}: a link in the place of a directory that was walked leads nowhere else`, async () => {
    const { world, session } = await scene(user);
    const at = (name: string): string => join(world.work, name);
    const second = text(at('read/second'));
    assert.equal((await session.sys('fchmodat', AT_FDCWD, second, 0o600)).error, '');
    renameSync(at('read'), at('aside'));
    symlinkSync('denied', at('read'));
    const before = statSync(at('denied/second')).mode;
    assert.equal((await session.sys('fchmodat', AT_FDCWD, second, 0o666)).error, 'EACCES');
    assert.equal((await session.sys('unlinkat', AT_FDCWD, second, 0)).error, 'EACCES');
    assert.equal((await session.open(at('read/second'), O.O_RDONLY)).error, 'EACCES');
    assert.equal(statSync(at('denied/second')).mode, before);
  });

  test(`${user.name}: in a directory that was removed there is nothing, whatever has its name now`, async () => {
    const { world, session, directory } = await scene(user);
    const at = (name: string): string => join(world.work, name);
    for (const name of FILES.slice(1))
      assert.equal((await session.sys('unlinkat', directory, text(name), 0)).error, '');
    assert.equal((await session.sys('unlinkat', AT_FDCWD, text(at('held')), 0x200)).error, '');
    mkdirSync(at('held (deleted)'));
    world.write('work/held/second', 'another');
    world.write('work/held (deleted)/second', 'another');
    world.own();
    assert.equal((await session.sys('unlinkat', directory, text('second'), 0)).error, 'ENOENT');
    assert.equal((await session.sys('openat', directory, text('second'), O.O_RDONLY)).error, 'ENOENT');
    assert.equal(existsSync(at('held/second')), true);
    assert.equal(existsSync(at('held (deleted)/second')), true);
  });
}
