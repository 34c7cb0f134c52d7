/** What is drawn before Ink is loaded is what Ink draws: nothing jumps when it takes over. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import chalk from 'chalk';
import type { ChromeModel, Color } from '../../../src/session/screen/chrome-model.ts';
import { firstFrame } from '../../../src/session/screen/first-frame.ts';
import { BLANK, CELL_WORDS, CellGrid, ClusterTable } from '../../../src/terminal/cells.ts';
import { ChromeScreen } from '../../../src/terminal/chrome-screen.ts';
import { contains } from '../../../src/terminal/geometry.ts';
import { record } from '../../terminal/helpers.ts';
import { inked } from '../inked.ts';
import { Bench } from '../support.ts';

// Without a terminal there would be no colours to compare.
chalk.level = 3;

const INVERSE_AND_UNDERLINE = 0x1400_0000;

/** As the compositor draws it. */
function cells(lines: readonly string[], { layout }: ChromeModel): CellGrid {
  const { cols, rows } = layout.size;
  const screen = new ChromeScreen({ cols, rows, clusters: new ClusterTable() });
  screen.draw([...lines.keys()], lines, () => {});
  if (lines.every((line) => !/[^\0-\u02ff\u2010-\u2027\u2190-\u2193\u2500-\u257f]/.test(line)))
    assert.equal(screen.emulated, false, 'plain rows need no emulator');
  const grid = new CellGrid(cols, rows);
  for (let y = 0; y < rows; y += 1) screen.copyRow(y, 0, cols, grid);
  return grid;
}

/** A blank looks the same whatever its colour, unless it is filled. */
function looks(grid: CellGrid, x: number, y: number): readonly number[] {
  const words = [...grid.words.subarray(grid.at(x, y), grid.at(x, y) + CELL_WORDS)];
  const blank = words[0] === BLANK || words[0] === 0;
  return blank && ((words[1] ?? 0) & INVERSE_AND_UNDERLINE) === 0 ? [BLANK] : words;
}

/** Without boxes: they wait for Ink, and until then a long message is cut rather than not there. */
function assertSame(model: ChromeModel, what: string): void {
  const { layout } = model;
  const ours = firstFrame(model);
  const [first, ink] = [cells(ours, model), cells(inked({ ...model, messageBox: undefined }), model)];
  for (let y = 0; y < layout.size.rows; y += 1) {
    for (let x = 0; x < layout.size.cols; x += 1) {
      if (layout.paneShown && contains(layout.pane, x, y)) continue;
      assert.deepEqual(looks(first, x, y), looks(ink, x, y), `${what}: column ${x} of row ${y}: ${ours[y]}`);
    }
  }
}

const sizes = [
  { cols: 120, rows: 40 },
  { cols: 100, rows: 24 },
  { cols: 80, rows: 24 },
  { cols: 61, rows: 14 },
  { cols: 40, rows: 10 },
  { cols: 39, rows: 9 },
  { cols: 213, rows: 55 },
] as const;
const colours: readonly Color[] = [
  true,
  false,
  'dark',
  'light',
  { granted: '#00ff7f', denied: '#ff0040', held: '#aa00ff', on: 'dark' },
];

const scenes: Readonly<Record<string, (bench: Bench) => void>> = {
  'nothing denied': () => {},
  'something to say': ({ session }) => {
    session.found([
      'not in force: names seen by inotify, scheduling of other processes and a word that has no end '.concat(
        'x'.repeat(60),
      ),
    ]);
  },
  'rows of every kind': ({ session }) => {
    session.startAsking();
    session.event({ type: 'held', holdId: 1n, record: record() });
    session.event({ type: 'denied', record: record({ path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 0 }) });
    session.event({
      type: 'denied',
      record: record({ path: '/opt/日本語/a very long name that is cut in the middle', verb: 'execve' }),
    });
  },
  'the list has the keyboard': ({ session }) => {
    session.startAsking();
    session.event({ type: 'denied', record: record({ path: '/opt/x' }) });
    session.event({ type: 'denied', record: record({ path: '/opt/y', comm: 'python3.12' }) });
    session.focusList();
  },
  'rows in groups': ({ session }) => {
    session.startAsking();
    for (const path of [
      '/opt/x',
      '/opt/y',
      '/home/u/日本語/a directory with a name that is long enough to be cut/z',
      '/srv/q',
    ])
      session.event({ type: 'denied', record: record({ path }) });
    session.sortRows();
    session.event({ type: 'denied', record: record({ path: '/opt/late' }) });
    session.ui.message = '';
    session.focusList();
  },
  'a message': ({ session }) =>
    session.say('the list cannot be shown, nothing can be approved: no reason at all '.repeat(3)),
};

describe('the first frame has the cells of the first one that Ink draws', () => {
  for (const [name, play] of Object.entries(scenes))
    test(name, () => {
      for (const size of sizes) {
        const bench = new Bench(size);
        play(bench);
        const { model } = bench.shown();
        const at = `${size.cols}x${size.rows}`;
        for (const color of colours) assertSame({ ...model, color }, `${at}, ${JSON.stringify(color)}`);
        assertSame({ ...model, ascii: true }, `${at}, ASCII`);
      }
    });
});

describe('a terminal that is too small', () => {
  const said = (cols: number, rows: number): readonly string[] => {
    const bench = new Bench({ cols, rows });
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    const { model } = bench.shown();
    assertSame(model, `${cols}x${rows}`);
    return firstFrame(model);
  };

  test('breaks what it says between words where it has rows for it', () => {
    assert.deepEqual(said(22, 8), [
      'nono: 22x8 is too',
      'small',
      'it needs 40x10; the',
      'shell goes on',
      '1 held: enlarge to',
      'answer',
    ]);
  });

  test('and says it in fewer where it has not, what waits first', () => {
    assert.deepEqual(said(22, 3), ['1 held', 'too small', 'min 40x10']);
    assert.deepEqual(said(10, 3), ['1 held', 'too small', 'min 40x10']);
    assert.deepEqual(said(10, 1), ['1 held']);
  });
});
