/** A program that is not granted: it waits in the list, is approved with a key, and runs, without a restart of the shell. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { approve, enter, leaveList, openShell } from './shell-helpers.ts';

afterEach(closeTerminals);

for (const user of users) {
  describe(`nono shell as ${user.name}: a program that is not granted`, { timeout: 120_000 }, () => {
    test('runs after a yes, once and for the session, and its script too', async () => {
      const home = makeHome(user);
      copyFileSync('/usr/bin/expr', join(home, 'tool'));
      writeFileSync(join(home, 'script'), '#!/bin/sh\necho "script $(( $1 * 2 ))"\n');
      for (const name of ['tool', 'script']) chmodSync(join(home, name), 0o755);
      const t = await openShell({ user, home });
      enter(t, '~/tool 20 + 22');
      await t.until(/held[\s\S]*tool|tool[\s\S]*held/);
      assert.doesNotMatch(await t.text(), /\b42\b/);
      await approve(t, /\b42\b/, 'a');
      await leaveList(t);
      // Asked again, since that was for once; the no is an error of the shell's.
      enter(t, 'clear; ~/tool 40 + 3');
      await t.until((s) => /held/.test(s));
      await approve(t, 'Permission denied', 'x');
      assert.doesNotMatch(await t.text(), /\b43\b/);
      await leaveList(t);
      enter(t, 'clear; ~/script 50');
      await t.until((s) => /held[\s\S]*script|script[\s\S]*held/.test(s));
      await approve(t, 'script 100', 's');
      await leaveList(t);
      enter(t, 'clear; ~/script 51');
      await t.until('script 102');
      enter(t, 'exit 0');
      assert.equal((await t.untilEnd()).code, 0);
    });
  });
}
