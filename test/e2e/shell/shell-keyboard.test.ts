/** What is the shell's gets there while nono is busy; what is nono's never does, however busy it is. Busy is stopped here: a process that takes no turn at all. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, type TestTerminal } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { inList, openShell, runLine } from './shell-helpers.ts';

afterEach(closeTerminals);

function holdsShellTerminal(pid: number): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return /ptmx$/.test(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false;
    }
  });
}

/** The host, once its relay reads the keyboard. */
async function hostOf(t: TestTerminal): Promise<number> {
  for (let i = 0; i < 1000 && !holdsShellTerminal(t.pid); i++) await pause(10);
  assert.ok(holdsShellTerminal(t.pid), 'the relay has the shell’s terminal');
  return Number(readFileSync(`/proc/${t.pid}/task/${t.pid}/children`, 'utf8').trim().split(' ')[0]);
}

/** Until the host has looked at everything and lets keys go straight again. */
const LOOKED_MS = 300;

/** Whether a signal that stops all of a process has not stopped one of them yet. */
function threadsRunning(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).some(
    (tid) => !/\) T /.test(readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1')),
  );
}

async function whileStopped(host: number, run: () => Promise<void>): Promise<void> {
  await pause(LOOKED_MS);
  process.kill(host, 'SIGSTOP');
  for (let i = 0; i < 500 && threadsRunning(host); i++) await pause(10);
  try {
    await run();
  } finally {
    process.kill(host, 'SIGCONT');
  }
}

/** From whatever the keys have opened. The hints of an empty list end as the shell's do. */
async function backInShell(t: TestTerminal): Promise<void> {
  for (let i = 0; i < 20 && !/\S d denials/.test((await t.lines()).at(-1) ?? ''); i++) {
    t.write(key.escape);
    await pause(LOOKED_MS);
  }
}

async function appears(file: string): Promise<boolean> {
  for (let i = 0; i < 200 && !existsSync(file); i++) await pause(10);
  return existsSync(file);
}

for (const user of users) {
  describe(`nono shell as ${user.name}: the keyboard`, { timeout: 120_000 }, () => {
    test('a line typed while nono is busy is run, and shown when it is not', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      const host = await hostOf(t);
      let done = false;
      // The terminal may still be asked something, whose answers the host looks at first.
      for (let i = 0; i < 10 && !done; i++) {
        await whileStopped(host, async () => {
          t.write(`touch straight-${i}; echo do""ne\r`);
          done = await appears(join(home, 'project', `straight-${i}`));
          assert.doesNotMatch(await t.text(), /done/);
        });
        await t.until(/^done/m);
        if (!done) await runLine(t, 'clear', 'END');
      }
      assert.ok(done);
      t.write(`exit${key.enter}`);
      await t.untilEnd();
    });

    test('what is typed into the list is not, nor what comes behind the prefix', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      const host = await hostOf(t);
      await inList(t);
      await whileStopped(host, async () => {
        t.write('touch crooked\r');
        await pause(1000);
      });
      await backInShell(t);
      await whileStopped(host, async () => {
        t.write(`${key.prefix}d`);
        t.write('touch crooked\r');
        await pause(1000);
      });
      await t.until('Esc shell');
      await backInShell(t);
      await runLine(t, 'ls; pwd', 'END');
      assert.equal(existsSync(join(home, 'project', 'crooked')), false);
      assert.doesNotMatch(await t.text(), /touch/);
    });

    test('keys before an escape sequence and behind it come in their order', async () => {
      const t = await openShell({ user, home: makeHome(user) });
      await hostOf(t);
      for (let i = 0; i < 5; i++) {
        t.write('echo bc');
        t.write('\x1b[D\x1b[D');
        t.write('a');
        t.write('\x05');
        t.write('d\r');
        await t.until(new RegExp(`(^abcd\\b[^]*){${i + 1}}`, 'm'));
      }
    });
  });
}
