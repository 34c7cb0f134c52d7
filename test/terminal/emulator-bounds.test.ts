/** A few bytes must not stop a session: the emulator does what they ask at most as often as a screen can show. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CELL_WORDS, CellGrid, ClusterTable, CODE_MASK, IS_CLUSTER } from '../../src/terminal/cells.ts';
import { Emulator } from '../../src/terminal/emulator.ts';

const COLS = 80;
const ROWS = 24;
/** Unbounded, each of these takes minutes; the longest bounded one some milliseconds. */
const MOST_MS = 2000;
const MOST_COUNT = '2000000000';

for (const door of [undefined, 'public'] as const) {
  const make = () => {
    const clusters = new ClusterTable();
    const emulator = new Emulator({ cols: COLS, rows: ROWS, scrollback: 100, clusters, ...(door ? { door } : {}) });
    const feed = (text: string): Promise<void> => new Promise((resolve) => emulator.feed(Buffer.from(text), resolve));
    const cell = (x: number, y: number): string => {
      const grid = new CellGrid(COLS, 1);
      emulator.copyRow(y, 0, COLS, grid, 0, 0);
      const content = grid.words[x * CELL_WORDS] ?? 0;
      return (content & IS_CLUSTER) !== 0
        ? clusters.text(content & CODE_MASK)
        : String.fromCodePoint(content & CODE_MASK);
    };
    return { feed, cell };
  };

  describe(`bounds of the emulator${door === 'public' ? ', by its public interface' : ''}`, () => {
    for (const [name, ending] of [
      ['REP', 'b'],
      ['IL', 'L'],
      ['DL', 'M'],
      ['SU', 'S'],
      ['SD', 'T'],
      ['SL', ' @'],
      ['SR', ' A'],
      ['ICH', '@'],
      ['DCH', 'P'],
      ['ECH', 'X'],
      ['CHT', 'I'],
      ['CBT', 'Z'],
      ['DECIC', "'}"],
      ['DECDC', "'~"],
    ] as const) {
      test(`${name} two thousand million times`, async () => {
        const { feed, cell } = make();
        const began = performance.now();
        await feed(`a\x1b[${MOST_COUNT}${ending}\x1b[1;1Hz`);
        assert.ok(performance.now() - began < MOST_MS, `${Math.round(performance.now() - began)} ms`);
        assert.equal(cell(0, 0), 'z');
      });
    }

    test('what a count says within the screen is done', async () => {
      const { feed, cell } = make();
      await feed('a\x1b[3bZ\x1b[2;1Hsecond\x1b[1;1H\x1b[5L');
      assert.equal([0, 1, 2, 3, 4].map((x) => cell(x, 5)).join(''), 'aaaaZ');
      assert.equal(cell(0, 6), 's');
    });

    test('a cell with marks without end stays short, and what follows is printed', async () => {
      const { feed, cell } = make();
      await feed(`e${'\u0301'.repeat(300_000)}x`);
      assert.ok(cell(0, 0).startsWith('e\u0301'));
      assert.ok(cell(0, 0).length <= 64, `${cell(0, 0).length} units`);
      assert.equal(cell(1, 0), 'x');
      await feed('\r\u{1f469}\u200d\u{1f469}');
      assert.ok(!cell(0, 0).includes('\u0301'));
    });
  });
}
