/** Programs that sandbox themselves further: telling who is one of them costs the others nothing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture } from '../../helpers/compile.ts';
import { users } from '../../helpers/users.ts';
import { makeWorld, plan, Session } from '../session.ts';

for (const user of users) {
  describe(user.name, () => {
    test('a process far down in a line of others is served as soon as one at its top', async () => {
      const world = makeWorld(user);
      const file = world.write('outside/brokered/file', 'text');
      // Everybody in it is younger than the one that narrowed itself, so each could descend from it: the line above is looked at, once.
      const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: join(world.outside, 'brokered') }] }), [
        // Each mapping is one more to inherit.
        fixture('line', { as: 'line', flags: ['-static'] }),
        file,
      ]);
      const { stdout, stderr } = await s.ended;
      // To follow a line of 300 takes some thirty times as long as the call.
      assert.ok(Number(stdout) < 10 && stdout !== '', `${stdout}${stderr}`);
    });
  });
}
