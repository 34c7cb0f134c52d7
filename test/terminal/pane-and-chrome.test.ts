/** More points of the pane's checklist, and the ways between pane and chrome: focus, marks, links, other prefixes, the last command. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { key, pause } from '../helpers/terminal.ts';
import { openSessions, press, record } from './helpers.ts';

const { start } = openSessions();

describe('point 9: modes', { timeout: 60_000 }, () => {
  test('a program that follows focus is told when the chrome takes the keyboard, and when it has it again', async () => {
    const s = await start();
    s.terminal.write("stty -echo -icanon; printf '\\033[?1004h'; cat -v\r");
    await s.until(() => s.terminal.raw.includes('\x1b[?1004h'));
    s.terminal.write(`${key.prefix}d`);
    await s.terminal.until('^[[O');
    s.terminal.write(key.escape);
    await s.terminal.until('^[[O^[[I');
  });
});

describe('point 13: marks', { timeout: 60_000 }, () => {
  test('of the directory, of prompts and of exit codes are taken, whole, and go nowhere', async () => {
    const s = await start();
    s.terminal.write(
      "printf '\\033]7;file://h/tmp\\007\\033]133;C\\007\\033]133;D;3\\007\\033]1337;CurrentDir=/\\007|'; echo DO''NE\r",
    );
    await s.terminal.until(/^\|DONE/m);
    assert.doesNotMatch(s.terminal.raw, /\x1b\](?:7|133|1337);/);
  });

  test('our own bell, where it is asked for, rings for what is denied, and is no siren either', async () => {
    for (const wanted of [true, false]) {
      const s = await start(wanted ? { env: { NONO_TEST_BELL: '1' } } : {});
      const bells = (): number => s.terminal.raw.replace(/\x1b\][^\x07\x1b]*\x07/g, '').split('\x07').length - 1;
      assert.equal(bells(), 0);
      for (let i = 0; i < 5; i += 1) s.send({ type: 'denied', record: record({ path: `/secret/${i}` }) });
      await s.terminal.until('/secret/4');
      if (wanted) await s.until(() => bells() > 0);
      await pause(100);
      assert.equal(bells(), wanted ? 1 : 0);
    }
  });
});

describe('point 14: a link', { timeout: 60_000 }, () => {
  test('shows its address under the pointer; the terminal is asked for movements only once there is a link', async () => {
    const s = await start();
    assert.doesNotMatch(s.terminal.raw, /\x1b\[\?1003h/);
    s.terminal.write(
      "clear; printf '\\033]8;;https://real.example/\\033\\\\pretty\\033]8;;\\033\\\\ \\033]8;;file:///etc\\033\\\\file\\033]8;;\\033\\\\\\n'\r",
    );
    await s.terminal.until(/^pretty file/m);
    await s.until(() => s.terminal.raw.includes('\x1b[?1003h'));
    const y = (await s.terminal.lines()).findIndex((line) => line.startsWith('pretty')) + 1;
    s.terminal.write(`\x1b[<35;2;${y}M`);
    await s.terminal.until('link: https://real.example/');
    s.terminal.write(`\x1b[<35;9;${y}M`);
    await s.terminal.until((screen) => !screen.includes('link:'));
    s.terminal.write(`\x1b[<35;2;${y}M`);
    await s.terminal.until('link: https://real.example/');
    s.terminal.write('x');
    await s.terminal.until((screen) => !screen.includes('link:'));
  });
});

describe('another way to the chrome', { timeout: 60_000 }, () => {
  test('a function key is the prefix, Ctrl-\\ then belongs to the shell', async () => {
    const s = await start({ env: { NONO_TEST_PREFIX: 'F12' } });
    await s.terminal.until('F12 d denials');
    s.terminal.write("sh -c 'echo SLEEPS; exec sleep 100'\r");
    await s.terminal.until(/^SLEEPS/m);
    s.terminal.write('\x1c');
    await s.terminal.until(/Quit|\^\\/);
    s.terminal.write('\x1b[24~d');
    await s.terminal.until('/ filter');
    s.terminal.write(key.escape);
    await s.terminal.until((screen) => !screen.includes('Esc shell'));
    await pause(100);
    s.terminal.write("sh -c 'echo READS; exec cat -v'\r");
    await s.terminal.until(/^READS/m);
    s.terminal.write('\x1b[24~\x1b[24~\r');
    await s.terminal.until(/^\^\[\[24~/m);
  });

  test('without a prefix a click leads to the list, and to the keys; it approves nothing', async () => {
    const s = await start({ env: { NONO_TEST_PREFIX: 'none' } });
    await s.terminal.until('click here nono');
    s.send({ type: 'held', holdId: 1n, record: record() });
    await s.terminal.until('1 held · click here');
    const click = (x: number, y: number): void => s.terminal.write(`\x1b[<0;${x};${y}M\x1b[<0;${x};${y}m`);
    // While a program has the mouse, too.
    s.terminal.write("printf '\\033[?1000h\\033[?1006h'; echo MO''USE; cat -v\r");
    await s.terminal.until('MOUSE');
    click(100, 5);
    await s.terminal.until('Esc shell');
    await pause(500);
    assert.ok(!s.commands.some((c) => c.type === 'verdict' || c.type === 'add-rule'));
    s.terminal.write(key.escape);
    await s.terminal.until((screen) => !screen.includes('Esc shell'));
    await pause(100);
    click(100, 36);
    await s.terminal.until(/d +go to the list/);
    s.terminal.write('d');
    await s.terminal.until('a once');
    await press(s, 'a', () => s.commands.some((c) => c.type === 'verdict' && c.allow));
    assert.doesNotMatch(await s.terminal.text(), /<0;100/);
  });
});

describe('the last command', { timeout: 60_000 }, () => {
  test('is brought back to the prompt after an approval, and runs by Enter', async () => {
    const s = await start();
    s.terminal.write('echo fi""rst\r');
    await s.terminal.until(/^first/m);
    s.send({ type: 'denied', record: record() });
    await s.terminal.until('notes.txt');
    s.terminal.write(`${key.prefix}d`);
    await s.terminal.until('s session');
    await press(s, 's', async () => (await s.terminal.text()).includes('r brings the command back'));
    s.terminal.write('r');
    await s.terminal.until('Enter runs it');
    await s.terminal.until((screen) => screen.split(`echo fi""rst`).length === 3);
    assert.equal((await s.terminal.text()).match(/^first/gm)?.length, 1);
    s.terminal.write('\r');
    await s.terminal.until((screen) => screen.match(/^first/gm)?.length === 2);
    // With something typed nothing is put behind it.
    s.terminal.write('half');
    await s.terminal.until(/half/);
    s.terminal.write(`${key.prefix}d`);
    await s.terminal.until('r again');
    s.terminal.write('r');
    await s.terminal.until('does not wait at an empty prompt');
    assert.match(await s.terminal.text(), /[$#] half *│/);
  });
});
