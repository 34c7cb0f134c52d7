/** Questions over the list: what closes them answers nothing, and on a small screen all of what is asked can be read. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, type TestTerminal } from '../../helpers/terminal.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';
import { enter, inList, openShell, pressUntil } from './shell-helpers.ts';

afterEach(closeTerminals);

const SAVE = 'Save to the profile?';

async function asked(user: TestUser, home: string, size: { cols: number; rows: number }): Promise<TestTerminal> {
  const t = await openShell({ user, home, ...size });
  enter(t, 'cat ~/notes.txt');
  await t.until('1 held');
  await inList(t);
  await t.until(/>HELD/);
  await pressUntil(t, 'p', (screen) => screen.includes(SAVE) || screen.includes('Save to the'));
  return t;
}

for (const user of users) {
  describe(`questions as ${user.name}`, { timeout: 120_000 }, () => {
    test('the prefix in a question closes it, and the key after it is one after the prefix: nothing is denied', async () => {
      const t = await asked(user, makeHome(user), { cols: 120, rows: 36 });
      // Long enough on the screen for an answer to count.
      await pause(1000);
      t.write(key.prefix);
      await t.until((screen) => !screen.includes(SAVE));
      await pause(1000);
      t.write('d');
      // In the list again, and what waits goes on waiting.
      await t.until((screen) => /a once/.test(screen.split('\n').at(-1) ?? ''));
      await pause(300);
      assert.match(await t.text(), /1 held/);
      assert.doesNotMatch(await t.text(), /denied: the call|Permission denied|remember the milk/);
    });

    test('at 60x15 the change has its beginning and its end, on pages; saved is what was seen', async () => {
      const home = makeHome(user);
      const t = await asked(user, home, { cols: 60, rows: 15 });
      const first = await t.until(/1 of 2 · PgDn/);
      assert.match(first, /allow read \S+\/notes\.txt/);
      assert.match(first, /\+ \/\/ Approve/);
      assert.match(first, /\+ {3}"extends": "default"/);
      await pressUntil(t, 'y', (screen) => screen.includes('not every page was seen'));
      assert.equal(existsSync(join(home, '.config/nono/profiles')), false);
      await pressUntil(t, '\x1b[6~', (screen) => screen.includes('2 of 2'));
      const second = await t.text();
      assert.match(second, /\+ +"~\/notes\.txt"/);
      assert.match(second, /y: save and allow/);
      await pressUntil(t, 'y', (screen) => screen.includes('remember the milk'));
    });
  });
}
