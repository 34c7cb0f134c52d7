/** `nono` without arguments: on a terminal the home, which starts a sandboxed shell; without one the usage, as ever. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';
import { enter, PROMPT } from '../shell/shell-helpers.ts';

afterEach(closeTerminals);

function home(
  user: TestUser,
  directory: string,
  cwd: string,
  size: { cols?: number; rows?: number } = {},
): TestTerminal {
  return new TestTerminal({
    argv: [...user.prefix, join(installationFor(user), 'bin', 'nono')],
    cwd,
    env: environment(directory, { PS1: '$ ' }),
    ...size,
  });
}

for (const user of users) {
  describe(`the home as ${user.name}`, { timeout: 60_000 }, () => {
    test('on the smallest screen all of what is chosen is there', async () => {
      const directory = makeHome(user);
      const t = home(user, directory, directory, { cols: 40, rows: 10 });
      await t.until('a sandboxed shell here');
      t.write('G');
      await t.until((s) =>
        s
          .replace(/\s+/g, ' ')
          .includes('> x11_socket Draw on the X11 display: see all windows and keys, and type into them'),
      );
      t.write('q');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('groups can be read, a shell is started, and the next time it is among the recent ones', async () => {
      const directory = makeHome(user);
      const t = home(user, directory, join(directory, 'project'), { cols: 80, rows: 24 });
      await t.until('a sandboxed shell here');
      t.write('/');
      await t.until('/_');
      t.write('cred');
      await t.until('/cred_');
      t.write('\r');
      await t.until((screen) => !screen.includes('/cred_'));
      t.write('\r');
      await t.until(/private keys/);
      t.write(key.escape);
      await t.until('/cred');
      t.write(key.escape);
      await t.until((screen) => screen.includes('a sandboxed shell here') && !screen.includes('/cred'));
      t.write('\r');
      // The profile asks for the working directory, as `nono shell` does here.
      await t.until((s) => s.includes(PROMPT) || /\[y\/N\]/i.test(s));
      if (!(await t.text()).includes(PROMPT)) t.write('y\r');
      await t.until(PROMPT);
      const beside = home(user, directory, directory);
      await beside.until(/Running sessions[\s\S]*bash in .*project/);
      beside.write('q');
      await beside.untilEnd();
      enter(t, 'cat ~/.ssh/id_ed25519; echo MARK-$?');
      assert.match(await t.until('MARK-1'), /Permission denied/);
      enter(t, 'exit 4');
      assert.equal((await t.untilEnd()).code, 4);
      assert.equal(t.inAlternateScreen, false);
      const again = home(user, directory, directory);
      assert.match(await again.until('Recent sessions'), /~\/project +profile default/);
      again.write('q');
      assert.equal((await again.untilEnd()).code, 0);
      assert.equal(again.inAlternateScreen, false);
      // A session that may write beside a directory can leave a link in its place.
      const late = home(user, directory, directory);
      await late.until(/~\/project +profile default/);
      renameSync(join(directory, 'project'), join(directory, 'moved'));
      symlinkSync(join(directory, 'moved'), join(directory, 'project'));
      late.write('/');
      await late.until('/_');
      late.write('project');
      await late.until('/project_');
      late.write('\r');
      await late.until((screen) => !screen.includes('/project_'));
      late.write('\r');
      assert.notEqual((await late.untilEnd()).code, 0);
      assert.match(await late.text(), /project leads elsewhere by now/);
      const then = home(user, directory, directory);
      await then.until('a sandboxed shell here');
      assert.doesNotMatch(await then.text(), /~\/project +profile/);
      then.write('q');
      await then.untilEnd();
    });

    test('Ctrl-Z gives the terminal to the shell outside, fg goes on; where none waits it is said', async () => {
      const directory = makeHome(user);
      const alone = home(user, directory, directory, { cols: 80, rows: 24 });
      await alone.until('a sandboxed shell here');
      alone.write(key.ctrlZ);
      await alone.until('no shell waits outside');
      alone.write('q');
      assert.equal((await alone.untilEnd()).code, 0);
      const t = new TestTerminal({
        argv: [...user.prefix, 'bash', '--norc', '--noprofile'],
        cwd: directory,
        env: environment(directory, { PS1: 'outer> ' }),
        cols: 80,
        rows: 24,
      });
      await t.until('outer>');
      enter(t, join(installationFor(user), 'bin', 'nono'));
      for (const stop of [1, 2]) {
        await t.until((screen) => t.inAlternateScreen && screen.includes('a sandboxed shell here'));
        t.write(key.ctrlZ);
        await t.until((screen) => !t.inAlternateScreen && /Stopped[^\n]*\n(?:.*\n)?outer>\s*$/.test(screen));
        enter(t, `echo out""side-${stop}`);
        const screen = await t.until(new RegExp(`^outside-${stop}\nouter>\\s*$`, 'm'));
        assert.doesNotMatch(screen, /a sandboxed shell here/);
        enter(t, 'fg');
      }
      await t.until((screen) => t.inAlternateScreen && screen.includes('a sandboxed shell here'));
      t.write('q');
      await t.until((screen) => !t.inAlternateScreen && /outside-1[\s\S]*outside-2[\s\S]*outer>\s*$/.test(screen));
    });

    test('? lists the keys, with a filter, and leads back', async () => {
      const directory = makeHome(user);
      const t = home(user, directory, directory, { cols: 80, rows: 24 });
      await t.until('a sandboxed shell here');
      t.write('?');
      await t.until(/Enter +start the shell[\s\S]*PgDn Ctrl-f +one page down/);
      t.write('/');
      await t.until('/_');
      t.write('page up');
      await t.until((screen) => /PgUp Ctrl-b +one page up/.test(screen) && !screen.includes('page down'));
      for (const until of ['one page down', 'a sandboxed shell here']) {
        t.write(key.escape);
        await t.until(until);
      }
      t.write('q');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('in lines of text a number starts a shell, i describes, g lists groups, Enter leaves', async () => {
      const directory = makeHome(user);
      for (const env of [{ NONO_SCREEN_READER: '1' }, { INK_SCREEN_READER: 'true' }]) {
        const t = new TestTerminal({
          argv: [...user.prefix, join(installationFor(user), 'bin', 'nono')],
          cwd: join(directory, 'project'),
          env: environment(directory, { PS1: '$ ', ...env }),
          rows: 100,
        });
        const screen = await t.until('Enter leaves: ');
        assert.match(screen, /1\. a sandboxed shell here: ~\/project/);
        assert.doesNotMatch(screen, /deny_credentials/);
        t.write('g\r');
        await t.until(/\d+\. deny_credentials/);
        t.write('99999\r');
        await t.until('none of the choices');
        t.write('i1\r');
        await t.until(/default[\s\S]*Enter leaves: $/);
        t.write('\r');
        assert.equal((await t.untilEnd()).code, 0);
        assert.doesNotMatch(t.raw, /\x1b\[(?:2J|\?1049h)/);
      }
      const t = new TestTerminal({
        argv: [...user.prefix, join(installationFor(user), 'bin', 'nono')],
        cwd: join(directory, 'project'),
        env: environment(directory, { PS1: '$ ', NONO_SCREEN_READER: '1' }),
        rows: 60,
      });
      await t.until('Enter leaves: ');
      t.write('1\r');
      await t.until(/Lines of nono begin[\s\S]*\[nono\] /);
      enter(t, 'exit 4');
      assert.equal((await t.untilEnd()).code, 4);
    });
  });
}

test('without a terminal the usage and exit code 2; on one that cannot draw, a list and a prompt', () => {
  const [user] = users;
  assert.ok(user !== undefined);
  const directory = makeHome(user);
  mkdirSync(join(directory, 'empty'), { recursive: true });
  const bin = join(installationFor(user), 'bin', 'nono');
  const piped = spawnSync(bin, [], { env: environment(directory), encoding: 'utf8', input: '' });
  assert.equal(piped.status, 2);
  assert.match(piped.stderr, /USAGE/);
  const script = `script -qec 'TERM=dumb ${bin}; echo code-$?' /dev/null </dev/null`;
  const dumb = execFileSync('sh', ['-c', script], { env: environment(directory), encoding: 'utf8' });
  assert.match(dumb, /1\. a sandboxed shell here: [\s\S]*Enter leaves: [\s\S]*code-0/);
  assert.doesNotMatch(dumb, /\x1b/);
});
