/** Output that is parsed late, or never because nobody could see it any more, leaves the screen and the scrollback that parsing all of it leaves. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import xterm from '@xterm/headless';
import { ClusterTable } from '../../src/terminal/cells.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { HeldOutput, isPlain } from '../../src/terminal/held-output.ts';
import { escapeSoup } from './escape-soup.ts';
import { random } from './fakes.ts';

type Screen = InstanceType<typeof xterm.Terminal>;
type Next = (below: number) => number;

const SIZE = { cols: 20, rows: 6 };
const SCROLLBACK = 15;

/** Every row that can be looked back on, with colours and where it wrapped, and the cursor. */
function everything(screen: Screen): string[] {
  const buffer = screen.buffer.active;
  const rows = Array.from({ length: buffer.length }, (_, y) => {
    const line = buffer.getLine(y);
    let text = line?.isWrapped ? '>' : ' ';
    for (let x = 0; x < screen.cols; x += 1) {
      const cell = line?.getCell(x);
      text += `${cell?.getChars() || (cell?.getWidth() === 0 ? '' : ' ')}`;
      const marks = [cell?.getFgColor(), cell?.getBgColor(), cell?.isBold(), cell?.isInverse(), cell?.isUnderline()];
      if (marks.some((m) => m && m !== -1)) text += `<${marks.join()}>`;
    }
    return text.trimEnd();
  });
  return [...rows, `${buffer.type} ${buffer.baseY} ${buffer.cursorX},${buffer.cursorY}`];
}

/** What a screen shows, without what can be looked back on. */
function visible(screen: Screen): string[] {
  const { baseY, cursorX, cursorY } = screen.buffer.active;
  return [...everything(screen).slice(baseY, baseY + screen.rows), `${cursorX},${cursorY}`];
}

const PIECES = ['int main(void)', '\t', 'é', '漢字', 'x'.repeat(19), 'x'.repeat(20), 'y'.repeat(45), '©', '', ' '];
const BREAKS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n', '\n\r', '\f', '\r\n\v'];

function plainLines(next: Next, lines: number): string {
  let s = '';
  for (let i = 0; i < lines; i += 1) {
    s += `${i}`;
    for (let n = next(4); n > 0; n -= 1) s += PIECES[next(PIECES.length)];
    s += BREAKS[next(BREAKS.length)];
  }
  return s;
}

/** Floods between everything that can be set before them: colours, a part that scrolls alone, the other screen, half a sequence. */
const BEFORE = [
  '\x1b[31;44m',
  '\x1b[m',
  '\x1b[2;4r',
  '\x1b[r',
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\x1b]0;an unfinished title',
  '\x1b[',
  '\x07',
  '\x1b[3;7H',
  '\x1b[?7l',
  '\x1b[?7h',
  '\x1b[20h',
  '\x1b[4h',
  '\x1b[4l',
  '\x1b(0',
  '\x1b(B',
];

function stream(next: Next): string {
  let s = '';
  for (let i = 0; i < 12; i += 1) {
    const kind = next(6);
    if (kind < 3) s += plainLines(next, next(120));
    else if (kind < 5) s += BEFORE[next(BEFORE.length)];
    else s += escapeSoup(next, 4);
  }
  return s;
}

function emulator(): Emulator {
  return new Emulator({ ...SIZE, scrollback: SCROLLBACK, clusters: new ClusterTable() });
}

function reference(): Screen {
  return new xterm.Terminal({ ...SIZE, scrollback: SCROLLBACK, allowProposedApi: true, logLevel: 'off' });
}

function write(screen: Screen, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => screen.write(Uint8Array.from(bytes), resolve));
}

describe('held output', () => {
  for (const [what, text, plain] of [
    ['text, tabs and line breaks', 'a\tb\r\n漢 © é\n', true],
    ['a form feed and a vertical tab', 'a\fb\vc', true],
    ['an escape', 'a\x1b[m', false],
    ['a bell', 'a\x07', false],
    ['a backspace', 'a\bb', false],
    ['an end of shift', 'a\x0e', false],
    ['CSI as one character', 'a\u009b2J', false],
    ['the last character of that half', 'a\u009f', false],
    ['the first one behind it', 'a\u00a0', true],
  ] as const) {
    test(`${what}: ${plain ? 'plain' : 'not plain'}`, () => assert.equal(isPlain(Buffer.from(text)), plain));
  }

  test('every byte at every place among others is judged alike', () => {
    const around = Buffer.alloc(48, 'x');
    for (let c = 0; c < 256; c += 1) {
      const plain = (c >= 9 && c <= 13) || (c >= 32 && c !== 127);
      for (let start = 0; start < 4; start += 1) {
        for (const at of [start + 1, start + 17, start + 18, start + 19, start + 20, 46]) {
          const bytes = Buffer.from(around);
          bytes[at] = c;
          // Behind the first half of a control it is one, unless this is the second half of a letter.
          const half = c === 0xc2 ? 0xa9 : 0x78;
          bytes[at + 1] = half;
          assert.equal(isPlain(bytes.subarray(start)), plain, `${c} at ${at} from ${start}`);
        }
      }
    }
  });

  test('C1 is found across the places where words meet', () => {
    for (let at = 1; at < 40; at += 1) {
      const bytes = Buffer.alloc(44, 'x');
      bytes.write('\u009b', at);
      for (let start = 0; start < Math.min(at, 4); start += 1)
        assert.equal(isPlain(bytes.subarray(start)), false, `at ${at} from ${start}`);
    }
  });

  test('a control character cut in two is plain in neither half', () => {
    const csi = Buffer.from('\u009b');
    assert.equal(isPlain(csi.subarray(0, 1)), false);
    assert.equal(isPlain(csi.subarray(1)), false);
  });

  test('only the last lines are given out', () => {
    const held = new HeldOutput();
    held.add(Buffer.from('1\r\n2\r\n3\r\n4'), 2);
    assert.equal(Buffer.from(held.take(2)).toString(), '\r\n2\r\n3\r\n4');
    assert.equal(held.empty, true);
  });

  test('what begins in another column than the first is not dropped', () => {
    const held = new HeldOutput();
    held.add(Buffer.from('1\n2\n3\n4'), 1);
    assert.equal(Buffer.from(held.take(1)).toString(), '1\n2\n3\n4');
  });

  test('nothing is held while a part of the screen scrolls alone, or inside a sequence', () => {
    for (const before of ['\x1b[2;4r', '\x1b]0;title', '\x1b[']) {
      const screen = emulator();
      screen.feed(before);
      assert.equal(screen.hold(Buffer.from('a\r\n'.repeat(200))), false, JSON.stringify(before));
    }
  });

  for (let seed = 1; seed <= 24; seed += 1) {
    test(`random output ${seed}: same screen, same scrollback`, async () => {
      const next = random(seed);
      const ours = emulator();
      const theirs = reference();
      theirs.parser.registerOscHandler(8, () => true);
      ours.term.parser.registerOscHandler(8, () => true);
      let held = 0;
      for (let round = 0; round < 6; round += 1) {
        const bytes = Buffer.from(stream(next));
        for (let at = 0; at < bytes.length; ) {
          const part = bytes.subarray(at, at + 1 + next(next(3) === 0 ? 12 : 900));
          at += part.length;
          if (ours.hold(part)) held += 1;
          else ours.feed(part);
          await write(theirs, part);
          if (next(12) === 0) ours.settle();
          else if (next(5) === 0) {
            ours.show();
            assert.deepEqual(visible(ours.term), visible(theirs), `shown: seed ${seed}, round ${round}`);
          }
        }
        ours.settle();
        assert.deepEqual(everything(ours.term), everything(theirs), `seed ${seed}, round ${round}`);
      }
      assert.ok(held > 0, 'nothing was held');
    });
  }

  test('a flood over what stands below the cursor, of every length', async () => {
    for (let lines = 1; lines < SCROLLBACK + 3 * SIZE.rows; lines += 1) {
      const ours = emulator();
      const theirs = reference();
      const before = Buffer.from(`${'old\r\n'.repeat(40)}\x1b[H`);
      const flood = Buffer.from(`${'n'.repeat(SIZE.cols)}\r\n`.repeat(lines));
      ours.feed(before);
      if (!ours.hold(flood)) ours.feed(flood);
      ours.settle();
      await write(theirs, before);
      await write(theirs, flood);
      assert.deepEqual(everything(ours.term), everything(theirs), `${lines} lines`);
    }
  });

  test('a flood larger than what can be held', async () => {
    const next = random(7);
    const ours = emulator();
    const theirs = reference();
    const bytes = Buffer.from(plainLines(next, 1000).repeat(100));
    for (let at = 0; at < bytes.length; at += 4095) {
      const part = bytes.subarray(at, at + 4095);
      if (!ours.hold(part)) ours.feed(part);
    }
    await write(theirs, bytes);
    ours.settle();
    assert.deepEqual(everything(ours.term), everything(theirs));
  });

  test('a flood that is shown now and then: the last rows are parsed for it, and the scrollback is right afterwards', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const next = random(seed);
      const ours = emulator();
      const theirs = reference();
      let shownAlone = 0;
      for (let i = 0; i < 60; i += 1) {
        const part = Buffer.from(plainLines(next, 40 + next(200)).replaceAll('\n\r', '\r\n'));
        if (!ours.hold(part)) ours.feed(part);
        await write(theirs, part);
        ours.show();
        assert.deepEqual(visible(ours.term), visible(theirs), `seed ${seed}, part ${i}`);
        if (JSON.stringify(everything(ours.term)) !== JSON.stringify(everything(theirs))) shownAlone += 1;
      }
      assert.ok(shownAlone > 3, `only ${shownAlone} times the scrollback was left for later`);
      ours.settle();
      assert.deepEqual(everything(ours.term), everything(theirs), `seed ${seed}`);
    }
  });

  test('a few characters behind a shown flood are taken in the ordinary way, and so is what is behind them', () => {
    const screen = emulator();
    assert.equal(screen.hold(Buffer.from('flood\r\n'.repeat(300))), true);
    screen.show();
    assert.equal(screen.echo(Buffer.from('a')), 0, 'what is held comes before it');
    assert.equal(screen.hold(Buffer.from('$ ')), false);
    screen.feed(Buffer.from('$ '));
    assert.equal(screen.echo(Buffer.from('ls')), 2);
    assert.equal(screen.term.buffer.active.length, SCROLLBACK + SIZE.rows);
    assert.deepEqual(everything(screen.term).slice(-3), [' flood', ' $ ls', 'normal 15 4,5']);
  });

  test('one line without an end, larger than what can be held', async () => {
    const ours = emulator();
    const theirs = reference();
    const part = Buffer.from('0123456'.repeat(600));
    for (let i = 0; i < 300; i += 1) {
      if (!ours.hold(part)) ours.feed(part);
      await write(theirs, part);
    }
    ours.settle();
    assert.deepEqual(everything(ours.term), everything(theirs));
  });

  test('whoever looks sees everything that was held', () => {
    for (const look of ['cursor', 'scrollback', 'resize', 'feed'] as const) {
      const screen = emulator();
      assert.equal(screen.hold(Buffer.from(`${'one\r'.repeat(100)}\ntwo`)), true);
      if (look === 'cursor') assert.deepEqual(screen.cursor, { x: 3, y: 1 });
      if (look === 'scrollback') assert.equal(screen.scrollback(() => undefined).rows[1]?.words.length, 3 * 4);
      if (look === 'resize') screen.resize({ cols: 10, rows: 6 });
      if (look === 'feed') screen.feed('\x1b[m');
      assert.equal(screen.term.buffer.active.getLine(1)?.translateToString(true), 'two', look);
    }
  });
});
