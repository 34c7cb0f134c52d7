/** What nono says on a terminal, where it repeats what a program has chosen. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';

afterEach(closeTerminals);

test('JSON on a terminal holds no control that JSON would leave, and says the same', { timeout: 60_000 }, async () => {
  const [user] = users;
  assert.ok(user !== undefined);
  const home = makeHome(user);
  const asked = ['why', '--path', '/x\u009b31m\u007f\u009d', '--json'];
  const t = new TestTerminal({
    argv: [...user.prefix, join(installationFor(user), 'bin', 'nono'), ...asked],
    cwd: home,
    env: environment(home),
    cols: 200,
    rows: 60,
  });
  await t.untilEnd();
  assert.match(t.raw, /\\u009b31m\\u007f\\u009d/);
  assert.doesNotMatch(t.raw, /[\x7f-\x9f]/);
  const piped = nono(user, asked, { cwd: home, home });
  assert.equal(JSON.parse(piped.stdout).query.path, JSON.parse(t.raw).query.path);
});
