/** An approval that was edited: a pattern lets through what it matches, and the supervisor goes on asking for the rest. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key } from '../../helpers/terminal.ts';
import { installationFor, makeHome, users } from '../../helpers/users.ts';
import { enter, inList, interrupt, leaveList, openShell, pressUntil, runLine } from './shell-helpers.ts';

afterEach(closeTerminals);

for (const user of users) {
  describe(`an edited approval as ${user.name}`, { timeout: 60_000 }, () => {
    test('the live count knows what a matching link leads to, as the session does', async () => {
      const home = makeHome(user);
      const shell = (line: string): void => {
        const [file = '', ...args] = [...user.prefix, 'sh', '-c', line];
        execFileSync(file, args, { cwd: home });
      };
      shell('mkdir outside; echo a >outside/a.txt; echo b >outside/b.txt; ln -s ../outside/b.txt project/x.key');
      const t = await openShell({ user, home, flags: ['--allow', '.', '--deny', '**/*.key'] });
      await t.until('nothing was denied yet');
      enter(t, 'clear; cat ~/outside/b.txt; echo "co""de $?"; cat ~/outside/a.txt');
      await t.until(/^code 1[\s\S]*held|held[\s\S]*^code 1/m);
      await inList(t, 'e');
      await t.until('What should it cover?');
      t.write(key.tab);
      await t.until(/outside\/ and everything below[\s\S]*2 names there now; 1 stay denied by rules/);
      t.write(key.escape);
      await t.until((s) => !s.includes('What should it cover?'));
      await pressUntil(t, 'x', (s) => !/\d held/.test(s));
      await leaveList(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    test('a pattern: what it matches opens without a question, nothing else, and no deny rule gives way', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      await inList(t, 'e');
      await t.until('What should it cover?');
      t.write('\x15~/*.txt');
      await t.until(/2 names there now|3 names there now/);
      t.write('\r');
      await t.until('Allow?');
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await pressUntil(t, 's', (s) => !s.includes('Allow?'));
      await leaveList(t);
      await t.until('remember the milk');
      await runLine(t, 'clear; cat ~/beside.txt', 'BESIDE');
      assert.match(await t.text(), /an ordinary file/);
      const program = join(installationFor(user), 'bin', 'nono');
      await runLine(t, `clear; ${program} why --self --path ~/beside.txt | head -4`, 'WHY');
      assert.match(await t.text(), /ALLOWED[\s\S]*a pattern approved in this session/);
      await runLine(t, `clear; ${program} why --self --path ~/other.md | head -1`, 'OTHER');
      assert.match(await t.text(), /DENIED/);
      enter(t, 'clear; cat ~/.ssh/id_ed25519; echo x > ~/new.txt');
      await t.until(/Permission denied[\s\S]*held|held[\s\S]*Permission denied/);
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });
  });
}
