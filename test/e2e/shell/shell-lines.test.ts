/** `nono shell --screen-reader`: text in lines, numbered questions, and the same safety as on the screen. */
import assert from 'node:assert/strict';
import { linkSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';
import { answerLine, enter, openShell, runLine } from './shell-helpers.ts';

afterEach(closeTerminals);

async function openLines(user: TestUser, home: string, flags: readonly string[], env: Record<string, string> = {}) {
  const t = new TestTerminal({
    argv: [...user.prefix, join(installationFor(user), 'bin', 'nono'), 'shell', '--allow', '.', ...flags],
    cwd: join(home, 'project'),
    env: environment(home, { PS1: '$ ', ...env }),
    rows: 60,
  });
  await t.until(/\[nono \d+\] Lines of nono[\s\S]*\[nono\] /);
  return t;
}

for (const user of users) {
  describe(`lines of text as ${user.name}`, { timeout: 60_000 }, () => {
    test('a blocked call is read out, answered by number, and succeeds; nothing but text reaches the terminal', async () => {
      const home = makeHome(user);
      const t = await openLines(user, home, ['--screen-reader']);
      enter(t, 'printf "\\033[2J\\033[1;1H\\033]0;title\\007HI\\033[31m\\n"; cat ~/notes.txt');
      await t.until(/read .*notes\.txt: waits/);
      // Typed ahead: a whole approval.
      t.write(`${key.prefix}1\r1\r`);
      await t.until('1 waiting');
      const listed = nono(user, ['ps'], { cwd: join(home, 'project'), home });
      assert.match(listed.stdout, /\d{8}-\d{6}-\d+.*running/);
      await pause(700);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await answerLine(t, '1', 'allow the waiting call, once');
      await answerLine(t, '1', 'remember the milk');
      enter(t, 'cat ~/.ssh/id_ed25519');
      await t.until(/id_ed25519: was denied, deny_credentials/);
      enter(t, 'exit 3');
      assert.equal((await t.untilEnd()).code, 3);
      const ended = nono(user, ['ps', '--all', '--json'], { cwd: join(home, 'project'), home });
      assert.match(ended.stdout, /"exit_code": 3/);
      assert.match(await t.text(), /HI/);
      const sequences = new Set(
        t.raw.slice(t.raw.indexOf('\x1b[?2004h')).match(/\x1b[[\]()P_^X]?[^A-Za-z\x07\x1b]*[A-Za-z\x07]?/g),
      );
      assert.deepEqual([...sequences].sort(), ['\x1b[?2004h', '\x1b[?2004l']);
    });
  });
}

const [first] = users;

test('a name of a denied file that is open all the same is read out at the start', async () => {
  assert.ok(first !== undefined);
  const home = makeHome(first);
  linkSync(join(home, '.ssh/id_ed25519'), join(home, 'project/copy'));
  const t = await openLines(first, home, ['--screen-reader']);
  assert.match(await t.text(), /\[nono \d+\] .*id_ed25519/);
});

test('what a save would change is read out before it is done, from a row and from the command line', async () => {
  assert.ok(first !== undefined);
  const home = makeHome(first);
  const t = await openLines(first, home, ['--screen-reader']);
  enter(t, 'cat ~/notes.txt &');
  await t.until(/read .*notes\.txt: waits/);
  t.write(key.prefix);
  await t.until('1 waiting');
  await answerLine(t, '1', '3. save to the profile, asks once more');
  await answerLine(t, '3', /Save to the profile\?[\s\S]*\.jsonc[\s\S]*\+ +".*notes\.txt"[\s\S]*1\. save and allow/);
  await pause(500);
  enter(t, '');
  await t.until('Back in the shell');
  t.write(key.prefix);
  await t.until(/c\. command line\r?\n[\s\S]*c\. command line/);
  await answerLine(t, 'c', 'Command line:');
  await pause(400);
  enter(t, 'allow ~/other.txt');
  await t.until(/\+ +".*other\.txt"[\s\S]*Allow\?[\s\S]*2\. save to the profile/);
});

for (const env of [{ INK_SCREEN_READER: 'true' }, { NONO_SCREEN_READER: '1', TERM: 'dumb' }]) {
  test(`${Object.keys(env)[0]} asks for lines, too; Ctrl-C goes to the program, the prefix twice sends itself`, async () => {
    assert.ok(first !== undefined);
    const home = makeHome(first);
    const t = await openLines(first, home, [], { ...env } as Record<string, string>);
    await runLine(t, 'echo started', 'READY');
    enter(t, 'cat -v');
    await pause(500);
    t.write(key.prefix);
    await t.until('0 waiting');
    t.write(key.prefix);
    await t.until('Back in the shell');
    await pause(100);
    enter(t, '');
    // A key that comes before cat reads, or before the prompt is back, is nobody's: both are pressed again until the shell has ended.
    for (let attempt = 0; t.ended === undefined && attempt < 10; attempt++) {
      t.write(key.ctrlC);
      await pause(400);
      enter(t, 'exit 0');
      await pause(600);
    }
    assert.ok([0, 131].includes((await t.untilEnd()).code));
  });
}

test('the prefix in a question takes it back, and does not reach the program that waits for the answer', async () => {
  assert.ok(first !== undefined);
  const home = makeHome(first);
  const t = await openLines(first, home, ['--screen-reader']);
  enter(t, 'cat ~/notes.txt; echo ended $?');
  await t.until(/read .*notes\.txt: waits/);
  t.write(key.prefix);
  await t.until('1 waiting');
  await answerLine(t, '1', 'allow the waiting call, once');
  t.write(key.prefix);
  await t.until('Back in the shell');
  t.write(key.prefix);
  await t.until(/1 waiting[\s\S]*1 waiting/);
  await answerLine(t, '1', '6. deny');
  await answerLine(t, '1', 'remember the milk');
  await t.until('ended 0');
});

for (const [nonos, inks] of [
  ['no', ''],
  ['FALSE', '0'],
  ['0', 'false'],
])
  test(`NONO_SCREEN_READER=${nonos} INK_SCREEN_READER=${inks} is the pane, whose terminal the relay holds`, async () => {
    assert.ok(first !== undefined);
    const env = { NONO_SCREEN_READER: nonos ?? '', INK_SCREEN_READER: inks ?? '' };
    const t = await openShell({ user: first, home: makeHome(first), env });
    assert.equal(readFileSync(`/proc/${t.pid}/comm`, 'latin1'), 'nono-relay\n');
    enter(t, 'exit 0');
    assert.equal((await t.untilEnd()).code, 0);
  });
