/** The command line inside the session, in a real terminal and against the real supervisor. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';
import { afterPrefix, closeWith, enter, interrupt, openShell, pressUntil, runLine } from './shell-helpers.ts';

afterEach(closeTerminals);

const TITLE = 'commands of this session';

async function openCommands(t: TestTerminal): Promise<void> {
  await afterPrefix(t, ':');
  await t.until(TITLE);
}

const close = (t: TestTerminal): Promise<void> => closeWith(t, TITLE);

for (const user of users) {
  describe(`the command line as ${user.name}`, { timeout: 120_000 }, () => {
    test('on a large screen it leaves the shell’s lines in sight, and stays where it is', async () => {
      const t = await openShell({ user, home: makeHome(user), cols: 120, rows: 50 });
      await openCommands(t);
      const box = (screen: string) => {
        const lines = screen.split('\n');
        return [lines.findIndex((line) => line.includes(TITLE)), lines.findIndex((line) => line.includes('╰'))];
      };
      // Its title may have come, and the rest of the frame not yet.
      const [top = 0, bottom = 0] = box(await t.until(/╰─+╯/));
      assert.ok(top > 25 && bottom === 48, await t.text());
      enter(t, 'limits');
      const [grown = 0, still] = box(await t.until(/: limits[\s\S]*memory|: limits[\s\S]*no limit/i));
      assert.ok(grown < top && still === bottom, await t.text());
      await close(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    test('why, allow by an armed key, grants, revoke: the file opens and closes again', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      await openCommands(t);
      enter(t, 'why ~/notes.txt');
      await t.until(/path_not_granted/);
      // The answer is typed ahead: nothing may come of it.
      t.write('allow ~/notes.txt\rsssp');
      await t.until('Allow?');
      await pause(200);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await pressUntil(t, 's', (s) => s.includes(TITLE));
      enter(t, 'why ~/notes.txt');
      await t.until(/granted_path/);
      await close(t);
      await t.until('remember the milk');
      await openCommands(t);
      enter(t, 'grants');
      await t.until(/1 {2}allow read .*notes\.txt/);
      enter(t, 'revoke 1');
      await t.until('taken back');
      await close(t);
      enter(t, 'clear; cat ~/notes.txt');
      await t.until(/held/);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
      const history = readFileSync(join(home, '.local/state/nono/command-history'), 'utf8').trim().split('\n');
      assert.deepEqual(history, ['allow ~/notes.txt', 'why ~/notes.txt', 'grants', 'revoke 1']);
    });

    test('history of an earlier session, the shell’s own directory, a command of nono’s; the state stays closed inside', async () => {
      const home = makeHome(user);
      const first = await openShell({ user, home });
      await openCommands(first);
      enter(first, 'limits');
      await first.until('no limits are set');
      await close(first);
      enter(first, 'exit 0');
      await first.untilEnd();
      const t = await openShell({ user, home });
      await runLine(t, 'mkdir -p sub && cd sub; cat ~/.local/state/nono/command-history', 'MARK');
      assert.match(await t.text(), /command-history: Permission de/);
      assert.doesNotMatch(await t.text(), /^limits/m);
      await openCommands(t);
      t.write(key.up);
      await t.until(/: limits/);
      t.write('\x15');
      enter(t, 'why .');
      await t.until(/Query: read .*project\/sub/);
      enter(t, 'ps');
      await t.until(/: ps[\s\S]*running .*default/);
      enter(t, 'logs -f x');
      await t.until('is for another terminal');
      enter(t, 'policy groups deny_credentials');
      await t.until(/# .*|private keys/);
      await close(t);
      enter(t, 'exit 0');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('a deny rule is lifted from here by the typed path only, and revoke closes the file again', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      await openCommands(t);
      enter(t, 'allow ~/.ssh/id_ed25519');
      await t.until('Type the whole path');
      t.write(`${home}/.ssh/id_ed2551\r`);
      await t.until('this is not the path');
      t.write('9');
      await t.until('complete: Enter');
      t.write('\r');
      await t.until('for how long');
      await pressUntil(t, 's', (s) => s.includes(TITLE));
      await close(t);
      await runLine(t, 'clear; cat ~/.ssh/id_ed25519', 'OPEN');
      assert.match(await t.text(), /SECRET-KEY-MATERIAL/);
      await openCommands(t);
      enter(t, 'revoke all');
      await t.until('taken back: override');
      await close(t);
      await runLine(t, 'clear; cat ~/.ssh/id_ed25519', 'SHUT');
      assert.match(await t.text(), /Permission denied/);
      assert.doesNotMatch(await t.text(), /SECRET-KEY-MATERIAL/);
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    test('deny --save: the next session denies what this one could read; twice is once', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home, flags: ['--allow', '.', '--read', '..'] });
      await runLine(t, 'cat ~/beside.txt', 'FIRST');
      assert.match(await t.text(), /an ordinary file/);
      await openCommands(t);
      for (let i = 0; i < 2; i += 1) {
        enter(t, 'deny --save ~/beside.txt');
        await t.until(/still allowed to read/);
      }
      await t.until(/default-local/);
      await close(t);
      enter(t, 'exit 0');
      await t.untilEnd();
      const saved = readFileSync(join(home, '.config/nono/profiles/default-local.jsonc'), 'utf8');
      assert.equal(saved.match(/beside\.txt/g)?.length, 1, saved);
      const next = await openShell({ user, home, flags: ['--allow', '.', '--read', '..'] });
      await runLine(next, 'cat ~/beside.txt; cat ~/notes.txt', 'SECOND');
      assert.doesNotMatch(await next.text(), /an ordinary file/);
      assert.match(await next.text(), /remember the milk/);
      enter(next, 'exit 0');
      await next.untilEnd();
    });

    test('another prefix from config.toml, which nothing inside can write; a wrong one stops the start with one line', async () => {
      const home = makeHome(user);
      const file = join(home, '.config/nono/config.toml');
      mkdirSync(join(home, '.config/nono'), { recursive: true });
      const settings = '[ui]\nprefix = "Ctrl-]"\ntheme = "neon"\n';
      writeFileSync(file, settings);
      const t = await openShell({ user, home, flags: ['--allow', '.', '--allow', '~/.config'] });
      // What was said before the screen was taken is not seen.
      await t.until(/unknown theme 'neon' at/);
      await runLine(t, 'echo x >> ~/.config/nono/config.toml', 'MARK');
      assert.equal(readFileSync(file, 'utf8'), settings);
      t.write('\x1d');
      await t.until('go to the list of denials');
      t.write(':');
      await t.until(TITLE);
      await close(t);
      enter(t, 'exit 0');
      await t.untilEnd();
      writeFileSync(file, '[ui]\nprefix = "Ctrl-C"\n');
      const refused = new TestTerminal({
        argv: [...user.prefix, join(installationFor(user), 'bin', 'nono'), 'shell', '--allow', '.'],
        cwd: join(home, 'project'),
        env: environment(home),
      });
      assert.equal((await refused.untilEnd()).code, 2);
      assert.match(await refused.text(), /'Ctrl-C' cannot be the prefix/);
    });
  });
}
