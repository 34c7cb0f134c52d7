/** Rows of the chrome become the cells that the emulator makes of them, whichever of the two draws them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CELL_WORDS, CellGrid, ClusterTable } from '../../src/terminal/cells.ts';
import { ChromeScreen } from '../../src/terminal/chrome-screen.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { type OuterWidths, unicode6 } from '../../src/terminal/outer-widths.ts';
import { paddedRow } from '../../src/terminal/padded-row.ts';
import { fit } from '../../src/terminal/visible-text.ts';
import { random } from './fakes.ts';

const SIZE = { cols: 30, rows: 4 };
const MODE = 0x3000000;
const RGB = 0x3000000;

/** The emulator leaves parts of an earlier colour behind that no mode refers to. */
function meant(word: number): number {
  const kept = (word & MODE) === RGB ? 0xffffff : (word & MODE) === 0 ? 0 : 0xff;
  return ((word & ~0xffffff) | (word & kept)) >>> 0;
}

function rowOf(grid: CellGrid, y: number, clusters: ClusterTable): string[] {
  return Array.from({ length: grid.cols }, (_, x) => {
    const [content = 0, fg = 0, bg = 0, ext = 0] = grid.words.subarray(grid.at(x, y), grid.at(x, y) + CELL_WORDS);
    const text = content & 0x200000 ? clusters.text(content & 0x1fffff) : String.fromCodePoint(content & 0x1fffff);
    return `${text}|${content >>> 22}|${meant(fg).toString(16)}|${meant(bg).toString(16)}|${ext}`;
  });
}

function emulated(lines: readonly string[]): string[][] {
  const clusters = new ClusterTable();
  const emulator = new Emulator({ ...SIZE, scrollback: 0, clusters });
  emulator.feed('\x1b[?7l');
  const provider = emulator.setWidths(unicode6);
  assert.ok(provider !== undefined);
  emulator.feed(lines.map((line, y) => `\x1b[${y + 1};1H\x1b[m\x1b[2K${paddedRow(line, provider)}`).join(''));
  const grid = new CellGrid(SIZE.cols, SIZE.rows);
  for (let y = 0; y < SIZE.rows; y += 1) emulator.copyRow(y, 0, SIZE.cols, grid, 0, y);
  return lines.map((_, y) => rowOf(grid, y, clusters));
}

function make() {
  const clusters = new ClusterTable();
  const screen = new ChromeScreen({ ...SIZE, clusters });
  const drawn = (lines: readonly string[]): string[][] => {
    screen.draw([...lines.keys()], lines, () => {});
    const grid = new CellGrid(SIZE.cols, SIZE.rows);
    for (let y = 0; y < SIZE.rows; y += 1) screen.copyRow(y, 0, SIZE.cols, grid);
    return lines.map((_, y) => rowOf(grid, y, clusters));
  };
  return { screen, drawn };
}

const PLAIN = [
  'text',
  ' ',
  '│──╭╯',
  'é·×…←',
  'x'.repeat(40),
  '\x1b[m',
  '\x1b[0m',
  '\x1b[1m',
  '\x1b[2m',
  '\x1b[3m',
  '\x1b[7m',
  '\x1b[22m',
  '\x1b[23m',
  '\x1b[27m',
  '\x1b[31m',
  '\x1b[97m',
  '\x1b[44m',
  '\x1b[104m',
  '\x1b[39m',
  '\x1b[49m',
  '\x1b[1;31m',
  '\x1b[38;2;1;200;30m',
  '\x1b[2;48;2;9;8;7;1m',
  '\x1b[5G',
  '\x1b[29G',
  '\x1b[400G',
  '\x1b[G',
];
const MORE = [
  '漢字',
  'e\u0301',
  '⚠\ufe0f',
  '\u00ad',
  '\u009b',
  '\x07',
  '\t',
  '\r',
  '\x1b[4m',
  '\x1b[38;5;9m',
  '\x1b[38;2;300;1;1m',
  '\x1b[38;2;1m',
  '\x1b[1;G',
  '\x1b[K',
  '\x1b[',
  '\x1b]8;;x\x07',
  '\x7f',
  '\u200b',
  '😀',
];

function lines(next: (below: number) => number, from: readonly string[]): string[] {
  const line = () => Array.from({ length: 1 + next(6) }, () => from[next(from.length)]).join('');
  return Array.from({ length: SIZE.rows }, line);
}

describe('rows of the chrome', () => {
  test('plain rows are the cells of the emulator, and need none', () => {
    const next = random(11);
    const { screen, drawn } = make();
    for (let i = 0; i < 400; i += 1) {
      const rows = lines(next, PLAIN);
      assert.deepEqual(drawn(rows), emulated(rows), JSON.stringify(rows));
    }
    assert.equal(screen.emulated, false);
  });

  for (const one of MORE) {
    test(`${JSON.stringify(one)} is left to the emulator`, () => {
      const { screen, drawn } = make();
      const rows = ['before', `a\x1b[1mb${one}c`, 'behind', ''];
      assert.deepEqual(drawn(rows), emulated(rows));
      assert.equal(screen.emulated, true);
    });
  }

  test('rows of both kinds, drawn over one another', () => {
    const next = random(12);
    const { drawn } = make();
    // What an unfinished sequence does to the row behind it is the emulator's affair, and so is half a wide character in the last column.
    const whole = MORE.filter((one) => one !== '\x1b[');
    const short = PLAIN.filter((one) => one.length < 20 && !/[29]G|400G/.test(one));
    for (let i = 0; i < 400; i += 1) {
      const rows = lines(next, next(2) === 0 ? PLAIN : [...short, ...whole]).map((row, y) => `\x1b[${1 + y}G${row}`);
      assert.deepEqual(drawn(rows), emulated(rows), JSON.stringify(rows));
    }
  });

  test('another size begins empty', () => {
    const { screen, drawn } = make();
    drawn(['漢', 'b', 'c', 'd']);
    screen.resize({ cols: 10, rows: 2 });
    const grid = new CellGrid(10, 2);
    for (let y = 0; y < 2; y += 1) screen.copyRow(y, 0, 10, grid);
    assert.deepEqual(grid.words, new CellGrid(10, 2).words);
    screen.draw([1], ['', '漢'], () => {});
    screen.copyRow(1, 0, 10, grid);
    assert.equal((grid.words[grid.at(0, 1)] ?? 0) & 0x1fffff, '漢'.codePointAt(0));
  });
});

describe('the column after a text that was laid out', () => {
  const modern: OuterWidths = { emoji: 2, vs16: 2, joined: true, skinTones: true, flags: 'one' };
  for (const [terminal, widths] of [
    ['nothing known', undefined],
    ['emoji of one column', unicode6],
    ['emoji of two', modern],
    ['emoji of two, nothing joined', { ...modern, joined: false, skinTones: false }],
  ] as const)
    for (const text of ['plain', '😀', 'a😀b', '😀😀', '✅', '日本', '🌡', '👍', 'नमस्ते', '🜨', '⚠'])
      test(`${terminal}: ${text}`, () => {
        const { screen, drawn } = make();
        if (widths !== undefined) screen.setWidths(widths);
        const [row = []] = drawn([`\x1b[1m${fit(text, 12)}\x1b[m|`]);
        assert.equal(
          row.findIndex((cell) => cell.startsWith('||')),
          12,
          row.join(' '),
        );
      });
});
