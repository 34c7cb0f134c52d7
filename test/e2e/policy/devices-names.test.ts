/** Root inside, with a grant that covers /dev: its devices keep their names, owners and modes, in a /dev of the test's own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';

const root = users.find((user) => user.uid === 0 && user.prefix.length === 0);

/** `sh -c SCRIPT sh COMMAND…` where /dev is a tmpfs, as in a container, that is seen a second time at "$SECOND". */
const around = `set -e
new=$(mktemp -d)
mount --make-rprivate /
mount -t tmpfs none "$new"
cd "$new"
mknod -m 666 null c 1 3; mknod -m 666 zero c 1 5; mknod -m 666 full c 1 7; mknod -m 666 random c 1 8
mknod -m 666 urandom c 1 9; mknod -m 666 tty c 5 0; mknod -m 666 ptmx c 5 2; mknod -m 600 kmsg c 1 11
mkdir snd pts shm; mknod -m 660 snd/timer c 116 33; ln -s /proc/self/fd fd
mount --bind /dev/pts pts
mount --move "$new" /dev
rmdir "$new"
mount --bind /dev "$SECOND"
cd "$HOME"
set +e
state() { (cd /dev && stat -c '%n %F %t:%T %a %u' null zero full ptmx kmsg snd snd/timer; ls -d snd2) 2>&1; }
before=$(state)
"$@"
after=$(state)
[ "$before" = "$after" ] || echo "was $before; is $after"`;

const able =
  root !== undefined &&
  spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt && mknod /mnt/n c 1 3 && : </mnt/n']).status === 0;

describe('names of devices', { skip: able ? false : 'no private /dev can be made' }, () => {
  const user = root as TestUser;
  const home = makeHome(user);
  const second = join(home, 'second');
  mkdirSync(second);
  writeFileSync(join(home, 'plain'), '');
  const attack = `
for d in /dev "$SECOND"; do
  cd "$d" || echo none
  for f in null zero full ptmx kmsg snd/timer; do
    chmod 600 "$f"; chown 1:1 "$f"; mv "$f" "$f.x"; ln "$f" "$f.y"; rm -f "$f"; unlink "$f"
    mknod "$f" p; mv -T "$HOME/plain" "$f"; ln -sfn "$HOME/plain" "$f"
  done
  mv snd snd2
  mkdir empty && mv empty moved && rmdir moved && echo "moved what is empty"
done`;
  const run = (script: string, ...words: string[]) =>
    nono(user, ['run', '-s', ...words, '--', 'sh', '-c', `exec 2>"$HOME/errors"; ${script}`], {
      cwd: home,
      home,
      env: { SECOND: second },
      before: ['unshare', '-m', 'sh', '-c', around, 'sh'],
    });

  test('without a sandbox each of them is lost', () => {
    const done = spawnSync('unshare', ['-m', 'sh', '-c', around, 'sh', 'sh', '-c', `exec 2>/dev/null; ${attack}`], {
      env: { PATH: process.env['PATH'], HOME: home, SECOND: second },
      encoding: 'utf8',
    });
    const [before, after] = done.stdout.split('; is ');
    assert.match(before ?? '', /null character[\s\S]*timer character/);
    assert.match(after ?? '', /null symbolic link[\s\S]*snd2/);
    assert.doesNotMatch(after ?? '', /character/);
  });

  for (const grant of [
    ['--allow', '/'],
    ['--allow', '/', '--strict-deny'],
    ['--allow', '/dev', '--allow', second, '--allow', home],
    ['--allow', home, '--allow-file', '/dev/null', '--allow-file', '/dev/kmsg'],
  ])
    test(`${grant.join(' ').replaceAll(home, '~')}: they stay`, () => {
      const done = run(`${attack}\necho ran`, '--env', 'SECOND', ...grant);
      // The second place lies in the home directory.
      const places = grant.includes('/') || grant.includes('/dev') ? 2 : 1;
      assert.equal(done.stdout, `${'moved what is empty\n'.repeat(places)}ran\n`, done.stderr);
    });
});
