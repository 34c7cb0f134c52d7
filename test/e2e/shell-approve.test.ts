/** The main job: a blocked call is seen, approved with keys, and succeeds; a denied one is listed and cannot be approved by a key. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, type TestTerminal } from '../helpers/terminal.ts';
import { makeHome, users } from '../helpers/users.ts';
import { enter, inList, openShell, runLine } from './shell-helpers.ts';

function savedProfiles(home: string): string {
  const dir = join(home, '.config/nono/profiles');
  return existsSync(dir)
    ? readdirSync(dir)
        .map((name) => readFileSync(join(dir, name), 'utf8'))
        .join('\n')
    : '';
}

/** A key counts only on a row that has been seen for a while, which on a busy machine takes longer than a test likes to wait: pressed again until it does. */
async function approve(t: TestTerminal, mark: string, ...keys: readonly string[]): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await inList(t, ...keys);
    try {
      await t.until(mark, attempt < 4 ? 3000 : 10_000);
      return;
    } catch (error) {
      if (attempt === 4) throw error;
      for (const back of [key.escape, key.escape]) {
        t.write(back);
        await pause(150);
      }
    }
  }
}

afterEach(closeTerminals);

for (const user of users) {
  describe(`nono shell as ${user.name}: approvals`, { timeout: 120_000 }, () => {
    test('once: the blocked cat prints the file, the next one asks again', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until(/held[\s\S]*notes\.txt|notes\.txt[\s\S]*held/);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await inList(t, 'a');
      await t.until('remember the milk');
      t.write(key.escape);
      await pause(100);
      enter(t, 'clear; cat ~/notes.txt');
      await t.until((s) => /1 held|held/.test(s) && !s.includes('remember the milk'));
      await inList(t, 'x');
      await t.until('Permission denied');
      t.write(key.escape);
      await pause(100);
      enter(t, 'exit');
      assert.equal((await t.untilEnd()).code, 1);
      assert.equal(savedProfiles(home), '');
    });

    test('session: the file and its later opens, nothing beside it', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      await inList(t, 's');
      await t.until('remember the milk');
      t.write(key.escape);
      await pause(100);
      await runLine(t, 'clear; cat ~/notes.txt', 'AGAIN');
      assert.match(await t.text(), /remember the milk/);
      enter(t, 'cat ~/beside.txt');
      await t.until(/held[\s\S]*beside|beside[\s\S]*held/);
      assert.doesNotMatch(await t.text(), /an ordinary file/);
      t.write(key.ctrlC);
      await pause(200);
      enter(t, 'exit 0');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('mkdir, rename and chmod wait like an open, and succeed once allowed', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'mkdir ~/made && echo MADE-$?');
      await t.until(/held[\s\S]*mkdir|mkdir[\s\S]*held/);
      assert.equal(existsSync(join(home, 'made')), false);
      await approve(t, 'MADE-0', 'a');
      assert.equal(statSync(join(home, 'made')).isDirectory(), true);
      t.write(key.escape);
      await pause(100);
      enter(t, 'clear; chmod 600 ~/notes.txt; echo MODE-$?');
      await t.until(/held[\s\S]*chmod|chmod[\s\S]*held/);
      assert.equal(statSync(join(home, 'notes.txt')).mode & 0o777, 0o644);
      await approve(t, 'MODE-0', 's');
      assert.equal(statSync(join(home, 'notes.txt')).mode & 0o777, 0o600);
      t.write(key.escape);
      await pause(100);
      enter(t, 'clear; mv ~/beside.txt ~/made/moved.txt; echo MOVED-$?');
      await t.until(/rename[\s\S]*held|held[\s\S]*rename/);
      assert.equal(existsSync(join(home, 'beside.txt')), true);
      await approve(t, 'MOVED-0', 'p', 'y');
      assert.equal(readFileSync(join(home, 'made/moved.txt'), 'utf8'), 'an ordinary file\n');
      assert.match(savedProfiles(home), /~\/beside\.txt[\s\S]*~\/made\/moved\.txt/);
      t.write(key.escape);
      await pause(100);
      enter(t, 'exit 0');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('profile: the rule is on disk, and the next shell uses it', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      await inList(t, 'p', 'y');
      await t.until('remember the milk');
      assert.match(savedProfiles(home), /"~\/notes\.txt"/);
      t.write(key.escape);
      await pause(100);
      enter(t, 'exit');
      assert.equal((await t.untilEnd()).code, 0);

      const next = await openShell({ user, home });
      const screen = await runLine(next, 'cat ~/notes.txt', 'DONE');
      assert.match(screen, /remember the milk/);
      enter(next, 'exit');
      assert.equal((await next.untilEnd()).code, 0);
    });

    test('a key file fails at once, is listed with its rule, and no key approves it', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      const screen = await runLine(t, 'cat ~/.ssh/id_ed25519', 'DONE');
      assert.match(screen, /Permission denied/);
      await t.until('deny_credentials');
      await inList(t, 'a', 's', 'p', 'y', key.enter, 'y', key.escape);
      t.write(key.escape);
      await pause(100);
      t.write(key.escape);
      await pause(200);
      const again = await runLine(t, 'clear; cat ~/.ssh/id_ed25519', 'TWICE');
      assert.match(again, /Permission denied/);
      assert.doesNotMatch(t.raw, /SECRET/);
      enter(t, 'exit 3');
      assert.equal((await t.untilEnd()).code, 3);
      assert.equal(savedProfiles(home), '');
    });

    test('a deny rule is lifted only by typing the path', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      await runLine(t, 'cat ~/.ssh/id_ed25519', 'DONE');
      await t.until('deny_credentials');
      await inList(t, 'o');
      await pause(500);
      t.write(`${join(home, '.ssh/id_ed25519')}`);
      await pause(300);
      t.write(key.enter);
      await pause(600);
      t.write('s');
      await pause(300);
      t.write(key.escape);
      await pause(100);
      await runLine(t, 'clear; cat ~/.ssh/id_ed25519', 'TWICE');
      assert.match(await t.text(), /SECRET-KEY-MATERIAL/);
      enter(t, 'exit');
      await t.untilEnd();
    });

    test('type-ahead approves nothing', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      // Everything a hurried person or a malicious paste could send, before the row can be on the screen.
      t.write(`cat ~/notes.txt${key.enter}${key.prefix}dapys`);
      await t.until('held');
      await pause(600);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      t.write(key.escape);
      await pause(100);
      t.write(key.escape);
      await pause(100);
      t.write(key.ctrlC);
      await pause(200);
      enter(t, 'exit 0');
      await t.untilEnd();
      assert.equal(savedProfiles(home), '');
    });
  });
}
