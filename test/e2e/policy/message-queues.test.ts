/** POSIX message queues: refused, there when they are granted, and said where they cannot be granted. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fixture } from '../../helpers/compile.ts';
import { nono } from '../../helpers/run.ts';
import { makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';

const QUEUES = '/dev/mqueue';
const isRoot = process.getuid?.() === 0;

if (isRoot && !existsSync(QUEUES)) {
  mkdirSync(QUEUES);
  after(() => rmdirSync(QUEUES));
}

/** Started where the file system of queues is mounted, or where nothing is. */
const where = (user: TestUser, mount: string): TestUser => ({
  ...user,
  prefix: [
    'unshare',
    '-m',
    'sh',
    '-c',
    `${mount} ${QUEUES} && chmod 1777 ${QUEUES} && exec "$@"`,
    'sh',
    ...user.prefix,
  ],
});
const mounted = (user: TestUser): TestUser => where(user, 'mount -t mqueue nono');
const covered = (user: TestUser): TestUser => where(user, 'mount -t tmpfs nono');
const skip = isRoot && spawnSync('unshare', ['-m', 'true']).status === 0 ? undefined : (rootSkip ?? 'no mounts');

for (const user of users) {
  describe(`message queues, as ${user.name}`, { skip }, () => {
    const home = makeHome(user);
    const cwd = `${home}/project`;
    const queue = fixture('queue');
    const name = `/nono-test-${process.pid}-${user.uid}`;
    const run = (as: TestUser, command: string, flags: readonly string[], words: readonly string[] = [name]) =>
      nono(as, [command, ...flags, '--allow', '.', '--', queue, ...words], { cwd, home });

    for (const command of ['run', 'wrap']) {
      test(`${command}: refused, and usable with --allow-ipc`, () => {
        assert.equal(run(mounted(user), command, ['-s']).stdout, 'Operation not permitted\n');
        const granted = run(mounted(user), command, ['-s', '--allow-ipc']);
        assert.equal(granted.stdout, 'hello, removed\n', granted.stderr);
      });
    }

    test('where their file system is not mounted they stay refused, and the start says so', () => {
      const done = run(covered(user), 'run', ['--allow-ipc']);
      assert.equal(done.stdout, 'Operation not permitted\n');
      assert.match(done.stderr, /--allow-ipc grants no POSIX message queues: .* not mounted at \/dev\/mqueue/);
      assert.match(done.stderr, /ipc +System V IPC allowed\n/);
    });

    test('a denied one is neither opened nor removed by its name', () => {
      const flags = ['-s', '--allow-ipc', '--deny', `${QUEUES}${name}`];
      assert.equal(run(mounted(user), 'run', flags).stdout, 'Operation not permitted\n');
      // The C library makes EPERM of it EACCES; where nothing refuses, it is ENOENT.
      assert.equal(run(mounted(user), 'run', flags, [name, 'remove']).stdout, 'Permission denied\n');
      assert.equal(
        run(mounted(user), 'run', ['-s', '--allow-ipc'], [name, 'remove']).stdout,
        'No such file or directory\n',
      );
    });
  });
}
