/** What vttest shows and esctest asserts, as far as a screen can tell: the expected rows are those of the DEC manuals and xterm's ctlseqs, written down, not taken from an emulator. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CellGrid, ClusterTable, CODE_MASK, cellWidth, IS_CLUSTER } from '../../src/terminal/cells.ts';
import { PaneScreen } from '../../src/terminal/pane-screen.ts';
import { quietPane } from './fakes.ts';

const COLS = 10;
const ROWS = 5;

function screen(output: string): { rows: string[]; cursor: string; replies: string } {
  const clusters = new ClusterTable();
  let replies = '';
  const pane = new PaneScreen(
    { cols: COLS, rows: ROWS, scrollback: 20, clusters },
    {
      ...quietPane,
      reply: (data) => {
        replies += data;
      },
    },
  );
  // Byte by byte: no sequence may depend on how it was cut.
  for (const byte of Buffer.from(output)) pane.feed(Uint8Array.of(byte));
  const grid = new CellGrid(COLS, ROWS);
  const rows = Array.from({ length: ROWS }, (_, y) => {
    pane.copyRow(y, 0, COLS, grid, 0, y);
    let text = '';
    for (let x = 0; x < COLS; x += 1) {
      const content = grid.words[grid.at(x, y)] ?? 0;
      if (cellWidth(content) === 0) continue;
      text += content & IS_CLUSTER ? clusters.text(content & CODE_MASK) : String.fromCodePoint(content & CODE_MASK);
    }
    return text.trimEnd();
  });
  const { x, y } = pane.cursor;
  return { rows, cursor: `${y + 1};${x + 1}`, replies };
}

/** Name, output, the rows that are to be seen (missing ones are empty), and where the cursor is to be. */
type Case = readonly [name: string, output: string, rows: readonly string[], cursor?: string];

const FILLED = 'aaa\r\nbbb\r\nccc\r\nddd\r\neee';

const groups: Readonly<Record<string, readonly Case[]>> = {
  'cursor movement': [
    ['CUP', '\x1b[3;4HX', ['', '', '   X'], '3;5'],
    ['CUP without parameters is home', '\x1b[3;4H\x1b[HX', ['X'], '1;2'],
    ['CUP beyond the screen stops at its corner', '\x1b[99;99H', [], '5;10'],
    ['CUP 0 is 1', '\x1b[0;0HX', ['X']],
    ['HVP', '\x1b[2;2fX', ['', ' X']],
    ['CUU stops at the top', '\x1b[3;1H\x1b[9AX', ['X']],
    ['CUD stops at the bottom', '\x1b[9BX', ['', '', '', '', 'X']],
    ['CUF and CUB stop at the sides', '\x1b[99C\x1b[1;1H\x1b[5C\x1b[99DX', ['X']],
    ['CUU stops at the top margin', '\x1b[2;4r\x1b[3;1H\x1b[9AX', ['', 'X']],
    ['CUD stops at the bottom margin', '\x1b[2;4r\x1b[3;1H\x1b[9BX', ['', '', '', 'X']],
    ['CNL and CPL', '\x1b[3;5H\x1b[EX\x1b[2FY', ['', 'Y', '', 'X']],
    ['CHA and HPA', '\x1b[4GX\x1b[8`Y', ['   X   Y']],
    ['HPR and VPA and VPR', '\x1b[2aX\x1b[3dY\x1b[1eZ', ['  X', '', '   Y', '    Z']],
    ['BS stops at the left side', 'a\b\b\bX', ['X']],
    ['CR and LF', 'ab\rX\nY', ['Xb', ' Y']],
    ['VT and FF are LF', 'a\x0bb\x0cc', ['a', ' b', '  c']],
    ['controls inside a sequence are carried out', 'a\x1b[2\bCX', ['a X']],
    ['CAN and SUB end a sequence', '\x1b[5\x18CX', ['CX']],
    ['DECSC and DECRC', '\x1b[2;3H\x1b7\x1b[5;5H\x1b8X', ['', '  X']],
  ],
  'margins and scrolling': [
    ['DECSTBM homes the cursor', '\x1b[3;3H\x1b[2;4rX', ['X']],
    [
      'LF at the bottom margin scrolls the region only',
      `${FILLED}\x1b[2;4r\x1b[4;1H\nX`,
      ['aaa', 'ccc', 'ddd', 'X', 'eee'],
    ],
    ['RI at the top margin', `${FILLED}\x1b[2;4r\x1b[2;1H\x1bMX`, ['aaa', 'X', 'bbb', 'ccc', 'eee']],
    ['IND', `${FILLED}\x1b[5;2H\x1bDX`, ['bbb', 'ccc', 'ddd', 'eee', ' X']],
    ['NEL', 'ab\x1bEX', ['ab', 'X']],
    ['origin mode', '\x1b[2;4r\x1b[?6h\x1b[1;1HX\x1b[99;1HY', ['', 'X', '', 'Y']],
    ['origin mode off again', '\x1b[2;4r\x1b[?6h\x1b[?6lX', ['X']],
    ['SU and SD', `${FILLED}\x1b[S`, ['bbb', 'ccc', 'ddd', 'eee']],
    ['SD', `${FILLED}\x1b[2T`, ['', '', 'aaa', 'bbb', 'ccc']],
    ['SU in a region', `${FILLED}\x1b[2;3r\x1b[S`, ['aaa', 'ccc', '', 'ddd', 'eee']],
    ['IL', `${FILLED}\x1b[2;1H\x1b[2L`, ['aaa', '', '', 'bbb', 'ccc']],
    ['DL', `${FILLED}\x1b[2;1H\x1b[2M`, ['aaa', 'ddd', 'eee']],
    ['IL outside the margins does nothing', `${FILLED}\x1b[2;3r\x1b[5;1H\x1b[L`, ['aaa', 'bbb', 'ccc', 'ddd', 'eee']],
    ['DL in a region', `${FILLED}\x1b[2;4r\x1b[2;1H\x1b[M`, ['aaa', 'ccc', 'ddd', '', 'eee']],
  ],
  'erasing and editing': [
    ['ED 0', `${FILLED}\x1b[3;2H\x1b[J`, ['aaa', 'bbb', 'c']],
    ['ED 1', `${FILLED}\x1b[3;2H\x1b[1J`, ['', '', '  c', 'ddd', 'eee']],
    ['ED 1 in the last cell', `${FILLED}\x1b[99;99H\x1b[1JX`, ['', '', '', '', `${' '.repeat(9)}X`]],
    ['ED 2 leaves the cursor', `${FILLED}\x1b[3;2H\x1b[2JX`, ['', '', ' X']],
    ['EL 0, 1, 2', 'abcdef\x1b[3D\x1b[K\r\nabcdef\x1b[3D\x1b[1K\r\nabcdef\x1b[2K', ['abc', '    ef']],
    ['ICH', 'abcdef\x1b[1;3H\x1b[2@', ['ab  cdef']],
    ['ICH pushes out', 'abcdefghij\x1b[1;1H\x1b[3@', ['   abcdefg']],
    ['DCH', 'abcdef\x1b[1;2H\x1b[2P', ['adef']],
    ['ECH', 'abcdef\x1b[1;2H\x1b[3X', ['a   ef']],
    ['REP', 'ab\x1b[3b', ['abbbb']],
    ['IRM', 'abc\x1b[1;2H\x1b[4hXY\x1b[4lZ', ['aXYZc']],
    ['DECALN fills the screen', '\x1b#8', Array<string>(5).fill('E'.repeat(10)), '1;1'],
    ['DECSED and DECSCA: what is protected stays', 'a\x1b[1"qb\x1b[0"qc\x1b[?2J', [' b']],
  ],
  wrapping: [
    ['at the right side the cursor waits', 'abcdefghij', ['abcdefghij'], '1;10'],
    ['the next character wraps', 'abcdefghijk', ['abcdefghij', 'k']],
    ['CR in that state does not', 'abcdefghij\rX', ['Xbcdefghij']],
    ['without DECAWM the last column is overwritten', '\x1b[?7labcdefghijkl', ['abcdefghil']],
    ['a wide character does not fit in the last column', 'abcdefghi漢', ['abcdefghi', '漢']],
    ['half a wide character goes when the other is overwritten', '漢字\x1b[1;2HX', [' X字']],
    ['a combining mark stays with its letter at the end of the row', 'abcdefghije\u0301', ['abcdefghij', 'e\u0301']],
    ['it scrolls at the bottom', '\x1b[5;1Habcdefghijk', ['', '', '', 'abcdefghij', 'k']],
  ],
  'tab stops': [
    ['every eight columns', 'a\tb', ['a       b']],
    ['the last column stops', '\t\t\tX', [`${' '.repeat(9)}X`]],
    ['HTS', '\x1b[1;4H\x1bH\r\tX', ['   X']],
    ['TBC 0 and 3', '\x1b[1;4H\x1bH\x1b[g\r\tX\x1b[3g\r\tY', [`${' '.repeat(8)}XY`]],
    ['CHT and CBT', '\x1b[IX\x1b[ZY', [`${' '.repeat(8)}Y`]],
  ],
  'character sets': [
    ['line drawing in G0', '\x1b(0lqk\x1b(Blqk', ['┌─┐lqk']],
    ['SO and SI', '\x1b)0q\x0eq\x0fq', ['q─q']],
    ['british', '\x1b(A#\x1b(B#', ['£#']],
    ['DECSC keeps the set', '\x1b(0\x1b7\x1b(B\x1b8q', ['─']],
  ],
  'screens and resets': [
    [
      '1049 has its own screen, and brings back ours with the cursor',
      'ab\x1b[?1049h\x1b[2J\x1b[HX\x1b[?1049lY',
      ['abY'],
    ],
    ['47', 'ab\x1b[?47h\x1b[HXXXX\x1b[?47l', ['ab']],
    ['1047 is empty the next time', '\x1b[?1047hX\x1b[?1047l\x1b[?1047h', []],
    ['1048 keeps the cursor', '\x1b[2;2H\x1b[?1048h\x1b[H\x1b[?1048lX', ['', ' X']],
    ['the other screen scrolls without history', `\x1b[?1049h\x1b[H${FILLED}\r\nfff\x1b[?1049l`, []],
    [
      'DECSTR: margins, origin, insert',
      `${FILLED}\x1b[2;4r\x1b[?6h\x1b[4h\x1b[!p\x1b[1;1HXY`,
      ['XYa', 'bbb', 'ccc', 'ddd', 'eee'],
    ],
    ['RIS', `${FILLED}\x1b[2;4r\x1b(0\x1bcq`, ['q']],
  ],
  'what is not for the screen': [
    [
      'OSC, DCS, APC, PM and SOS print nothing',
      'a\x1b]0;t\x07b\x1bPq#0\x1b\\c\x1b_x\x1b\\d\x1b^y\x1b\\e\x1bXz\x1b\\f',
      ['abcdef'],
    ],
    ['an unknown sequence prints nothing', 'a\x1b[?9999h\x1b[5;5~\x1b[>1;2;3z\x1b%Gb', ['ab']],
    ['an OSC that never ends is ended by the next ESC', 'a\x1b]0;x\x1b[Cb', ['a b']],
    ['NUL and DEL print nothing', 'a\x00\x7fb', ['ab']],
    ['broken UTF-8 takes a cell, not the row', 'a\u{fffd}b', ['a\u{fffd}b']],
  ],
};

for (const [group, cases] of Object.entries(groups)) {
  describe(group, () => {
    for (const [name, output, rows, cursor] of cases) {
      test(name, () => {
        const got = screen(output);
        assert.deepEqual(got.rows, [...rows, ...Array<string>(ROWS - rows.length).fill('')]);
        if (cursor !== undefined) assert.equal(got.cursor, cursor);
      });
    }
  });
}

describe('answers', () => {
  for (const [name, output, wanted] of [
    ['DA1', '\x1b[c', /^\x1b\[\?1;2c$/],
    ['DA2', '\x1b[>c', /^\x1b\[>\d+;\d+;\d+c$/],
    ['DSR 5', '\x1b[5n', /^\x1b\[0n$/],
    ['CPR', '\x1b[3;4H\x1b[6n', /^\x1b\[3;4R$/],
    ['DECXCPR', '\x1b[3;4H\x1b[?6n', /^\x1b\[\?3;4R$/],
    ['DECRQM of what is off', '\x1b[?2004$p', /^\x1b\[\?2004;2\$y$/],
    ['DECRQM of what is on', '\x1b[?2004h\x1b[?2004$p', /^\x1b\[\?2004;1\$y$/],
    ['DECRQM 2026', '\x1b[?2026$p', /^\x1b\[\?2026;[12]\$y$/],
    ['DECRQM 1006', '\x1b[?1006h\x1b[?1006$p', /^\x1b\[\?1006;1\$y$/],
    ['DECRQM of the mouse in pixels, which are not known', '\x1b[?1016h\x1b[?1016$p', /^\x1b\[\?1016;4\$y$/],
    ['DECRQM of what nobody knows', '\x1b[?4242$p', /^\x1b\[\?4242;0\$y$/],
    ['XTVERSION', '\x1b[>q', /^\x1bP>\|nono\x1b\\$/],
    ['DECRQSS', '\x1b[2;4r\x1bP$qr\x1b\\', /^\x1bP1\$r2;4r\x1b\\$/],
  ] as const) {
    test(name, () => assert.match(screen(output).replies, wanted));
  }
  for (const [name, output] of [
    ['the title', '\x1b]2;secret\x07\x1b[21t'],
    ['the icon name', '\x1b]1;secret\x07\x1b[20t'],
    ['the clipboard', '\x1b]52;c;?\x07'],
    ['the size of the window', '\x1b[14t\x1b[18t\x1b[19t'],
    ['answerback', '\x05'],
  ] as const) {
    test(`none about ${name}`, () => assert.equal(screen(output).replies, ''));
  }
});
