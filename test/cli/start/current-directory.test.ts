/** Every command where the directory that the user is in has been removed: an answer, or one line about it. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
const before = ['sh', '-c', 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', 'sh'];
const removed = (args: readonly string[]): Outcome => nono(user, args, { cwd, home, before });
/** The shell that `bin/nono` begins as may say so first. */
const said = (stderr: string): string[] => stderr.split('\n').filter((line) => !line.includes('getcwd() failed'));
const LINE = 'nono: the current directory no longer exists (change to a directory that exists)';

for (const args of [
  'run -s -- true',
  'wrap -s -- true',
  'shell -s',
  'why --path file',
  'why --command ./file',
  'profile list',
  'profile show default',
  'profile show default --format manifest',
  'profile diff default node-dev',
  'profile validate default',
  'profile init mine --extends default',
  'policy groups git_config',
])
  test(`nono ${args}`, () => {
    const { code, stdout, stderr } = removed(args.split(' '));
    assert.deepEqual({ code, stdout, said: said(stderr) }, { code: 1, stdout: '', said: [LINE, ''] });
  });

for (const args of ['ps', 'policy groups', '--help'])
  test(`nono ${args} needs none`, () => assert.equal(removed(args.split(' ')).code, 0));

test('what sessions there are is asked outside', () => {
  mkdirSync(join(home, '.local/state/nono/sessions'), { recursive: true });
  const inside = ['run', '-s', '--allow-cwd', '--', join(import.meta.dirname, '../../../bin/nono'), 'ps'];
  const { code, stderr } = nono(user, inside, { cwd, home });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /nono\/sessions: cannot be read \(EACCES\) \(inside a session: ask outside; else check its permissions\)\n$/,
  );
});
