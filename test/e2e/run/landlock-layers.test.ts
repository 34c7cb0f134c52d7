/** The kernel lets 16 rulesets of Landlock hold one in another; where no more is left, the start says so. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture } from '../../helpers/compile.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';

const MOST = 16;

for (const user of users)
  describe(user.name, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const within = (layers: number, command: string) => {
      const nono = join(installationFor(user), 'bin/nono');
      const args = [String(layers), nono, command, '-s', '--allow', '.', '--', 'echo', 'started'];
      const { uid } = user;
      return spawnSync(fixture('landlock-layers'), args, {
        cwd,
        uid,
        gid: uid,
        env: environment(home),
        encoding: 'utf8',
      });
    };
    for (const command of ['run', 'wrap'])
      test(`${command}: the last layer is enough, and without one it does not start`, () => {
        const last = within(MOST - 1, command);
        assert.deepEqual([last.stdout, last.stderr, last.status], ['started\n', '', 0]);
        const none = within(MOST, command);
        assert.deepEqual([none.stdout, none.status], ['', 126]);
        assert.match(none.stderr, /^nono: enter the Landlock sandbox: 16 such sandboxes hold already, .*outside.*\n$/);
      });
  });
