/** Where the list is: the shell's own terminal has the size that is left for it, and the next session remembers. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key, pause, type TestTerminal } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { afterPrefix, enter, leaveList, openShell, pressUntil, SHELL_HINT } from './shell-helpers.ts';

afterEach(closeTerminals);

let asked = 0;

async function sizeInside(t: TestTerminal): Promise<string> {
  asked += 1;
  enter(t, `clear; echo "=$(stty size)=${asked}"`);
  const shown = new RegExp(`^=(\\d+ \\d+)=${asked}\\b`, 'm');
  return shown.exec(await t.until(shown))?.[1] ?? '';
}

/** The size comes to the shell a moment after the screen has changed. */
async function hasSize(t: TestTerminal, wanted: string): Promise<void> {
  let size = '';
  for (let attempt = 0; attempt < 20 && size !== wanted; attempt++) {
    if (attempt > 0) await pause(200);
    size = await sizeInside(t);
  }
  assert.equal(size, wanted);
}

/** The keys after the prefix, until the keyboard is the shell's again. */
async function press(t: TestTerminal, first: string, ...more: readonly string[]): Promise<void> {
  await afterPrefix(t, first);
  t.write(more.join(''));
  await t.until(SHELL_HINT);
}

for (const user of users.slice(0, 1))
  describe('the layout', { timeout: 60_000 }, () => {
    test('the keys that may follow the prefix leave the prompt and most of the shell on the screen', async () => {
      for (const [cols, rows] of [
        [80, 24],
        [120, 36],
      ] as const) {
        const t = await openShell({ user, home: makeHome(user), cols, rows });
        // The prompt in the last row of the pane.
        enter(t, 'seq 100; echo at the end');
        await t.until(/at the end[^\n]*\n\[nono\]/);
        t.write(key.prefix);
        const screen = await t.until((text) => /detach/.test(text) && /╰/.test(text));
        const lines = screen.split('\n');
        assert.match(screen, /^\[nono\] /m);
        const box = lines.findIndex((line) => line.includes('╰')) - lines.findIndex((line) => line.includes('╭'));
        assert.ok(box > 1 && box < rows / 3, screen);
        t.write(key.escape);
        await t.until((text) => !text.includes('╰'));
        enter(t, 'exit 0');
        await t.untilEnd();
      }
    });

    test('the border is dragged with the mouse, and the next session begins as this one ended', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home, cols: 120, rows: 36 });
      await hasSize(t, '34 76');
      t.write(`\x1b[<0;77;9M${Array.from({ length: 16 }, (_, i) => `\x1b[<32;${76 - i};9M`).join('')}\x1b[<0;61;9m`);
      await hasSize(t, '34 60');
      enter(t, 'exit 0');
      await t.untilEnd();
      const next = await openShell({ user, home, cols: 120, rows: 36 });
      await hasSize(next, '34 60');
      enter(next, 'exit 0');
      await next.untilEnd();
      const smaller = await openShell({ user, home, cols: 100, rows: 36 });
      await hasSize(smaller, '34 48');
      enter(smaller, 'exit 0');
      await smaller.untilEnd();
    });

    test('sides, zoom and hiding resize the shell; the next session begins as this one ended', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home, cols: 120, rows: 36 });
      await hasSize(t, '34 76');
      await press(t, 'z');
      await hasSize(t, '35 120');
      await press(t, 'z');
      await press(t, 'h');
      await hasSize(t, '34 120');
      await press(t, '-');
      await hasSize(t, '24 120');
      await press(t, '|');
      await press(t, '>', '>', key.escape);
      await hasSize(t, '34 68');
      enter(t, 'exit 0');
      await t.untilEnd();
      assert.doesNotMatch(t.raw, /\x1b\[3J/);
      const next = await openShell({ user, home, cols: 120, rows: 36 });
      await hasSize(next, '34 68');
      enter(next, 'exit 0');
      await next.untilEnd();
    });

    test('a held call is announced while the list is hidden, and allowed over the shell, whose size stays', async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home, cols: 80, rows: 24 });
      await press(t, 'h');
      await hasSize(t, '22 80');
      enter(t, 'clear; cat ~/notes.txt');
      await t.until('1 held');
      await afterPrefix(t, 'd');
      await t.until(/denials[\s\S]*HELD[\s\S]*notes\.txt/);
      await pressUntil(t, 'a', (screen) => screen.includes('allowed once'));
      await leaveList(t);
      await t.until('remember the milk');
      await hasSize(t, '22 80');
      enter(t, 'exit 0');
      await t.untilEnd();
    });
  });
