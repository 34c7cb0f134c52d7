/** The line of the cursor when the pane gets another width: as line editors draw it again, and as nobody does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CELL_WORDS, CellGrid, ClusterTable, CODE_MASK } from '../../src/terminal/cells.ts';
import { PaneScreen } from '../../src/terminal/pane-screen.ts';
import { escapeSoup } from './escape-soup.ts';
import { random } from './fakes.ts';

const quiet = {
  reply: () => {},
  title: () => {},
  bell: () => {},
  promptMark: () => {},
  ask: () => {},
  askKitty: () => {},
  clipboard: () => {},
};

function make(cols: number, rows = 8, scrollback = 50) {
  const pane = new PaneScreen({ cols, rows, scrollback, clusters: new ClusterTable() }, quiet);
  const lines = (): string[] => {
    const found: string[] = [];
    for (let y = 0; y < pane.rows; y += 1) {
      const grid = new CellGrid(pane.cols, 1);
      pane.copyRow(y, 0, pane.cols, grid, 0, 0);
      let text = '';
      for (let x = 0; x < pane.cols; x += 1) {
        const code = (grid.words[x * CELL_WORDS] ?? 0) & CODE_MASK;
        if (code !== 0) text += String.fromCodePoint(code);
      }
      found.push(text.trimEnd());
    }
    while (found.at(-1) === '') found.pop();
    return found;
  };
  return { pane, lines, feed: (text: string) => pane.feed(Buffer.from(text)) };
}

const EDITS = '\x1b[?2004h';
const DONE = '\x1b[?2004l';

describe('where nobody draws the line again', () => {
  test('nothing of a question is lost when the pane narrows, and the answer stands behind it', () => {
    const { pane, lines, feed } = make(40);
    feed('output\r\nDo you really want to go on? [yes/no] ');
    pane.resize({ cols: 20, rows: 8 });
    feed('yes');
    assert.deepEqual(lines(), ['output', 'Do you really want t', 'o go on? [yes/no] ye', 's']);
    pane.resize({ cols: 60, rows: 8 });
    feed('!');
    assert.deepEqual(lines(), ['output', 'Do you really want to go on? [yes/no] yes!']);
  });

  test('the cursor stays where it was in the text, also far from its end, behind wide characters and at the margin', () => {
    for (const [name, text, back, at] of [
      ['plain', 'abcdefghijklmnopqrstuvwxyz0123456789', 20, 16],
      ['wide', `a${'漢字'.repeat(12)}`, 18, 20],
      ['at the margin', 'x'.repeat(40), 0, 40],
    ] as const)
      for (const between of [11, 13, 21, 33, 77]) {
        const { pane, lines, feed } = make(40);
        feed(`${text}${back === 0 ? '' : `\x1b[${back}D`}`);
        const mark = () => feed('\x1b[4mX');
        pane.resize({ cols: between, rows: 8 });
        mark();
        const joined = lines().join('');
        assert.equal(joined.indexOf('X'), at, `${name} ${between}: ${joined}`);
      }
  });

  test('a line that has scrolled up keeps its end, and the cursor its place', () => {
    const { pane, lines, feed } = make(40, 4);
    feed(`${'one\r\ntwo\r\nthree\r\nfour\r\n'}${'long '.repeat(14)}end:`);
    pane.resize({ cols: 20, rows: 4 });
    feed('!');
    assert.deepEqual(lines(), ['long long long long', 'long long long long', 'long long long long', 'long long end:!']);
    assert.deepEqual(pane.cursor, { x: 15, y: 3 });
  });
});

describe('where a line editor draws it again', () => {
  /** What the editors sent when their prompt of 76 columns was narrowed to 60: each goes up by the rows that it believes it has. */
  const LINE = `echo ${Array.from({ length: 8 }, (_, n) => `${n + 1}`.repeat(11)).join(' ')}`;
  const first = `vm# ${LINE}`.slice(0, 76);
  const rest = `vm# ${LINE}`.slice(76);
  for (const [shell, before, drawn] of [
    ['bash', `${EDITS}vm# ${LINE}`, `\r\x1b[K\r\x1b[A\x1b[K\rvm# ${LINE}`],
    ['zsh', `\x1b[Jvm# \x1b[K${EDITS}${first}${rest[0]}\r\x1b[K${rest}`, `\x1b[A\r\r\x1b[Jvm# ${LINE}`],
    ['fish', `${EDITS}\r${first}${rest[0]}\r\x1b[K${rest}`, `\r\x1b[Avm# ${LINE}\x1b[J`],
  ] as const)
    for (const marked of [true, false])
      test(`${shell}${marked ? '' : ' without marks'}: its prompt stands there once, and what is above stays whole`, () => {
        const { pane, lines, feed } = make(76, 12);
        feed(`${'above '.repeat(11)}end\r\n${marked ? '\x1b]133;A\x07' : ''}${before}`);
        pane.resize({ cols: 60, rows: 12 });
        feed(drawn);
        assert.deepEqual(lines(), [
          'above above above above above above above above above above',
          'above end',
          `vm# ${LINE}`.slice(0, 60),
          `vm# ${LINE}`.slice(60),
        ]);
      });

  test('after the screen was erased (Ctrl-L), too', () => {
    const { pane, lines, feed } = make(40);
    feed(`above\r\nabove\r\n\x1b]133;A\x07\x1b[J$ \x1b[K${EDITS}one`);
    feed(`\x1b[H\x1b[2J\x1b[J$ ${'one '.repeat(9)}on\r\x1b[Kone two`);
    pane.resize({ cols: 30, rows: 8 });
    feed(`\x1b[A\r\x1b[J$ ${'one '.repeat(9)}one two`);
    assert.deepEqual(lines(), [`$ ${'one '.repeat(7)}`.trimEnd(), 'one one one two']);
  });

  test('what a command printed behind its prompt is laid out anew again', () => {
    const { pane, lines, feed } = make(40);
    feed(`\x1b]133;A\x07${EDITS}$ cat\r\n${DONE}${'word '.repeat(7)}end`);
    pane.resize({ cols: 20, rows: 8 });
    assert.deepEqual(lines(), ['$ cat', 'word word word word', 'word word word end']);
  });
});

describe('whatever a program has printed', () => {
  /** Text, prompts, sequences of every kind and sizes, by chance; of these seeds the emulator threw at one of the sizes. */
  for (const seed of [151, 355, 656, 823])
    test(`no size ends the session, and the cursor is on the screen (${seed})`, () => {
      const next = random(seed);
      const { pane, feed } = make(2 + next(90), 1 + next(30), next(3) === 0 ? 0 : next(60));
      for (let step = 0; step < 40; step += 1) {
        const what = next(8);
        if (what === 0) feed(escapeSoup(next, 200));
        else if (what === 1) feed(`\x1b]133;A\x07${EDITS}$ ${'word '.repeat(next(60))}`);
        else if (what === 2) feed(`${DONE}\r\n${'漢字 ab👍'.repeat(next(40))}${next(2) ? '\r\n' : ''}`);
        else if (what === 3) feed(next(2) ? '\x1b[?1049h' : '\x1b[?1049l');
        else if (what === 4) feed('\r\n'.repeat(next(40)));
        else pane.resize({ cols: 2 + next(120), rows: 1 + next(40) });
        const { x, y } = pane.cursor;
        assert.ok(x >= 0 && x < pane.cols && y >= 0 && y < pane.rows, `${x},${y} in ${pane.cols}x${pane.rows}`);
        pane.lookBack();
      }
    });
});
