/** Another nono that is in the middle of writing the profile: a save waits for it, says so, goes on when it may, and can be given up. The shell is never stopped for it. */
import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';
import {
  afterPrefix,
  answerLine,
  approve,
  enter,
  inList,
  interrupt,
  leaveList,
  openShell,
  pressUntil,
} from './shell-helpers.ts';

afterEach(closeTerminals);

const WAITS = /another nono \(\d+\) is writing/;

/** A lock that its owner, this process, will not give back by itself. */
function hold(home: string): { readonly free: () => void; readonly file: string } {
  const profiles = join(home, '.config/nono/profiles');
  mkdirSync(profiles, { recursive: true });
  const { uid, gid } = statSync(home);
  const lock = join(profiles, 'default-local.jsonc.lock');
  writeFileSync(lock, String(process.pid));
  for (const path of [join(home, '.config'), join(home, '.config/nono'), profiles, lock]) chownSync(path, uid, gid);
  return { free: () => rmSync(lock), file: join(profiles, 'default-local.jsonc') };
}

async function held(t: TestTerminal): Promise<void> {
  enter(t, 'cat ~/notes.txt');
  await t.until('1 held');
  await inList(t);
  await pressUntil(t, 'p', (screen) => screen.includes('Save to the profile?'));
}

function run(user: TestUser, home: string): TestTerminal {
  return new TestTerminal({
    argv: [
      ...user.prefix,
      join(installationFor(user), 'bin', 'nono'),
      'run',
      '--allow',
      '.',
      '--',
      'cat',
      '../notes.txt',
    ],
    cwd: join(home, 'project'),
    env: environment(home),
    cols: 160,
  });
}

for (const user of users.slice(0, 1))
  describe('a profile that another nono is writing', { timeout: 120_000 }, () => {
    test('the wait is said, the screen lives, and the call goes on when the other one is done', async () => {
      const home = makeHome(user);
      const { free, file } = hold(home);
      const t = await openShell({ user, home });
      await held(t);
      await pressUntil(t, 'y', (screen) => WAITS.test(screen));
      // What keys do is seen meanwhile: the shell and its programs are not stopped.
      t.write(':');
      await t.until('commands of this session', 1500);
      t.write(key.escape);
      await t.until((screen) => !screen.includes('commands of this session'), 1500);
      assert.equal(existsSync(file), false);
      free();
      await t.until('remember the milk');
      assert.match(readFileSync(file, 'utf8'), /notes\.txt/);
      await leaveList(t);
      enter(t, 'exit 0');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('given up: nothing is saved, nothing is allowed, and no lock of ours is left', async () => {
      const home = makeHome(user);
      const { free, file } = hold(home);
      const t = await openShell({ user, home });
      await held(t);
      await pressUntil(t, 'y', (screen) => WAITS.test(screen) && /Esc/.test(screen));
      t.write(key.escape);
      await t.until(/not saved, so not allowed/, 1500);
      free();
      await pause(500);
      assert.equal(existsSync(file), false);
      assert.deepEqual(readdirSync(join(home, '.config/nono/profiles')), []);
      assert.match(await t.text(), /1 held/);
      await leaveList(t);
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
      assert.doesNotMatch(t.raw, /remember the milk/);
    });

    test('an undo takes the grant away at once; only the profile waits, and keeps the rule when that is given up', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'cat ~/notes.txt');
      await t.until('1 held');
      await approve(t, 'remember the milk', 'p', 'y');
      const { free, file } = hold(home);
      t.write('z');
      await t.until(WAITS, 3000);
      t.write(key.escape);
      await t.until('denied again, but the profile still holds the rule');
      assert.match(readFileSync(file, 'utf8'), /notes\.txt/);
      await leaveList(t);
      enter(t, 'clear; cat ~/notes.txt');
      await t.until('1 held');
      free();
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    test('on the command line: said once, given up, and what holds for this session is said to hold', async () => {
      const home = makeHome(user);
      const { file } = hold(home);
      const t = await openShell({ user, home });
      await afterPrefix(t, ':');
      await t.until('commands of this session');
      enter(t, 'deny --save ~/notes.txt');
      const waiting = await t.until(WAITS, 3000);
      assert.equal(waiting.match(/is writing the profile/g)?.length, 1);
      t.write(key.escape);
      await t.until(/refused for this session[\s\S]*not saved: you gave up waiting/, 1500);
      assert.equal(existsSync(file), false);
      t.write(key.escape);
      await t.until((screen) => !screen.includes('commands of this session'));
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    test('after a run: the wait is said, and Ctrl-C ends it with the command’s exit code', async () => {
      for (const givesUp of [true, false]) {
        const home = makeHome(user);
        const { free, file } = hold(home);
        const t = run(user, home);
        await t.until('Save to the profile? [y/N]');
        t.write(`y${key.enter}`);
        await t.until((screen) => WAITS.test(screen) && screen.includes('Ctrl-C gives up'), 3000);
        if (givesUp) t.write(key.ctrlC);
        else free();
        assert.equal((await t.untilEnd()).code, 1);
        assert.match(await t.text(), givesUp ? /not saved: you gave up waiting/ : /Saved; it holds/);
        assert.equal(existsSync(file), !givesUp);
      }
    });

    test('in lines of text: the wait is one line, and Escape ends it', async () => {
      const home = makeHome(user);
      const { file } = hold(home);
      const t = await openShell({ user, home, flags: ['--allow', '.', '--screen-reader'] });
      enter(t, 'cat ~/notes.txt');
      await t.until(/to answer/);
      t.write(key.prefix);
      await t.until(/Enter alone goes back/);
      await answerLine(t, '1', /save to the profile[\s\S]*Enter alone changes nothing/);
      await answerLine(t, '3', /save and allow[\s\S]*Enter alone changes nothing/);
      await answerLine(t, '1', WAITS);
      t.write(key.escape);
      await t.until(/not saved, so not allowed: you gave up waiting[\s\S]*Back in the shell/, 1500);
      assert.equal(existsSync(file), false);
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });
  });
