/** Conditions of profiles on the machine (`when`): a machine that cannot be asked is not another one. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';

const user = users.find(({ uid }) => uid === 0) as TestUser;

/** A socket in the place of a file can be seen and not be opened. */
const unreadable = `
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])`;

test('a deny that is for this distribution is not dropped when os-release cannot be read', { skip: rootSkip }, () => {
  const home = makeHome(user);
  const cwd = join(home, 'project');
  const profiles = join(home, '.config/nono/profiles');
  mkdirSync(profiles, { recursive: true });
  const [, id] = /^ID="?([^"\n]*)/m.exec(readFileSync('/usr/lib/os-release', 'utf8')) ?? [];
  const deny = [{ path: '$WORKDIR/README', when: `linux:${id}` }];
  writeFileSync(join(profiles, 'here.json'), JSON.stringify({ extends: 'default', filesystem: { deny } }));
  const args = ['run', '-s', '-p', 'here', '--allow', '.', '--', 'cat', 'README'];
  const without = (file: string): Outcome =>
    nono(user, args, {
      cwd,
      home,
      before: [
        ...['unshare', '--mount', 'sh', '-ec'],
        `python3 -c "$1" ${join(home, 'socket')}; mount --bind ${join(home, 'socket')} ${file}; shift; exec "$@"`,
        ...['sh', unreadable],
      ],
    });
  const usual = nono(user, args, { cwd, home });
  assert.match(usual.stderr, /README: Permission denied/);
  const { code, stdout, stderr } = without('/usr/lib/os-release');
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^nono: .*os-release: cannot be read \(ENXIO\), and a profile has conditions on this machine \(/,
  );
});
