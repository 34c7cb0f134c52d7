/** An interactive shell that `nono run` starts on a terminal has its jobs, though process groups and the foreground of the terminal are decided by the supervisor. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});
afterEach(closeTerminals);

for (const user of users)
  describe(`jobs under run as ${user.name}`, { timeout: 120_000 }, () => {
    test('stopped, brought back, interrupted; groups whose leader has ended; the terminal given back at the end', async () => {
      const home = makeHome(user);
      const cwd = join(home, 'project');
      mkdirSync(cwd, { recursive: true });
      const t = new TestTerminal({
        argv: [...user.prefix, 'bash', '--norc', '--noprofile'],
        cwd,
        env: environment(home, { PS1: 'outer> ' }),
      });
      await t.until('outer>');
      const nono = join(installationFor(user), 'bin', 'nono');
      t.write(`PS1='inner> ' ${nono} run -s --allow . --env PS1 -- bash --norc --noprofile -i\r`);
      await t.until((screen) => screen.trimEnd().endsWith('\ninner>'), 20_000);
      t.write('sleep 500\r');
      await t.until((screen) => screen.trimEnd().endsWith('sleep 500'));
      await pause(300);
      t.write(key.ctrlZ);
      await t.until(/Stopped +sleep 500/);
      t.write('fg\r');
      await t.until((screen) => screen.trimEnd().endsWith('fg\nsleep 500'));
      t.write(key.ctrlC);
      await t.until((screen) => screen.trimEnd().endsWith('inner>'));
      t.write('echo brought-back=$?\r');
      await t.until('brought-back=130');
      // The first of each leads its group, and has ended when the last one joins it.
      t.write('for i in 1 2 3; do true | true | echo piped-$i; done\r');
      await t.until('piped-3');
      t.write('exit 7\r');
      await t.until((screen) => screen.trimEnd().endsWith('outer>'));
      t.write('echo left=$?\r');
      await t.until('left=7');
    });
  });
