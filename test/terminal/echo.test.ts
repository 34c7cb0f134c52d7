/** What a key brings back goes to the terminal alone, past composing and comparing; everything that is more than that does not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ScrollView } from '../../src/terminal/scroll-view.ts';
import { chromeLines, compositor, PANE, reference, SIZE, wrongCells } from './composed.ts';
import { escapeSoup } from './escape-soup.ts';
import { FakeClock, FakeTerminal, random } from './fakes.ts';

function make(before = '$ ') {
  const clock = new FakeClock();
  const outer = new FakeTerminal(SIZE);
  const c = compositor(outer, clock);
  c.chromeFrame(chromeLines(), 1);
  c.paneOutput(Buffer.from(before));
  clock.advance(300);
  /** What the terminal gets for a key that brings this back, before anything else can happen. */
  const key = (echo: string): string => {
    const from = outer.raw.length;
    c.keySent();
    c.paneOutput(Buffer.from(echo));
    return outer.raw.slice(from);
  };
  return { clock, outer, c, key };
}

const LONE = /^(?:\x1b\[[\d;]*m)?[ -~]+(?:\x1b\[m)?$/;

describe('an echo', () => {
  test('costs the terminal the letter and nothing else', () => {
    const { key } = make();
    assert.equal(key('l'), 'l');
    assert.equal(key('s'), 's');
    assert.equal(key(' -l'), ' -l');
  });

  test('keeps its colour and gives it back', () => {
    const { key } = make('\x1b[1;31m$ ');
    const sent = key('x');
    assert.match(sent, LONE);
    assert.match(sent, /31/);
    assert.ok(sent.endsWith('\x1b[m'), JSON.stringify(sent));
  });

  for (const [what, prepare] of [
    ['a hidden cursor', ({ c }: ReturnType<typeof make>) => c.paneOutput(Buffer.from('\x1b[?25l'))],
    ['the last column', ({ c }: ReturnType<typeof make>) => c.paneOutput(Buffer.from('.'.repeat(PANE.width - 3)))],
    ['insert mode', ({ c }: ReturnType<typeof make>) => c.paneOutput(Buffer.from('ab\x1b[4h\x1b[2D'))],
    ['an unfinished sequence', ({ c }: ReturnType<typeof make>) => c.paneOutput(Buffer.from('\x1b['))],
    ['line drawing', ({ c }: ReturnType<typeof make>) => c.paneOutput(Buffer.from('\x1b(0'))],
    [
      'a dialog',
      ({ c }: ReturnType<typeof make>) =>
        c.setScene({ size: SIZE, pane: PANE, overlays: [{ x: 3, y: 1, width: 8, height: 1 }], cursor: 'hidden' }),
    ],
    [
      'keys that go to the chrome',
      ({ c }: ReturnType<typeof make>) => c.setScene({ size: SIZE, pane: PANE, overlays: [], cursor: { x: 0, y: 23 } }),
    ],
    [
      'looking back',
      ({ c }: ReturnType<typeof make>) => c.setScroll(new ScrollView(c.pane.lookBack(), PANE.width, PANE.height)),
    ],
  ] as const) {
    test(`${what}: shown, but not as a lone letter`, async () => {
      const made = make();
      prepare(made);
      made.clock.advance(300);
      const sent = made.key('m');
      assert.doesNotMatch(sent, LONE);
    });
  }

  test('waits with what waits: a program that holds its frame, and a terminal that is not ready', () => {
    const { outer, clock, key, c } = make('\x1b[?2026h');
    assert.equal(key('a'), '');
    c.paneOutput(Buffer.from('\x1b[?2026l'));
    clock.advance(300);
    outer.ready = false;
    assert.equal(key('b'), '');
    outer.drain();
    clock.advance(20);
    assert.match(outer.raw, /b/);
  });

  test('comes with the chrome when that has changed, and does not overtake it', () => {
    const { c, key } = make();
    const lines = chromeLines();
    lines[0] = 'X'.repeat(SIZE.cols);
    c.chromeFrame(lines, 2);
    const sent = key('q');
    assert.match(sent, /X.*q|q.*X/s);
  });

  test('is, of a key that nobody has told of, the first output after a pause', () => {
    const { c, outer } = make();
    const sent = (text: string): string => {
      const from = outer.raw.length;
      c.paneOutput(Buffer.from(text));
      return outer.raw.slice(from);
    };
    assert.match(sent('n'), LONE);
    assert.equal(sent('o'), '');
  });

  test('tells which chrome is on the screen, as every frame does', () => {
    const { c, key } = make();
    const told: number[] = [];
    c.onFlushed((version) => told.push(version));
    key('v');
    assert.deepEqual(told, [1]);
  });

  for (const seed of [1, 2, 3, 4]) {
    test(`between random output ${seed}: pane cells right, chrome cells untouched`, async () => {
      const next = random(seed);
      const { c, clock, outer } = make('');
      const wanted = reference();
      let alone = 0;
      for (let i = 0; i < 400; i += 1) {
        const letter = String.fromCharCode(32 + next(95));
        const output = next(12) === 0 ? escapeSoup(next, 6) : letter.repeat(1 + next(3));
        const from = outer.raw.length;
        if (next(10) > 0) c.keySent();
        c.paneOutput(Buffer.from(output));
        if (LONE.test(outer.raw.slice(from))) alone += 1;
        wanted.write(output);
        clock.advance(200);
        if (i % 5 !== 0) continue;
        await new Promise<void>((resolve) => wanted.write('', resolve));
        await outer.settled();
        const wrong = wrongCells(outer.screen, wanted);
        assert.deepEqual(wrong.slice(0, 5), [], `seed ${seed}, output ${i}: ${wrong.length} wrong cells`);
        const { cursorX, cursorY } = wanted.buffer.active;
        const at = outer.screen.buffer.active;
        if (c.pane.cursorVisible)
          assert.deepEqual([at.cursorX, at.cursorY], [Math.min(cursorX, PANE.width - 1), cursorY + 1], `output ${i}`);
      }
      assert.ok(alone > 40, `only ${alone} went alone`);
    });
  }
});
