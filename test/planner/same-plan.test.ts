/** nono-planner and Node run the same code; whatever of it the engine around it could change is compared here: what a start leaves in the cache, byte for byte. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtinData } from '../../src/policy/resolve/load.ts';
import { difference } from '../helpers/difference.ts';
import { CachedInstallation } from '../helpers/plan-cache.ts';
import { type TestUser, users } from '../helpers/users.ts';

function prepared(user: TestUser): CachedInstallation {
  const at = new CachedInstallation(user, { planner: true });
  at.write('project/secret', 'the secret\n');
  at.write('project/.env', 'denied\n');
  at.write('project/deep/er/.env', 'denied\n');
  at.write('project/node_modules/x/.env', 'denied\n');
  at.write('granted/file', 'x');
  for (const name of ['Ärger.PEM', 'e\u0301.key', 'b\u212a.КЛЮЧ', 'a b\tc.key', 'ﬁ.pem'])
    at.write(`project/deep/${name}`, '');
  symlinkSync(join(at.home, 'granted'), join(at.project, 'link'));
  at.profile('mine', {
    workdir: { access: 'readwrite' },
    filesystem: { read: ['~/granted', '$WORKDIR/link'], deny: ['$WORKDIR/**/.env', '~/never'] },
    environment: { set_vars: { A: '$HOME/b' }, allow_vars: ['LANG', 'X*'] },
    commands: { deny: ['mv'] },
  });
  at.profile('plain', { workdir: { access: 'read' }, filesystem: { read: ['~/granted'] } });
  return at;
}

const lines: readonly (readonly string[])[] = [
  ['wrap', '-s', '--allow-cwd', '--', 'true'],
  ['wrap', '--allow-cwd', '--', 'true', '--not', 'a flag'],
  ['wrap', '-v', '-r', '/etc', '--', 'cat', 'secret'],
  ['wrap', '-s', '-p', 'plain', '--allow-cwd', '--', 'cat'],
  ['wrap', '--theme', 'nord', '--allow-file', 'new', '--', 'true'],
  ['wrap', '-s', '--allow', '.', '--deny', 'secret', '--block-net', '--memory', '1G', '--', 'true'],
  ['run', '-s', '--allow-cwd', '--', 'true'],
  ['run', '--allow-cwd', '--', 'true'],
  ['run', '-s', '-p', 'mine', '--allow-cwd', '--', 'true'],
  ['run', '-s', '--allow', '.', '--deny', './**/.env', '--deny', './**/[a-cé]*.{key,PEM,Ключ}', '--', 'true'],
  ['run', '-s', '--allow', '~', '--private-tmp', '--no-fast-path', '--', 'true'],
  ['run', '-s', '--allow', '.', '--deny', './**/.env', '--private-tmp', '--', 'true'],
  ['run', '-s', '--allow-cwd', '--open-port', '8080', '--allow-connect', '[::1]:443', '--', 'true'],
  [
    'run',
    '-s',
    '--allow-cwd',
    '--allow-unix-socket',
    '/run/docker.sock',
    '--env',
    'LANG',
    '--name',
    'one',
    '--',
    'true',
  ],
];

for (const user of users)
  test(`as ${user.name}: the plan of the planner is the plan of Node`, () => {
    const at = prepared(user);
    const env = { LANG: 'de_DE.UTF-8', XA: 'x@y', TERM: 'xterm-256color', AWS_SECRET_ACCESS_KEY: 'no' };
    for (const line of lines) {
      const [planner, node] = at.plannedTwice(line, { env });
      assert.equal(difference(planner, node), '', line.join(' '));
    }
  });

const profiles = Object.keys(builtinData().profiles);
test('with every profile that ships with nono', () => {
  const at = prepared(users.at(-1) as TestUser);
  assert.ok(profiles.length >= 10);
  for (const profile of profiles) {
    const [planner, node] = at.plannedTwice(['run', '-p', profile, '--allow-cwd', '--', 'true']);
    assert.equal(difference(planner, node), '', profile);
  }
});
