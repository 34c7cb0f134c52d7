/** The points of the pane's checklist that no other file is about, each by its number. docs/terminal.md says where the others are. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { paneEnvironment } from '../../src/session/pane/pane-environment.ts';
import { widthProvider } from '../../src/terminal/outer-widths.ts';
import { changeWidths, type HeadlessTerminal } from '../../src/terminal/xterm-door.ts';
import { backAtPrompt } from '../e2e/shell/shell-helpers.ts';
import { key, pause, TestTerminal } from '../helpers/terminal.ts';
import { compositor, PANE, SIZE } from './composed.ts';
import { escapeSoup } from './escape-soup.ts';
import { FakeClock, FakeTerminal, random } from './fakes.ts';
import { openSessions, type TestSession } from './helpers.ts';

const { open, start } = openSessions();

const PATIENCE_MS = 15_000;

const cell = (s: TestSession, x: number, y: number) =>
  s.terminal.screen.buffer.active.getLine(s.terminal.screen.buffer.active.baseY + y)?.getCell(x);

/** The row (of the screen) that begins with a text. */
async function rowOf(s: TestSession, text: string): Promise<number> {
  return (await s.terminal.lines()).findIndex((line) => line.startsWith(text));
}

test('docs/terminal.md has a test for each of the 22 points, and every test it names is there', () => {
  const root = join(import.meta.dirname, '..', '..');
  const doc = readFileSync(join(root, 'docs', 'terminal.md'), 'utf8');
  const rows = Array.from(doc.slice(doc.indexOf('### The checklist')).matchAll(/^\| (\d+) \| [^|]+ \| (.+) \|$/gm));
  assert.deepEqual(
    rows.map((row) => Number(row[1])),
    Array.from({ length: 22 }, (_, i) => i + 1),
  );
  for (const [, number, cells = ''] of rows) {
    const named = Array.from(cells.matchAll(/`([^`]+)`: ([^;]+)/g));
    assert.ok(named.length > 0, `point ${number}`);
    for (const [, file = '', name = ''] of named)
      assert.ok(readFileSync(join(root, file), 'utf8').includes(name.trim()), `point ${number}: ${file}: ${name}`);
  }
});

describe('point 1: programs on the whole pane', { timeout: 120_000 }, () => {
  for (const [program, line, shown, quit] of [
    ['top', 'top', /load average/, 'q'],
    ['man', 'man -P less ls', /LS\(1\)/, 'q'],
    ['nano', 'nano -I x', /GNU nano/, '\x18'],
    ['less', 'seq 1 99 | less', /^30\b/m, 'q'],
    ['tmux', 'tmux -f /dev/null -L nono-point new-session "read x"', /^\[0\]/m, '\r'],
  ] as const) {
    const there =
      spawnSync('which', [program]).status === 0 && (program !== 'man' || spawnSync('man', ['-w', 'ls']).status === 0);
    test(`${program} draws, quits, and the prompt is intact`, {
      skip: there ? false : `${program} is not on this machine`,
    }, async () => {
      const s = await start();
      s.terminal.write(`${line}\r`);
      await s.terminal.until(shown);
      s.terminal.write(quit);
      await backAtPrompt(s.terminal);
      s.terminal.write('echo in""tact\r');
      await s.terminal.until(/^intact/m);
      assert.match((await s.terminal.lines())[0] ?? '', /^ nono bash/);
    });
  }
});

describe('point 2: colours and attributes', { timeout: 60_000 }, () => {
  test('palettes stay indices, truecolor stays, attributes and underline styles arrive', async () => {
    const s = await start();
    s.terminal.write(
      "printf 'A\\033[31mB\\033[m\\033[95mC\\033[m\\033[38;5;200mD\\033[m\\033[48;2;1;2;3mE\\033[m\\033[1;3;9;53mF\\033[m\\033[2mG\\033[m\\033[4:3;58:5:9mH\\033[m\\033[7mI\\033[m\\n'\r",
    );
    await s.terminal.until(/^ABCDEFGHI/m);
    const y = await rowOf(s, 'ABCDEFGHI');
    const at = (x: number) => {
      const c = cell(s, x, y);
      assert.ok(c !== undefined);
      return c;
    };
    assert.ok(at(0).isFgDefault());
    assert.deepEqual([at(1).isFgPalette(), at(1).getFgColor()], [true, 1]);
    assert.deepEqual([at(2).isFgPalette(), at(2).getFgColor()], [true, 13]);
    assert.deepEqual([at(3).isFgPalette(), at(3).getFgColor()], [true, 200]);
    assert.deepEqual([at(4).isBgRGB(), at(4).getBgColor()], [true, 0x010203]);
    assert.ok(at(5).isBold() && at(5).isItalic() && at(5).isStrikethrough() && at(5).isOverline());
    assert.ok(at(6).isDim() && at(7).isUnderline() && at(8).isInverse());
    assert.match(s.terminal.raw, /\x1b\[0;4:3;58:5:9m/);
    assert.match(s.terminal.raw, /\x1b\[0;31mB/);
  });
});

describe('point 3: the environment', () => {
  test('TERM is ours, COLORTERM the outer one’s', () => {
    assert.deepEqual(paneEnvironment({ TERM: 'foot', COLORTERM: 'truecolor' }), {
      TERM: 'xterm-256color',
      TERM_PROGRAM: 'nono',
      COLORTERM: 'truecolor',
    });
    assert.equal('COLORTERM' in paneEnvironment({ TERM: 'linux' }), false);
  });
});

describe('point 4: answers', { timeout: 60_000 }, () => {
  /** The answer as far as it was expected, whenever it comes, and what comes right after it. */
  const ask = async (s: TestSession, query: string, expected: string): Promise<string> => {
    const dir = mkdtempSync(join(tmpdir(), 'nono-answer-'));
    s.terminal.write(
      `stty raw -echo; printf '${query}'; timeout 15 head -c ${expected.length} > ${dir}/a; timeout 0.3 cat >> ${dir}/a; stty sane; echo DO""NE\r`,
    );
    await s.terminal.until('DONE', 20_000);
    const answer = readFileSync(join(dir, 'a'), 'latin1');
    rmSync(dir, { recursive: true });
    return answer;
  };
  test('the flags of the keyboard are the program’s own, and come before what it asks next; silence where the terminal knows none', async () => {
    for (const kitty of [true, false]) {
      const s = open({ kitty });
      await s.ready();
      const expected = kitty ? '\x1b[?0u\x1b[?5u\x1b[?1;2c' : '\x1b[?1;2c';
      assert.equal(await ask(s, '\\033[?u\\033[>5u\\033[?u\\033[<u\\033[c', expected), expected);
      assert.equal(s.terminal.raw.split('\x1b[?u').length, 2, 'the terminal is asked once');
    }
  });

  test('DA, DSR, DECRQM, XTVERSION from the pane; colours from the terminal; nothing about title and clipboard', async () => {
    const s = open({ background: '#123456' });
    await s.ready();
    const expected =
      '\x1b[?1;2c\x1b[0n\x1b[?2026;2$y\x1bP>|nono\x1b\\\x1b]11;rgb:1212/3434/5656\x1b\\\x1b]4;196;rgb:ffff/0000/0000\x1b\\';
    const got = await ask(
      s,
      '\\033[c\\033[5n\\033[?2026$p\\033[>q\\033]11;?\\033\\\\\\033]4;196;?\\033\\\\\\033]2;T\\007\\033[21t\\033]52;c;?\\007',
      expected,
    );
    assert.equal(got, expected);
    // Once at the start, whatever the programs ask.
    assert.equal(s.terminal.raw.split('\x1b]11;?').length, 2);
  });
});

describe('point 5: synchronised output', { timeout: 60_000 }, () => {
  test('a frame is held until it is whole, and let go when the program forgets it', async () => {
    const s = await start();
    // The answer says that the half has been taken in.
    s.terminal.write(
      "stty -echo -icanon; clear; printf '\\033[?2026hHA%s\\033[6n' LF; read -rd R; printf 'WHOLE\\033[?2026l\\n'; stty sane\r",
    );
    await s.terminal.until(/^HALFWHOLE/m);
    assert.doesNotMatch(s.terminal.raw, /HALF(?!WHOLE)/, 'half a frame was drawn');
    s.terminal.write("printf '\\033[?2026hSTUCK'; read x\r");
    await s.terminal.until(/^STUCK/m);
  });
});

describe('point 6: widths', { timeout: 60_000 }, () => {
  test('what a terminal draws wide moves nothing: no cell of the chrome, no text behind it', async () => {
    const s = open();
    // A terminal of today, where the test's own is one of Unicode 6.
    changeWidths(s.terminal.screen as unknown as HeadlessTerminal, (base) =>
      widthProvider({ emoji: 2, vs16: 2, joined: true, skinTones: true, flags: 'one' }, base),
    );
    await s.ready();
    for (const sample of ['😀', '⚠️', '👩‍👩‍👧', '👍🏽', '🇩🇪', '漢', 'é']) {
      s.terminal.write(`clear; echo '${sample}${sample}|behind'\r`);
      await s.terminal.until(new RegExp(`^${sample}${sample}\\|behind`, 'm'));
      const y = await rowOf(s, `${sample}${sample}|behind`);
      const width = sample === 'é' ? 1 : 2;
      assert.equal(cell(s, 2 * width, y)?.getChars(), '|', sample);
      assert.equal(cell(s, 76, y)?.getChars(), '│', sample);
    }
  });
});

describe('point 7 to 11: input', { timeout: 60_000 }, () => {
  test('8: a paste triggers nothing of the chrome, and has its marks only for a program that asked', async () => {
    const s = await start();
    assert.match(s.terminal.raw, /\x1b\[\?2004h/);
    s.terminal.write('stty -echo -icanon -isig; echo RE""ADS; cat -v\r');
    await s.terminal.until(/^READS/m);
    s.terminal.write(`\x1b[200~one${key.prefix}q\x1b[201~`);
    const screen = await s.terminal.until('one^\\q');
    assert.doesNotMatch(screen, /End this session|200~/);
  });

  test('11: Ctrl-C, Ctrl-Z, Ctrl-D, Ctrl-S, Ctrl-Q and the doubled prefix reach the tty; Esc waits for nothing', async () => {
    const s = await start();
    // One process, and no shell's loop of them: bash goes on after a Ctrl-C that comes when the program it waits for is over, and dash, which starts programs by vfork(2), cannot stop then.
    const runs = async (count: number): Promise<void> => {
      s.terminal.write(`sh -c 'echo RU""NS ${count}; exec cat'\r`);
      await s.terminal.until(new RegExp(`^RUNS ${count}`, 'm'));
    };
    const repeats = async (line: string): Promise<void> => {
      s.terminal.write(`${line}\r`);
      await s.terminal.until(new RegExp(`^${line}\\b.*\n+${line}\\b`, 'm'));
    };
    await runs(1);
    await repeats('one');
    s.terminal.write('\x1a');
    await s.terminal.until(/Stopped/);
    s.terminal.write('fg\r');
    // What continues, which fg says when the terminal is no longer the prompt's.
    await s.terminal.until(/^sh -c/m);
    await repeats('two');
    s.terminal.write('\x03');
    await s.terminal.until(/\^C/);
    await backAtPrompt(s.terminal);
    await runs(2);
    await repeats('three');
    s.terminal.write(`${key.prefix}${key.prefix}`);
    await s.terminal.until(/Quit|\^\\/);
    await backAtPrompt(s.terminal);
    s.terminal.write('(echo RE""ADS; exec cat); echo after-EOF\r');
    await s.terminal.until(/^READS/m);
    s.terminal.write('\x04');
    await s.terminal.until(/^after-EOF/m);
    await backAtPrompt(s.terminal);
    s.terminal.write('\x13echo fro""zen\r');
    // Nothing tells that nothing comes.
    await pause(300);
    assert.doesNotMatch(await s.terminal.text(), /^frozen/m);
    s.terminal.write('\x11');
    await s.terminal.until(/^frozen/m);
  });
});

describe('point 12: the cursor', { timeout: 60_000 }, () => {
  test('is the terminal’s own, where the program has it, with its shape, hidden when the program hides it', async () => {
    const s = await start();
    s.terminal.write("clear; printf '\\033[6 q\\033[10;20H'; read x; printf '\\033[?25l\\033[0 qhid%s' den; read x\r");
    const at = (): readonly number[] => {
      const { cursorX, cursorY } = s.terminal.screen.buffer.active;
      return [cursorX, cursorY];
    };
    await s.terminal.until(() => at().join() === '19,10');
    assert.match(s.terminal.raw, /\x1b\[6 q/);
    const before = s.terminal.raw.length;
    s.terminal.write('\r');
    await s.terminal.until('hidden');
    // The cursor is put in its place at the end of a frame.
    await s.until(() => s.terminal.raw.endsWith('\x1b[?2026l'));
    assert.match(s.terminal.raw.slice(before), /\x1b\[\?25l/);
    assert.doesNotMatch(s.terminal.raw.slice(before).replace(/^.*hid/s, ''), /\x1b\[\?25h/);
  });
});

describe('point 13: title and bell', { timeout: 60_000 }, () => {
  test('titles are marked and cleaned, put aside and brought back; the bell rings, but is no siren', async () => {
    const s = await start();
    const titles = () => Array.from(s.terminal.raw.matchAll(/\x1b\]2;([^\x1b\x07]*)\x1b\\/g), (m) => m[1]);
    s.terminal.write(
      "echo RE''ADS; for t in '\\033]2;a\\033[31mb\\007' '\\033]2;mine\\007' '\\033[22;0t\\033]2;other\\007' '\\033[23;0t'; do read x; printf \"$t\"; done; read x\r",
    );
    await s.terminal.until(/^READS/m);
    for (const title of ['nono: a', 'nono: mine', 'nono: other', 'nono: mine']) {
      s.terminal.write('\r');
      await s.until(() => titles().at(-1) === title, PATIENCE_MS);
    }
    assert.match(s.terminal.raw, /^\x1b\[22;0t/);
    const bells = (): number => s.terminal.raw.split('\x07').length - 1;
    const before = bells();
    // All in one piece, and not right behind the bell that ended the first title.
    s.terminal.write("\rsleep 0.6; printf '\\a%.0s' $(seq 200); echo RU''NG\r");
    await s.terminal.until('RUNG');
    assert.ok(bells() > before && bells() <= before + 2, `${bells() - before} bells`);
  });
});

describe('point 14: what stays inside', { timeout: 60_000 }, () => {
  test('images, device control strings, notifications, links, complaints of the emulator', async () => {
    const s = await start();
    const before = s.terminal.raw.length;
    s.terminal.write(
      "printf '\\033Pq#0;2;0;0;0~~\\033\\\\\\033_Gf=32;AAAA\\033\\\\\\033]1337;File=:AAAA\\007\\033]9;hi\\007\\033]777;notify;a;b\\007\\033]8;;https://x.example/\\033\\\\text\\033]8;;\\033\\\\\\177\\033[5\\177m'; echo DO''NE\r",
    );
    await s.terminal.until('DONE');
    const sent = s.terminal.raw.slice(before);
    assert.doesNotMatch(sent, /\x1bP|\x1b_|\x1b\](?!2;)|Parsing error|xterm\.js/);
    assert.match(await s.terminal.text(), /^text/m);
  });
});

describe('point 15: at rest', { timeout: 60_000 }, () => {
  test('no processor time while nothing happens', async () => {
    const s = await start();
    const ticks = (): number => {
      const fields = readFileSync(`/proc/${s.terminal.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return Number(fields[11]) + Number(fields[12]);
    };
    // A hundredth of a second each. What its start left to be done is done some time.
    let spent = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 8 && spent > 3; attempt += 1) {
      const before = ticks();
      await pause(3000);
      spent = ticks() - before;
    }
    assert.ok(spent <= 3, `${spent} ticks in three seconds`);
  });
});

describe('point 18: restoring', { timeout: 60_000 }, () => {
  test('SIGQUIT, and a host that fails', async () => {
    const s = await start();
    s.terminal.write("printf '\\033[?1003h\\033[?1h'; sleep 100\r");
    await s.until(() => /\x1b\[\?1h/.test(s.terminal.raw) && /\x1b\[\?1003h/.test(s.terminal.raw), PATIENCE_MS);
    process.kill(s.terminal.pid, 'SIGQUIT');
    await s.terminal.untilEnd();
    assert.equal(s.terminal.inAlternateScreen, false);
    assert.match(s.terminal.raw.slice(-300), /\x1b\[\?1003l.*\x1b\[\?1l.*\x1b\[\?25h.*\x1b\[\?1049l/s);
  });
});

describe('point 22: around us', { timeout: 60_000 }, () => {
  test('inside tmux: starts, resizes, sends what is copied, quits', {
    skip: spawnSync('which', ['tmux']).status === 0 ? false : 'tmux is not on this machine',
  }, async () => {
    const s = open({
      prefix: ['tmux', '-f', '/dev/null', '-L', `nono-around-${process.pid}`, 'new-session'],
    });
    await s.terminal.until('[nono]', 20_000);
    s.terminal.write('echo wor""ks\r');
    await s.terminal.until(/^works/m);
    s.terminal.resize(90, 30);
    await s.terminal.until(/denials/);
    s.terminal.write('exit\r');
    await s.terminal.untilEnd();
  });
});

describe('streams', { timeout: 300_000 }, () => {
  const chrome = Array.from({ length: SIZE.rows }, (_, y) =>
    y === 0 || y === SIZE.rows - 1 ? 'T'.repeat(SIZE.cols) : `\x1b[${PANE.width + 1}G│${'c'.repeat(29)}`,
  );
  const make = () => {
    const outer = new FakeTerminal(SIZE);
    const clock = new FakeClock();
    const c = compositor(outer, clock);
    c.chromeFrame(chrome, 1);
    clock.advance(20);
    const check = async (where: string): Promise<void> => {
      clock.advance(200);
      await outer.settled();
      const buffer = outer.screen.buffer.active;
      for (let y = 0; y < SIZE.rows; y += 1) {
        const line = buffer.getLine(buffer.baseY + y)?.translateToString(false) ?? '';
        if (y === 0 || y === SIZE.rows - 1) assert.equal(line, 'T'.repeat(SIZE.cols), `${where}, row ${y}`);
        else assert.ok(line.endsWith(`│${'c'.repeat(29)}`), `${where}, row ${y}: ${line}`);
      }
    };
    return { c, check };
  };

  test('ten megabytes of random sequences, cut anywhere, change no cell of the chrome', async () => {
    const next = random(2026);
    const { c, check } = make();
    for (let sent = 0, round = 0; sent < 10_000_000; round += 1) {
      const bytes = Buffer.from(escapeSoup(next, 2000));
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + next(9000);
        c.paneOutput(bytes.subarray(at, at + length));
        at += length;
      }
      sent += bytes.length;
      if (round % 20 === 0) await check(`after ${sent} bytes`);
    }
    await check('at the end');
  });

  test('what real programs write, recorded and replayed in any cut, neither', async () => {
    const next = random(9);
    let recorded = '';
    for (const [argv, keys] of [
      [
        ['vim', '-n', '-u', 'NONE', '-c', 'syntax on', join(import.meta.dirname, 'host.ts')],
        ['\x06', 'G', ':q!\r'],
      ],
      [
        ['less', join(import.meta.dirname, 'host.ts')],
        [' ', '/test\r', 'q'],
      ],
      [
        ['nano', join(import.meta.dirname, 'host.ts')],
        ['\x16', '\x18'],
      ],
    ] as const) {
      if (spawnSync('which', [argv[0]]).status !== 0) continue;
      const t = new TestTerminal({
        argv,
        cwd: tmpdir(),
        env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color' },
        cols: 70,
        rows: 22,
      });
      try {
        let shown = await t.until((screen) => screen.trim() !== '');
        for (const k of keys.slice(0, -1)) {
          t.write(k);
          // To be recorded in pieces. Which of them a key leads to is not looked at: what was seen before it may have been half a screen.
          shown = await t.until((screen) => screen !== shown, 1000).catch(() => shown);
        }
        // Again where it was typed before the program read keys: the terminal drops those when its settings change.
        for (let asked = 0; t.ended === undefined && asked < 15; asked += 1) {
          t.write(keys.at(-1) ?? '');
          await t.untilEnd(1000).catch(() => undefined);
        }
        assert.ok(t.ended !== undefined, `${argv[0]} did not end: ${shown}`);
      } finally {
        t.close();
      }
      recorded += t.raw;
    }
    assert.ok(recorded.length > 5000, `${recorded.length} bytes recorded`);
    const bytes = Buffer.from(recorded);
    for (let round = 0; round < 30; round += 1) {
      const { c, check } = make();
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + next(300);
        c.paneOutput(bytes.subarray(at, at + length));
        at += length;
        if (next(40) === 0) await check(`round ${round}, byte ${at}`);
      }
      await check(`round ${round}`);
    }
  });
});
