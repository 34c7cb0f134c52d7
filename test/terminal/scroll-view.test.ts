import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CellGrid, ClusterTable, CODE_MASK, cellWidth, IS_CLUSTER } from '../../src/terminal/cells.ts';
import { clipboardSequence, requestedClipboard } from '../../src/terminal/clipboard.ts';
import { PaneScreen } from '../../src/terminal/pane-screen.ts';
import { ScrollView } from '../../src/terminal/scroll-view.ts';
import { quietPane } from './fakes.ts';

const SIZE = { cols: 20, rows: 5 };
const INVERSE = 0x4000000;

function pane(output: string, scrollback = 100) {
  const clusters = new ClusterTable();
  const screen = new PaneScreen({ ...SIZE, scrollback, clusters }, quietPane);
  screen.feed(Buffer.from(output));
  const view = (): ScrollView => new ScrollView(screen.lookBack(), SIZE.cols, SIZE.rows);
  /** What the view draws: rows of text, and which cells are turned over. */
  const draw = (from: ScrollView): { rows: string[]; inverse: string[] } => {
    const grid = new CellGrid(SIZE.cols, SIZE.rows);
    const rows: string[] = [];
    const inverse: string[] = [];
    for (let y = 0; y < SIZE.rows; y += 1) {
      from.copyRow(y, SIZE.cols, grid, 0, y, clusters);
      let text = '';
      let turned = '';
      for (let x = 0; x < SIZE.cols; x += 1) {
        const content = grid.words[grid.at(x, y)] ?? 0;
        if (cellWidth(content) !== 0)
          text += content & IS_CLUSTER ? clusters.text(content & CODE_MASK) : String.fromCodePoint(content & CODE_MASK);
        turned += ((grid.words[grid.at(x, y) + 1] ?? 0) & INVERSE) === 0 ? '.' : 'x';
      }
      rows.push(text.trimEnd());
      inverse.push(turned);
    }
    return { rows, inverse };
  };
  return { screen, view, draw };
}

const numbers = (n: number): string => Array.from({ length: n }, (_, i) => `line ${i + 1}`).join('\r\n');

describe('looking back', () => {
  test('begins at what is on the screen, and goes no further than the oldest and the newest row', () => {
    const { view, draw } = pane(numbers(50));
    const v = view();
    assert.equal(v.behind, 0);
    assert.deepEqual(draw(v).rows.slice(1), ['line 47', 'line 48', 'line 49', 'line 50']);
    v.page(-1);
    assert.equal(v.behind, 4);
    assert.match(draw(v).rows[0] ?? '', / scrolled 4\/45$/);
    assert.equal(draw(v).rows[1], 'line 43');
    v.first();
    assert.equal(v.behind, 45);
    assert.match(draw(v).rows[1] ?? '', /^line 2$/);
    v.page(-1);
    v.move(-100, 0);
    assert.equal(v.behind, 45);
    v.last();
    v.page(1);
    assert.equal(v.behind, 0);
  });

  test('what the program prints meanwhile moves nothing', () => {
    const { view, draw, screen } = pane(numbers(50), 60);
    const v = view();
    v.scroll(-20);
    const before = draw(v);
    screen.feed(Buffer.from(`\r\n${numbers(500)}\x1b[2J\x1b[3J\x1bc`));
    assert.deepEqual(draw(v), before);
  });

  test('the cursor does not rest on half a character', () => {
    const { view } = pane('漢字漢字\r');
    const v = view();
    v.move(0, 1);
    assert.deepEqual(v.cursor, { x: 2, y: 0 });
    v.move(0, -1);
    assert.deepEqual(v.cursor, { x: 0, y: 0 });
  });
});

describe('searching', () => {
  test('finds upwards from where one is, and marks every match, also where it wraps', () => {
    const { view, draw } = pane(`Needle one\r\n${'.'.repeat(16)}needle two\r\n${numbers(20)}\r\nNEEDLE`);
    const v = view();
    v.search('needle');
    assert.equal(v.found, 3);
    v.jump(-1);
    const drawn = draw(v);
    assert.equal(drawn.rows[v.cursor.y + 1], 'le two');
    assert.equal(drawn.inverse[v.cursor.y + 1], `xx${'.'.repeat(18)}`);
    assert.equal(v.cursor.x, 16);
    v.jump(-1);
    assert.match(draw(v).rows[0] ?? '', /^Need .*19\/19/);
    assert.equal(v.jump(1), true);
  });

  test('while something is selected, a match does not look selected', () => {
    const { view, draw } = pane('top\r\na needle\r\nb needle\r\nc needle\r\nd');
    const v = view();
    const turned = (): readonly string[] => draw(v).inverse.slice(1, 4);
    v.search('needle');
    assert.deepEqual(turned(), Array(3).fill(`..xxxxxx${'.'.repeat(12)}`));
    v.jump(-1);
    v.lineStart();
    v.toggleSelection(false);
    v.move(0, 1);
    const { y } = v.cursor;
    assert.deepEqual(
      turned(),
      [1, 2, 3].map((row) => (row === y ? 'xx' : '').padEnd(20, '.')),
    );
  });

  test('a capital letter finds only itself; nothing found moves nothing', () => {
    const { view } = pane(`needle\r\nNeedle\r\n${numbers(9)}`);
    const v = view();
    v.search('Needle');
    assert.equal(v.found, 1);
    const at = v.cursor;
    v.search('nowhere');
    assert.equal(v.found, 0);
    assert.equal(v.jump(-1), false);
    assert.deepEqual(v.cursor, at);
  });
});

describe('selecting', () => {
  const select = (output: string, from: [number, number], to: [number, number], lines = false): string => {
    const v = pane(output).view();
    v.pointAt(from[0], from[1]);
    v.toggleSelection(lines);
    v.pointAt(to[0], to[1]);
    return v.selected();
  };

  test('no blanks at the ends of lines', () => {
    assert.equal(select('one   \r\n  two \x1b[41m   \x1b[m\r\n\r\nthree', [0, 0], [4, 3]), 'one\n  two\n\nthree');
  });
  test('no breaks where the pane only wrapped', () => {
    const long = 'abcdefghij'.repeat(4);
    assert.equal(select(`${long}\r\nnext`, [0, 0], [3, 2]), `${long}\nnext`);
    assert.equal(select(`${long}\r\nnext`, [5, 1], [6, 1], true), long);
  });
  test('backwards as forwards, wide and combined characters whole', () => {
    assert.equal(select('漢字e\u0301x', [5, 0], [0, 0]), '漢字e\u0301x');
    assert.equal(select('漢字e\u0301x', [0, 0], [5, 0]), '漢字e\u0301x');
  });
  test('a match in it is still to be seen as selected', () => {
    const { view, draw } = pane('\r\nab match cd');
    const v = view();
    v.search('match');
    v.lineStart();
    v.toggleSelection(false);
    v.lineEnd();
    assert.equal(draw(v).inverse[1], `${'x'.repeat(11)}${'.'.repeat(9)}`);
  });
  test('is shown turned over', () => {
    const { view, draw } = pane('\r\nabcdef\r\nghijkl');
    const v = view();
    v.pointAt(2, 1);
    v.toggleSelection(false);
    v.pointAt(1, 2);
    const { inverse } = draw(v);
    assert.equal(inverse[1], `..${'x'.repeat(18)}`);
    assert.equal(inverse[2], `xx${'.'.repeat(18)}`);
  });
});

describe('links', () => {
  const link = (uri: string, text: string): string => `\x1b]8;;${uri}\x1b\\${text}\x1b]8;;\x1b\\`;
  test('only of the web are kept, and never as underline', () => {
    const { view, draw } = pane(
      `${link('https://example.org/a', 'web')} ${link('file:///etc/passwd', 'file')} ${link('javascript:alert(1)', 'js')}\r\n${link('https://example.org/\u202e', 'bidi')} plain\r`,
    );
    const v = view();
    v.pointAt(0, 0);
    assert.equal(v.link, 'https://example.org/a');
    assert.equal(draw(v).inverse[1], '.'.repeat(20));
    for (const [x, y] of [
      [4, 0],
      [9, 0],
      [0, 1],
      [6, 1],
    ] as const) {
      v.pointAt(x, y);
      assert.equal(v.link, undefined, `${x},${y}`);
    }
  });
  test('a link that follows another without an end is its own', () => {
    const v = pane(`\x1b]8;;https://a.example/\x07aa\x1b]8;;mailto:x\x07bb\x1b]8;;https://c.example/\x07cc\r`).view();
    v.pointAt(0, 0);
    assert.equal(v.link, 'https://a.example/');
    assert.equal(v.nextLink(1), true);
    assert.deepEqual([v.cursor.x, v.link], [4, 'https://c.example/']);
    v.pointAt(2, 0);
    assert.equal(v.link, undefined);
  });
  test('overwritten text is no link any more', () => {
    const v = pane(`\x1b]8;;https://a.example/\x07aaaaaaaa\x1b]8;;\x07\rbbbbbbbb\r`).view();
    assert.equal(v.link, undefined);
  });
  test('a flood of links ends in plain text, not in memory', () => {
    const many = Array.from({ length: 6000 }, (_, i) => `\x1b]8;;https://e.example/${i}\x07x\r`).join('');
    const v = pane(many).view();
    v.pointAt(0, 0);
    assert.equal(v.link, undefined);
  });
});

describe('OSC 52', () => {
  test('as the terminal around needs it', () => {
    assert.equal(clipboardSequence('hi', {}), '\x1b]52;c;aGk=\x1b\\');
    assert.equal(
      clipboardSequence('hi', { TMUX: '/tmp/x' }),
      '\x1b]52;c;aGk=\x1b\\\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\',
    );
    const screen = clipboardSequence('x'.repeat(300), { STY: '1.tty' });
    assert.equal(
      screen.replace(/\x1bP([\s\S]*?)\x1b\\/g, '$1'),
      `\x1b]52;c;${Buffer.from('x'.repeat(300)).toString('base64')}\x07`,
    );
    for (const piece of screen.match(/\x1bP[\s\S]*?\x1b\\/g) ?? []) assert.ok(piece.length <= 80);
  });
  test('a program writes text, and reads nothing', () => {
    const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');
    assert.equal(requestedClipboard(`c;${base64('grüße')}`), 'grüße');
    assert.equal(requestedClipboard(`;${base64('x')}`), 'x');
    for (const refused of [
      'c;?',
      'c;',
      '?',
      '',
      'c;=',
      'c;a\x07b',
      `c;${base64(Uint8Array.of(0xff, 0xfe))}`,
      `c;${'A'.repeat(2_000_000)}`,
    ])
      assert.equal(requestedClipboard(refused), undefined, refused.slice(0, 20));
  });
});
