/** What a row below the pane leaves out first: whose child the process is, then words; a path only last, and never its end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { columnsFor, oneLine, pathIsWhole, twoLines } from '../../../components/row-columns.ts';
import { glyphs } from '../../../components/theme.ts';
import type { RowView } from '../../../src/session/screen/chrome-model.ts';
import { textWidth } from '../../../src/terminal/visible-text.ts';

const row = (path: string, process: string, rule = 'not granted for this'): RowView => ({
  id: 1,
  selected: false,
  heading: undefined,
  member: false,
  state: { text: 'HELD', tone: 'held' },
  verb: 'read',
  path,
  name: '',
  process,
  count: 1,
  age: 'now',
  rule,
  shortRule: 'not granted',
});

const drawn = (rows: readonly RowView[], width: number): readonly string[] => {
  const g = glyphs(false);
  const columns = columnsFor(rows, width, g);
  return rows.map((one) => {
    const { mark, state, verb, first } = oneLine(one, width, g, columns);
    return mark + state + verb + first;
  });
};

/** What comes before the process. */
const cutOff = (line: string): string => line.replace(/ cat\(.*/, '');

describe('a row below the pane', () => {
  test('the parent of a process gives way as a whole, before anything of the path', () => {
    const path = '/var/cache/man/cat1/catjJfyHg';
    const rows = [row(path, 'man(22839) ← bash'), row('/var/cache/man/cat1/ls.1.gz', 'man(22839) ← bash')];
    const [line = ''] = drawn(rows, 80);
    assert.ok(line.includes(path), line);
    assert.match(line, /man\(22839\) /);
    assert.doesNotMatch(line, /←/);
    const [wide = ''] = drawn(rows, 120);
    assert.match(wide, /man\(22839\) ← bash/);
  });

  test('two files of one directory whose names are too long do not look the same', () => {
    const rows = [117, 118].map((n) =>
      row(`~/other/file-${n}-with-a-rather-long-name-that-goes-on-and-on-and-on.txt`, `cat(${n}) ← bash`),
    );
    for (let width = 72; width <= 90; width += 1) assert.equal(new Set(drawn(rows, width).map(cutOff)).size, 2);
    const g = glyphs(false);
    for (let width = 42; width <= 70; width += 1)
      assert.equal(new Set(rows.map((one) => twoLines(one, width, g).first)).size, 2);
  });

  test('beside the pane a rule has shorter words, too, before a process is cut', () => {
    const one = row('~/proj/.notes.swp', 'vim(22765) ← bash');
    assert.match(twoLines(one, 37, glyphs(false)).second ?? '', /^ {2}vim\(22765\) +not granted {2}now $/);
    assert.match(twoLines(one, 43, glyphs(false)).second ?? '', /^ {2}vim\(22765\) +not granted for this {2}now $/);
  });

  test('no process is cut within its parent, the age stands apart, and the width is exact', () => {
    const rows = [
      row('~/notes.txt', 'cat(1) ← bash'),
      row(`~/${'long/'.repeat(30)}end.txt`, 'a-longer-program-name(12345) ← another-long-name'),
    ];
    for (let width = 40; width <= 200; width += 1)
      for (const line of drawn(rows, width)) {
        assert.equal(textWidth(line), width);
        assert.doesNotMatch(line, /← ?\S*…/, `${width}: ${line}`);
        assert.ok(line.endsWith(' '), `${width}: ${line}`);
        if (width >= 60) assert.match(line, / {2}now $/);
      }
  });

  test('of a process there is enough to tell whose it is, or nothing', () => {
    for (const rows of [
      [row('/srv', 'bash(2 processes)', 'not granted'), row('/srv/file-1', 'cat(18094)', 'not granted')],
      [row(`/srv/${'long/'.repeat(9)}x`, 'cat(18094)', 'not granted')],
    ])
      for (let width = 40; width <= 120; width += 1)
        for (const line of drawn(rows, width))
          assert.doesNotMatch(line, / [bc][a-z(]{0,5}…? +not granted/, `${width}: ${line}`);
  });

  test('a process and the words behind it are apart where the path leaves room for it', () => {
    const one = row('~/notes.txt', 'cat(4312) ← bash', 'not granted');
    assert.match(drawn([one], 80)[0] ?? '', /cat\(4312\) ← bash {2}not granted/);
    const long = row(`~/${'x'.repeat(26)}`, 'cat(4312) ← bash', 'not granted');
    const [line = ''] = drawn([long], 80);
    assert.ok(line.includes(`${long.path} cat(4312) ← bash not granted`), line);
  });

  test('a row that has no process and no words leaves the columns of both to the others, and runs over them itself', () => {
    const started = { ...row('3 denied during start-up', '', ''), shortRule: '' };
    const held = row('/srv', 'bash(26017)', 'not granted');
    for (const width of [64, 66, 80]) {
      const [first = '', second = ''] = drawn([started, held], width);
      assert.match(first, /3 denied during start-up +now $/);
      assert.match(second, /bash\(26017\) +not granted +now $/);
      assert.equal(textWidth(first), width);
    }
    const [long = ''] = drawn([{ ...started, path: `${'x'.repeat(20)} during start-up` }, held], 64);
    assert.match(long, /x{20} during start-up +now $/, long);
  });

  test('whole is said only of what is whole', () => {
    const one = row(`~/${'long/'.repeat(12)}end.txt`, 'cat(1) ← bash');
    for (const width of [40, 80, 120]) {
      const columns = columnsFor([one], width, glyphs(false));
      assert.equal(pathIsWhole(one, width, columns, glyphs(false)), (drawn([one], width)[0] ?? '').includes(one.path));
    }
  });
});

describe('a row beside the pane', () => {
  test('one that names neither a process nor a rule has one line, and gives up its age before its words', () => {
    const started = { ...row('37 denied during start-up', '', ''), verb: '', shortRule: '' };
    for (let width = 36; width <= 80; width += 1) {
      const { mark, state, verb, first, second } = twoLines(started, width, glyphs(false));
      assert.equal(second, undefined);
      const line = mark + state + verb + first;
      assert.equal(textWidth(line), width);
      assert.match(line, width < 39 ? /37 denied during start-up +$/ : /37 denied during start-up +now $/, `${width}`);
    }
  });
  test('both of its lines leave the last column of the terminal free', () => {
    for (let width = 30; width <= 80; width += 1)
      for (const one of [
        row('~/notes.txt', 'cat(1) ← bash'),
        row(`~/${'long/'.repeat(30)}end.txt`, 'a-long-name(12345) ← b'),
      ])
        for (const selected of [true, false]) {
          const { mark, state, verb, first, second = '' } = twoLines({ ...one, selected }, width, glyphs(false));
          for (const line of [mark + state + verb + first, second]) {
            assert.equal(textWidth(line), width);
            assert.ok(line.endsWith(' '), `${width}: '${line}'`);
          }
        }
  });

  test('a process and the words behind it are apart, or the parent is left out', () => {
    const one = row('/srv/outside.txt', 'cat(25879) ← bash', 'not granted');
    for (let width = 30; width <= 50; width += 1)
      assert.match(
        twoLines(one, width, glyphs(false)).second ?? '',
        /cat\(25879\)(?: +| ← bash {2,})not granted/,
        `${width}`,
      );
  });

  test('that it is about a whole directory stands where it has room, and takes none from the path', () => {
    const one = { ...row('~/docs/*', 'cat(1) ← bash', 'not granted'), name: '(directory)' };
    const wide = twoLines(one, 44, glyphs(false));
    assert.match(wide.first, /^~\/docs\/\* \(directory\) *$/);
    assert.match(wide.second ?? '', /^ +cat\(1\) ← bash +not granted {2}now $/);
    const narrow = twoLines(one, 30, glyphs(false));
    assert.match(narrow.first, /^~\/docs\/\* *$/);
    for (const { first, second } of [wide, narrow]) assert.doesNotMatch(`${first}${second}`, /…/);
  });
});
