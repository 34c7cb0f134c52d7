/** Nothing flickers, in terminals with synchronised updates and without: the bytes of a session in a pty, cut wherever a write could be. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { key, pause } from '../helpers/terminal.ts';
import { flickerIn, framesOf, type Recording } from './flicker.ts';
import { openSessions, record, type TestSession } from './helpers.ts';

const sessions = openSessions();

const cols = 80;
const rows = 24;

async function start(): Promise<{ s: TestSession; from: number }> {
  const s = await sessions.start({ cols, rows });
  await pause(200);
  await s.terminal.text();
  return { s, from: s.terminal.raw.length };
}

const recording = ({ terminal }: TestSession, resizes: Recording['resizes'] = []): Recording => ({
  raw: terminal.raw,
  cols,
  rows,
  resizes,
});

const scenes: Readonly<Record<string, (s: TestSession) => Promise<void>>> = {
  typing: async ({ terminal }) => {
    for (const c of 'echo what is typed is seen') {
      terminal.write(c);
      await pause(15);
    }
    terminal.write("\x7f\x7f\x7fX\x15echo do''ne\r");
    await terminal.until(/^done/m);
  },
  'a flood': async ({ terminal }) => {
    terminal.write("seq 1 30000; echo en''d\r");
    await terminal.until(/^end/m, 30_000);
  },
  'a screen that is drawn again and again': async ({ terminal }) => {
    terminal.write("for i in 1 2 3 4 5 6 7 8; do clear; ls -la /usr; sleep 0.05; done; echo en''d\r");
    await terminal.until(/^end/m, 30_000);
  },
  'a list that grows': async (s) => {
    for (let i = 0; i < 30; i += 1) {
      s.send({ type: 'denied', record: record({ path: `/srv/${i}`, comm: `program-${i % 7}` }) });
      await pause(10);
    }
    s.send({ type: 'held', holdId: 5n, record: record() });
    await s.terminal.until('1 held');
  },
  'popups that come and go': async (s) => {
    s.send({ type: 'held', holdId: 5n, record: record() });
    await s.terminal.until('HELD');
    s.terminal.write('for i in 1 2 3 4 5 6 7 8 9; do echo behind-it-$i; done\r');
    await s.terminal.until(/^behind-it-9/m);
    s.terminal.write(key.prefix);
    await s.terminal.until('Ctrl-\\ send it');
    s.terminal.write('d');
    await s.terminal.until('Esc shell');
    s.terminal.write(key.enter);
    await s.terminal.until('Held access');
    s.terminal.write(key.escape);
    await s.terminal.until((screen) => !screen.includes('Held access'));
    s.terminal.write(key.escape);
    await s.terminal.until(/nono|denials/);
    await pause(200);
  },
  'looking back': async ({ terminal }) => {
    terminal.write("seq 1 300; echo en''d\r");
    await terminal.until(/^end/m);
    terminal.write(`${key.prefix}[`);
    await terminal.until('scrolled');
    for (const k of ['k', 'k', '\x1b[5~', '\x1b[5~', 'g', 'G', 'v', 'k', 'q']) {
      terminal.write(k);
      await pause(40);
    }
    await terminal.until((screen) => !screen.includes('scrolled'));
  },
};

describe('no piece of a frame takes away what its end shows', { timeout: 180_000 }, () => {
  for (const [name, play] of Object.entries(scenes))
    test(name, async () => {
      const { s, from } = await start();
      await play(s);
      await s.terminal.text();
      const { problems, frames, pieces } = await flickerIn(recording(s), from);
      assert.deepEqual(problems, []);
      assert.ok(frames >= 2 && pieces > frames, `${frames} frames, ${pieces} pieces`);
      // The shell has the keyboard again, and its cursor is seen.
      assert.ok(
        s.terminal.raw.lastIndexOf('\x1b[?25h') > s.terminal.raw.lastIndexOf('\x1b[?25l') ||
          name === 'popups that come and go',
      );
    });

  test('other sizes', async () => {
    const { s, from } = await start();
    s.terminal.write("seq 1 40; echo en''d\r");
    await s.terminal.until(/^end/m);
    const resizes: { at: number; cols: number; rows: number }[] = [];
    for (const [c, r] of [
      [90, 30],
      [120, 36],
      [70, 20],
      [80, 24],
    ] as const) {
      await s.terminal.text();
      const at = s.terminal.raw.length;
      resizes.push({ at, cols: c, rows: r });
      s.terminal.resize(c, r);
      // On a busy machine a frame of this size must not come after the next one was noted.
      for (let before = at; ; before = s.terminal.raw.length) {
        await pause(300);
        if (s.terminal.raw.length > at && s.terminal.raw.length === before) break;
      }
    }
    await s.terminal.text();
    const { problems, repaints } = await flickerIn(recording(s, resizes), from);
    assert.deepEqual(problems, []);
    assert.ok(repaints >= 2, `${repaints}`);
  });
});

describe('what this would find', () => {
  const at = (text: string): Promise<readonly string[]> =>
    flickerIn({ raw: `hello\x1b[2;1Hworld\x1b[?25h${text}`, cols: 20, rows: 3, resizes: [] }, 22).then(
      (f) => f.problems,
    );
  const framed = (text: string): string => `\x1b[?2026h${text}\x1b[?2026l`;

  test('a line that is erased and written again, inside of a frame or not', async () => {
    for (const erase of ['\x1b[2K', '\x1b[2J', '\x1b[20X'])
      assert.ok((await at(framed(`\x1b[1;1H${erase}hello`))).length > 0, erase);
    assert.ok((await at('\x1b[1;1H\x1b[20Xhello')).length > 0);
    assert.deepEqual(await at(framed('\x1b[1;1Hother')), []);
    assert.deepEqual(await at(framed('\x1b[1;3H\x1b[3X')), []);
  });

  test('cells that were on the screen already, in one piece or in several, as characters or as blanks', async () => {
    for (const again of ['\x1b[1;1Hhello', '\x1b[1;1Hhel\x1b[mlo', '\x1b[1;6H\x1b[12X', '\x1b[2;1Hworld new'])
      assert.match((await at(framed(again))).join(), /written again/, JSON.stringify(again));
    // Another look is another cell, and four are not jumped over.
    for (const other of ['\x1b[1;1H\x1b[1mhello\x1b[m', '\x1b[1;1HHellO', '\x1b[2;1HWorld!new'])
      assert.deepEqual(await at(framed(other)), [], JSON.stringify(other));
  });

  test('blanks written over what comes back, and a cursor that is seen to run', async () => {
    assert.ok((await at(framed('\x1b[1;1H     \x1b[1;1Hhello'))).length > 0);
    const long = `\x1b[3;1H${'abcdefghij'.repeat(2)}\x1b[1;1H${'abcdefghij'.repeat(2)}`;
    assert.ok((await at(framed(long))).some((one) => one.includes('cursor')));
    assert.deepEqual(await at(framed(`\x1b[?25l${long}\x1b[?25h`)), []);
  });

  test('frames are told from what is between them', () => {
    assert.deepEqual(framesOf(`a${framed('b')}${framed('c')}d`), ['a', framed('b'), framed('c'), 'd']);
  });
});
