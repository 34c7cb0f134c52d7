/** The pane shows exactly what a terminal of its size would, and never writes a cell of the chrome. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cell, chromeLines, compositor, PANE, reference as referenceScreen, SIZE, wrongCells } from './composed.ts';
import { escapeSoup } from './escape-soup.ts';
import { FakeClock, FakeTerminal, random } from './fakes.ts';

async function replay(seed: number, chunks: number, door?: 'public'): Promise<void> {
  const next = random(seed);
  const clock = new FakeClock();
  const outer = new FakeTerminal(SIZE);
  const reference = referenceScreen();
  const c = compositor(outer, clock, {}, door);
  c.chromeFrame(chromeLines(), 1);
  clock.advance(20);
  for (let i = 0; i < chunks; i += 1) {
    const bytes = Buffer.from(escapeSoup(next, 40));
    // Cut anywhere, also inside a sequence or a character.
    const cut = next(bytes.length + 1);
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      c.paneOutput(part);
      reference.write(Uint8Array.from(part));
    }
    await new Promise<void>((resolve) => reference.write('', resolve));
    if (door === 'public') await new Promise<void>((resolve) => c.pane.feed('', resolve));
    clock.advance(200);
    await outer.settled();
    const wrong = wrongCells(outer.screen, reference);
    assert.deepEqual(wrong.slice(0, 5), [], `seed ${seed}, chunk ${i}: ${wrong.length} wrong cells`);
    const { cursorX, cursorY } = reference.buffer.active;
    if (c.pane.cursorVisible) {
      const at = outer.screen.buffer.active;
      assert.deepEqual(
        [at.cursorX, at.cursorY],
        [Math.min(cursorX, PANE.width - 1), cursorY + 1],
        `seed ${seed}, chunk ${i}: cursor`,
      );
    }
  }
  assert.doesNotMatch(outer.raw, /\x1b\[[23]J/);
  assert.doesNotMatch(outer.raw, /\x1b\](8|52|4|133|0);/);
}

describe('replay', () => {
  test('the private parts of the emulator behave as believed', () => {
    assert.equal(compositor(new FakeTerminal(SIZE), new FakeClock()).pane.direct, true);
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`random output ${seed}: pane cells right, chrome cells untouched`, async () => replay(seed, 60));
  }

  test('the public way shows text and colours the same', async () => {
    const clock = new FakeClock();
    const outer = new FakeTerminal(SIZE);
    const c = compositor(outer, clock, {}, 'public');
    assert.equal(c.pane.direct, false);
    c.chromeFrame(chromeLines(), 1);
    await new Promise<void>((resolve) => c.pane.feed('a\x1b[1;38;5;9mb漢e\u0301\x1b[m', resolve));
    c.paneOutput(Buffer.from('!'));
    await new Promise<void>((resolve) => c.pane.feed('', resolve));
    clock.advance(50);
    await outer.settled();
    assert.equal(cell(outer.screen, 1, 1), 'b|1|p9|-|100000000');
    assert.equal(cell(outer.screen, 2, 1).split('|')[0], '漢');
    assert.equal(cell(outer.screen, 4, 1).split('|')[0], 'e\u0301');
    assert.equal(cell(outer.screen, 5, 1).split('|')[0], '!');
  });

  test('a dialog covers the pane and gives it back', async () => {
    const clock = new FakeClock();
    const outer = new FakeTerminal(SIZE);
    const c = compositor(outer, clock);
    c.chromeFrame(chromeLines(), 1);
    c.paneOutput(Buffer.from('漢'.repeat(35)));
    clock.advance(50);
    const lines = chromeLines();
    lines[1] = `   DIALOG!!${lines[1]}`;
    c.setScene({ size: SIZE, pane: PANE, overlays: [{ x: 3, y: 1, width: 8, height: 1 }], cursor: 'hidden' });
    c.chromeFrame(lines, 2);
    clock.advance(50);
    await outer.settled();
    const row = outer.screen.buffer.active.getLine(1)?.translateToString(true) ?? '';
    assert.match(row, /^漢 DIALOG!! 漢/);
    c.setScene({ size: SIZE, pane: PANE, overlays: [], cursor: 'pane' });
    clock.advance(50);
    await outer.settled();
    assert.equal((outer.screen.buffer.active.getLine(1)?.translateToString(true) ?? '').slice(0, 35), '漢'.repeat(35));
  });

  test('the cursor of the program is not seen in what the chrome has put over it', async () => {
    const clock = new FakeClock();
    const outer = new FakeTerminal(SIZE);
    const c = compositor(outer, clock);
    const last = (): string | undefined => outer.raw.match(/\x1b\[\?25[hl]/g)?.at(-1);
    c.chromeFrame(chromeLines(), 1);
    c.paneOutput(Buffer.from('abc'));
    clock.advance(50);
    await outer.settled();
    assert.equal(last(), '\x1b[?25h');
    c.setScene({ size: SIZE, pane: PANE, overlays: [{ x: 3, y: 1, width: 8, height: 1 }], cursor: 'pane' });
    clock.advance(50);
    await outer.settled();
    assert.equal(last(), '\x1b[?25l');
    c.setScene({ size: SIZE, pane: PANE, overlays: [{ x: 3, y: 3, width: 8, height: 1 }], cursor: 'pane' });
    clock.advance(50);
    await outer.settled();
    assert.equal(last(), '\x1b[?25h');
  });

  test('a terminal that is still taking a frame is given the newest one later, not every one', async () => {
    const clock = new FakeClock();
    const outer = new FakeTerminal(SIZE);
    const c = compositor(outer, clock);
    c.chromeFrame(chromeLines(), 1);
    clock.advance(50);
    outer.ready = false;
    const before = outer.raw.length;
    for (let i = 0; i < 50; i += 1) {
      c.paneOutput(Buffer.from(`line ${i}\r\n`));
      clock.advance(20);
    }
    assert.equal(outer.raw.length, before);
    outer.drain();
    clock.advance(20);
    await outer.settled();
    assert.match(outer.screen.buffer.active.getLine(22)?.translateToString(true) ?? '', /^ *c|^ +│/);
    assert.match(outer.screen.buffer.active.getLine(21)?.translateToString(true) ?? '', /^line 49/);
    assert.equal(clock.pending, 0, 'nothing may be pending when nothing changes');
  });
});
