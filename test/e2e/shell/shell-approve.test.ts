/** The main job: a blocked call is seen, approved with keys, and succeeds; a denied one is listed and cannot be approved by a key. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { approve, enter, inList, interrupt, leaveList, openShell, pressUntil, runLine } from './shell-helpers.ts';

function savedProfiles(home: string): string {
  const dir = join(home, '.config/nono/profiles');
  return existsSync(dir)
    ? readdirSync(dir)
        .map((name) => readFileSync(join(dir, name), 'utf8'))
        .join('\n')
    : '';
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
      await approve(t, 'remember the milk', 'a');
      await leaveList(t);
      enter(t, 'clear; cat ~/notes.txt');
      await t.until((s) => /1 held|held/.test(s) && !s.includes('remember the milk'));
      await approve(t, 'Permission denied', 'x');
      await leaveList(t);
      enter(t, 'exit');
      assert.equal((await t.untilEnd()).code, 1);
      assert.equal(savedProfiles(home), '');
    });

    test('two names that are no UTF-8 are two rows with two spellings, and one answer opens one of them', async () => {
      const home = makeHome(user);
      const named = (byte: number) => Buffer.concat([Buffer.from(`${home}/n`), Buffer.from([byte])]);
      writeFileSync(named(0xfe), 'the first\n');
      writeFileSync(named(0xff), 'the second\n');
      const t = await openShell({ user, home });
      enter(t, "(cat ~/n$'\\376' & cat ~/n$'\\377'; wait)");
      await t.until((screen) => /2 held/.test(screen) && screen.includes('~/n\\xfe') && screen.includes('~/n\\xff'));
      await inList(t);
      const one = /^.*│>HELD.*n(\\xf[ef])/m.exec(await t.until(/>HELD/))?.[1];
      await pressUntil(t, 'a', (screen) => screen.includes('allowed once'));
      const [opened, closed] = one === '\\xfe' ? ['the first', 'the second'] : ['the second', 'the first'];
      const screen = await t.until((text) => text.includes(opened) && /1 held/.test(text));
      assert.ok(!screen.includes(closed), screen);
      await leaveList(t);
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    test('session: the file and its later opens, nothing beside it', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      await approve(t, 'remember the milk', 's');
      await leaveList(t);
      await runLine(t, 'clear; cat ~/notes.txt', 'AGAIN');
      assert.match(await t.text(), /remember the milk/);
      enter(t, 'cat ~/beside.txt');
      await t.until(/held[\s\S]*beside|beside[\s\S]*held/);
      assert.doesNotMatch(await t.text(), /an ordinary file/);
      await interrupt(t);
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
      await leaveList(t);
      enter(t, 'clear; chmod 600 ~/notes.txt; echo MODE-$?');
      await t.until(/held[\s\S]*chmod|chmod[\s\S]*held/);
      assert.equal(statSync(join(home, 'notes.txt')).mode & 0o777, 0o644);
      await approve(t, 'MODE-0', 's');
      assert.equal(statSync(join(home, 'notes.txt')).mode & 0o777, 0o600);
      await leaveList(t);
      enter(t, 'clear; mv ~/beside.txt ~/made/moved.txt; echo MOVED-$?');
      await t.until(/rename[\s\S]*held|held[\s\S]*rename/);
      assert.equal(existsSync(join(home, 'beside.txt')), true);
      await approve(t, 'MOVED-0', 'p', 'y');
      assert.equal(readFileSync(join(home, 'made/moved.txt'), 'utf8'), 'an ordinary file\n');
      assert.match(savedProfiles(home), /~\/beside\.txt[\s\S]*~\/made\/moved\.txt/);
      await leaveList(t);
      enter(t, 'exit 0');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('profile: the rule is on disk, and the next shell uses it', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      await approve(t, 'remember the milk', 'p', 'y');
      assert.match(savedProfiles(home), /"~\/notes\.txt"/);
      await leaveList(t);
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
      await inList(t, 'a', 's', 'p', 'y', key.enter, 'y');
      await leaveList(t);
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
      await approve(t, 'Lift a deny rule', 'o');
      t.write(`${join(home, '.ssh/id_ed25519')}`);
      await t.until('complete: Enter');
      t.write(key.enter);
      await pressUntil(t, 's', (screen) => !screen.includes('Lift a deny rule'));
      await leaveList(t);
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
      await leaveList(t);
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
      assert.equal(savedProfiles(home), '');
    });
  });
}
