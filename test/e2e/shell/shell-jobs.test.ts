/** Exit codes, job control, held calls under signals, and restoring the terminal. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';
import { enter, interrupt, openShell, PROMPT, runLine } from './shell-helpers.ts';

function ended(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

afterEach(closeTerminals);

for (const user of users) {
  describe(`nono shell as ${user.name}: jobs and endings`, { timeout: 120_000 }, () => {
    test('exit 7 gives 7, and the terminal is left as it was', async () => {
      const home = makeHome(user);
      // A login shell around it shows what is left behind: the screen, the modes, the code.
      const nono = `${installationFor(user)}/bin/nono`;
      const t = new TestTerminal({
        argv: [...user.prefix, 'bash', '--norc', '--noprofile'],
        cwd: home,
        env: environment(home, { PS1: 'outer> ' }),
      });
      await t.until('outer>');
      enter(t, 'stty -a > before; echo on the main screen');
      await t.until(/^on the main screen\s+outer>/m);
      enter(t, `${nono} shell --allow .`);
      await t.until(PROMPT);
      assert.equal(t.inAlternateScreen, true);
      enter(t, 'exit 7');
      await t.until((s) => s.includes('on the main screen') && s.trimEnd().endsWith('outer>'));
      assert.equal(t.inAlternateScreen, false);
      await runLine(t, 'echo code $?; stty -a > after; cmp before after && echo same-modes', 'END');
      assert.match(await t.text(), /code 7/);
      assert.match(await t.text(), /same-modes/);
      assert.doesNotMatch(t.raw, /\x1b\[3J/);
      enter(t, 'exit');
      await t.untilEnd();
    });

    test('a shell killed by a signal gives 128 + n', async () => {
      const t = await openShell({ user, home: makeHome(user) });
      enter(t, 'kill -9 $$');
      assert.equal((await t.untilEnd()).code, 137);
    });

    test('job control: Ctrl-Z, jobs, bg, fg, Ctrl-C', async () => {
      const t = await openShell({ user, home: makeHome(user) });
      // Before the shell has read it, Ctrl-Z would throw it away.
      enter(t, '(echo RU""NS; exec sleep 100)');
      await t.until(/^RUNS/m);
      t.write(key.ctrlZ);
      await t.until('Stopped');
      enter(t, 'bg');
      await t.until(/sleep 100 \) &/);
      enter(t, 'fg');
      await t.until(/fg\b[^\n]*\n\s*\( echo /);
      await interrupt(t);
      await runLine(t, 'clear; jobs; echo count $(jobs | wc -l)', 'END');
      assert.match(await t.text(), /count 0/);
      enter(t, 'exit');
      await t.untilEnd();
    });

    test('job control on a held call: Ctrl-Z stops it, fg holds it again, Ctrl-C ends it', async () => {
      const t = await openShell({ user, home: makeHome(user) });
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      t.write(key.ctrlZ);
      await t.until('Stopped');
      enter(t, 'fg');
      await pause(400);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await interrupt(t);
      await runLine(t, 'clear; echo count $(jobs | wc -l)', 'END');
      assert.match(await t.text(), /count 0/);
      enter(t, 'exit');
      await t.untilEnd();
    });

    test('80×24: the prompt, a held call and its path fit', async () => {
      const t = await openShell({ user, home: makeHome(user), cols: 80, rows: 24 });
      enter(t, 'cat ~/notes.txt');
      const screen = await t.until('held');
      assert.match(screen, /notes\.txt/);
      for (const line of screen.split('\n')) assert.ok(line.length <= 80);
      await interrupt(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    for (const victim of ['host', 'supervisor', 'guardian', 'relay'] as const) {
      test(`kill -9 of the ${victim} with a call held: nothing is granted, nothing survives, the terminal is usable`, async () => {
        const home = makeHome(user);
        const nono = `${installationFor(user)}/bin/nono`;
        const t = new TestTerminal({
          argv: [...user.prefix, 'bash', '--norc', '--noprofile'],
          cwd: `${home}/project`,
          env: environment(home, { PS1: 'outer> ' }),
        });
        await t.until('outer>');
        enter(t, `${nono} shell --allow .`);
        await t.until(PROMPT);
        enter(t, `setsid sleep 31${user.uid === 0 ? 4 : 5}159 & cat ~/notes.txt`);
        await t.until('held');
        const before = processes(t.pid);
        // A prompt on the screen of the session is taken away with it.
        const back = (screen: string): boolean => !t.inAlternateScreen && screen.trimEnd().endsWith('outer>');
        process.kill(before[victim], 'SIGKILL');
        if (victim === 'relay') {
          // The host gives the terminal back, and throws away what was typed meanwhile.
          for (let i = 0; i < 200 && !ended(before.host); i++) await pause(50);
          // The outer shell prints its prompt while the host is still giving the screen back; a person presses Enter.
          for (let i = 0; i < 10 && !back(await t.text()); i++) {
            await pause(500);
            enter(t, '');
          }
        }
        await t.until(back, 20_000);
        await runLine(t, 'echo $((40+2)); stty -a | tr ";" "\\n" | grep -w icanon', 'ALIVE');
        assert.match(await t.text(), /42[\s\S]*\bicanon/);
        assert.doesNotMatch(t.raw, /remember the milk/);
        const left = (): number => running(`sleep 31${user.uid === 0 ? 4 : 5}159`);
        for (let i = 0; i < 100 && left() > 0; i++) await pause(100);
        assert.equal(left(), 0, 'a sandboxed process survived');
        enter(t, 'exit');
        await t.untilEnd();
      });
    }
  });
}

/** The processes of the one session below this terminal's shell, by what they are. */
function processes(shell: number): Record<'host' | 'supervisor' | 'guardian' | 'relay', number> {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((m) => m !== null)
    .map((m) => ({ pid: Number(m[1]), parent: Number(m[2]), args: m[3] ?? '' }));
  const child = (parent: number, words: string): number => {
    const row = rows.find((r) => r.parent === parent && r.args.includes(words));
    assert.ok(row, `no ${words} below ${parent}`);
    return row.pid;
  };
  const relay = child(shell, 'nono-relay');
  const host = child(relay, 'cli.cjs');
  const guardian = child(host, 'nono-launch');
  return { relay, host, guardian, supervisor: child(guardian, 'nono-launch') };
}

function running(args: string): number {
  return execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.trim() === args).length;
}
