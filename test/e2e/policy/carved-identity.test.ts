/** What the supervisor performs in a carved tree is what the kernel would have done for that very caller: its search permission, its spelling. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { makeHome, rootSkip, users } from '../../helpers/users.ts';

const dropped = 'setpriv --reuid=65534 --regid=65534 --clear-groups';

describe('a caller that gave up root inside', { skip: rootSkip }, () => {
  const root = users[0];
  assert.ok(root !== undefined);
  const home = makeHome(root);
  chmodSync(home, 0o755);
  const profile = join(home, 'profile.jsonc');
  const inner = join(home, 'closed', 'inner');
  mkdirSync(inner, { recursive: true });
  chmodSync(inner, 0o777);
  chmodSync(join(home, 'closed'), 0o700);
  writeFileSync(
    profile,
    '{ "extends": "default", "filesystem": { "allow": ["~"] }, "policy": { "add_deny_access": ["~/closed/inner/none"] } }',
  );
  const sh = (script: string): ReturnType<typeof nono> =>
    nono(root, ['run', '-s', '-p', profile, '--', 'sh', '-c', script], { cwd: home, home });

  test('does not pass a directory that it may not search', () => {
    const done = sh(`cd closed/inner; echo OPEN-BYTES > late; chmod 666 late; cd /
${dropped} sh -c 'cd ${inner}; cat ${inner}/late; echo x > ${inner}/new; mkdir ${inner}/made; mv ${inner}/late ${inner}/moved; rm -f ${inner}/late'`);
    assert.doesNotMatch(done.stdout, /OPEN-BYTES/);
    for (const name of ['new', 'made', 'moved']) assert.equal(existsSync(join(inner, name)), false, name);
    assert.equal(readFileSync(join(inner, 'late'), 'utf8'), 'OPEN-BYTES\n');
  });
  test('works from a directory, and on a descriptor, that it was given', () => {
    const done = sh(`cd closed/inner; echo GIVEN > given; chmod 666 given
${dropped} sh -c 'cat given; echo x > relative; mkdir below; cat /dev/fd/3' 3< given`);
    assert.equal(done.stdout, 'GIVEN\nGIVEN\n', done.stderr);
    assert.equal(lstatSync(join(inner, 'relative')).uid, 65534);
    assert.equal(lstatSync(join(inner, 'below')).uid, 65534);
  });
});

for (const user of users) {
  describe(`names in a carved home, as ${user.name}`, () => {
    const home = makeHome(user);
    const python = (script: string): ReturnType<typeof nono> =>
      nono(user, ['run', '-s', '--allow', '.', '--', 'python3', '-c', script], { cwd: home, home });

    test('a trailing slash means a directory', {
      skip: spawnSync('python3', ['-V']).status === 0 ? undefined : 'no python3',
    }, () => {
      const done = python(`
import os, errno
def attempt(name, call, *words):
    try: call(*words); print(name, 'done')
    except OSError as e: print(name, errno.errorcode[e.errno])
open('file', 'w').close(); os.symlink('project', 'pointer')
attempt('unlink', os.unlink, 'file/')
attempt('symlink', os.symlink, 'file', 'new/')
attempt('mkfifo', os.mkfifo, 'new/')
attempt('rename file', os.rename, 'file', 'new/')
attempt('rename link', os.rename, 'pointer/', 'new')
attempt('rename over link', os.rename, 'project', 'pointer/')
attempt('rmdir link', os.rmdir, 'pointer/')
attempt('mkdir', os.mkdir, 'made/')
attempt('rename directory', os.rename, 'made/', 'renamed/')
attempt('rmdir', os.rmdir, 'renamed/')
`);
      assert.deepEqual(done.stdout.trim().split('\n'), [
        'unlink ENOTDIR',
        'symlink ENOENT',
        'mkfifo ENOENT',
        'rename file ENOTDIR',
        'rename link ENOTDIR',
        'rename over link ENOTDIR',
        'rmdir link ENOTDIR',
        'mkdir done',
        'rename directory done',
        'rmdir done',
      ]);
    });
    test('a refused hard link closes nothing of the supervisor', {
      skip: spawnSync('python3', ['-V']).status === 0 ? undefined : 'no python3',
    }, () => {
      const done = python(`
import ctypes, os
libc = ctypes.CDLL(None)
for i in range(100):
    fd = os.open('notes.txt', os.O_RDONLY)
    print(libc.linkat(fd, b'', -100, b'/not granted', 0x1000), libc.linkat(-100, b'/proc/self/fd/%d' % fd, -100, b'/not granted', 0x400))
    os.close(fd); os.mkdir('d'); os.rename('d', 'e'); os.rmdir('e')
`);
      assert.equal(done.stdout, '-1 -1\n'.repeat(100), done.stderr);
    });
  });
}
