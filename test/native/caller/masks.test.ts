/** A caller's umask is remembered by the supervisor: never beyond the call that sets one, whoever makes it. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { users } from '../../helpers/users.ts';
import { driver } from '../driver.ts';
import { makeWorld, plan, quickly, Session } from '../session.ts';

for (const user of users)
  describe(`what is made has the mode of the moment, as ${user.name}`, () => {
    const world = makeWorld(user, quickly());
    for (const name of ['alternating', 'children', 'other thread', 'at once', 'unshared', 'execute'])
      test(name, async () => {
        const program = driver('drivers/masks.c', [], ['-pthread']);
        chmodSync(dirname(program), 0o755);
        const session = new Session(
          user,
          plan({ readFloor: [dirname(program)], rules: [{ verdict: 'allow', path: world.work }] }),
          [program, name, world.work],
        );
        const ended = await session.ended;
        assert.equal(ended.stdout, 'ok\n', ended.stderr);
        assert.equal(ended.code, 0);
      });
  });
