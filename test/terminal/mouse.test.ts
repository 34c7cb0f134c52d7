/** The mouse in a real pty: what programs in the pane get of it, and the border between pane and list. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pause } from '../helpers/terminal.ts';
import { openSessions, type TestSession } from './helpers.ts';

const { start } = openSessions();
const dir = mkdtempSync(join(tmpdir(), 'nono-mouse-'));
after(() => rmSync(dir, { recursive: true }));

/** As xterm reports it: columns and rows from one on. */
function report(button: number, x: number, y: number, end: 'M' | 'm' = 'M'): string {
  return `\x1b[<${button};${x + 1};${y + 1}${end}`;
}

/** Presses at one cell, goes to another in steps, and lets go there. */
async function drag(s: TestSession, [x, y]: readonly [number, number], [toX, toY]: readonly [number, number]) {
  s.terminal.write(report(0, x, y));
  const steps = Math.max(Math.abs(toX - x), Math.abs(toY - y), 1);
  for (let step = 1; step <= steps; step += 1) {
    const at = (from: number, to: number): number => Math.round(from + ((to - from) * step) / steps);
    s.terminal.write(report(32, at(x, toX), at(y, toY)));
    await pause(3);
  }
  s.terminal.write(report(0, toX, toY, 'm'));
}

async function column(s: TestSession): Promise<number> {
  return ((await s.terminal.lines())[3] ?? '').indexOf('│');
}

async function row(s: TestSession): Promise<number> {
  return (await s.terminal.lines()).findIndex((line) => line.startsWith('─ denials'));
}

let asked = 0;

async function sizeInside(s: TestSession): Promise<string> {
  asked += 1;
  s.terminal.write(`clear; echo "=$(stty size)=${asked}"\r`);
  const shown = new RegExp(`^=(\\d+ \\d+)=${asked}\\b`, 'm');
  return shown.exec(await s.terminal.until(shown))?.[1] ?? '';
}

async function vim(s: TestSession, more: string): Promise<void> {
  const file = join(dir, 'text');
  writeFileSync(file, Array.from({ length: 99 }, (_, i) => `row ${i + 1} ${'abcdefghij'.repeat(5)}\n`).join(''));
  s.terminal.write(`vim -u NONE -c 'set nocp ruler showcmd ${more}' ${file}\r`);
  await s.terminal.until(/^row 3 [\s\S]*1,1/m);
}

describe('the border between pane and list', { timeout: 60_000 }, () => {
  test('beside the pane: dragged, the list and the shell get other sizes, within limits', async () => {
    const s = await start();
    assert.equal(await column(s), 76);
    await drag(s, [76, 9], [50, 20]);
    await s.terminal.until((screen) => screen.split('\n')[3]?.indexOf('│') === 50);
    assert.equal(await sizeInside(s), '34 50');
    await drag(s, [50, 9], [2, 9]);
    await s.terminal.until((screen) => screen.split('\n')[3]?.indexOf('│') === 24);
    await drag(s, [24, 9], [90, 9]);
    await s.terminal.until((screen) => screen.split('\n')[3]?.indexOf('│') === 90);
    assert.equal(await sizeInside(s), '34 90');
    assert.doesNotMatch(s.terminal.raw, /\x1b\]52/, 'nothing was selected');
  });

  test('below the pane', async () => {
    const s = await start({ cols: 80, rows: 24 });
    assert.equal(await row(s), 16);
    await drag(s, [40, 16], [30, 8]);
    await s.terminal.until((screen) => screen.split('\n')[8]?.startsWith('─ denials') === true);
    assert.equal(await sizeInside(s), '7 80');
  });

  for (const mouse of ['a ttymouse=xterm', 'a ttymouse=xterm2', 'a ttymouse=sgr'])
    test(`a program that has the mouse (${mouse}) hears nothing of it but its new size`, async () => {
      const s = await start();
      await vim(s, `mouse=${mouse}`);
      await drag(s, [76, 9], [40, 20]);
      await s.terminal.until((screen) => screen.split('\n')[3]?.indexOf('│') === 40);
      s.terminal.write(':set columns?\r');
      const screen = await s.terminal.until(/columns=40/);
      assert.doesNotMatch(screen, /VISUAL/);
      s.terminal.write('\r');
      await s.terminal.until(/1,1/);
    });

  test('left to the terminal with the mouse', async () => {
    const s = await start();
    s.terminal.write('\x1cm');
    await s.terminal.until('left to the terminal');
    await drag(s, [76, 9], [50, 9]);
    await pause(300);
    assert.equal(await column(s), 76);
  });
});

describe('programs that have the mouse', { timeout: 60_000 }, () => {
  for (const [where, cols, rows] of [
    ['beside the list', 120, 36],
    ['above the list', 80, 24],
  ] as const)
    test(`${where}: clicks, drags and the wheel arrive in their own coordinates`, async () => {
      const s = await start({ cols, rows });
      await vim(s, 'mouse=a ttymouse=sgr');
      s.terminal.write(report(0, 9, 5) + report(0, 9, 5, 'm'));
      await s.terminal.until(/\b5,10 /);
      // Out of the pane and let go there: the end of the line, in the last row of text at most.
      await drag(s, [6, 2], [cols - 1, 4]);
      await s.terminal.until(/VISUAL[\s\S]* 4,\d\d/);
      s.terminal.write('\x1b');
      await s.terminal.until((screen) => !screen.includes('VISUAL'));
      s.terminal.write(report(65, 5, 5));
      await s.terminal.until((screen) => screen.split('\n')[1]?.startsWith('row 4 ') === true);
      // Beside the pane it is nobody's.
      s.terminal.write(
        report(65, cols - 1, rows - 1) + report(0, cols - 3, rows - 1) + report(0, cols - 3, rows - 1, 'm'),
      );
      s.terminal.write(':echo "still"\r');
      const screen = await s.terminal.until('still');
      assert.ok(screen.split('\n')[1]?.startsWith('row 4 '), screen);
    });

  test('the old forms, too: a program that asked for presses hears of no movement', async () => {
    const s = await start();
    for (const [mode, wanted] of [
      [9, '\x1b[M &%'],
      [1000, '\x1b[M &%\x1b[M#)&'],
      [1002, '\x1b[M &%\x1b[M@)&\x1b[M#)&'],
    ] as const) {
      const file = join(dir, `mode-${mode}`);
      s.terminal.write(
        `clear; stty raw -echo; printf '\\033[?${mode}h'; echo RE''ADY; timeout 2 cat > ${file}; printf '\\033[?${mode}l'; stty sane; echo DO''NE\r`,
      );
      await s.terminal.until('READY');
      await pause(200);
      s.terminal.write(report(0, 5, 5) + report(32, 8, 6) + report(0, 8, 6, 'm'));
      await s.terminal.until('DONE');
      assert.equal(readFileSync(file, 'latin1'), wanted, `mode ${mode}`);
    }
  });
});
