import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { columnsFor, oneLine, twoLines } from '../../../components/row-columns.ts';
import { glyphs } from '../../../components/theme.ts';
import { ageChangesIn, ageText } from '../../../src/session/rows/row-text.ts';
import { textWidth } from '../../../src/terminal/visible-text.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

function rowsOf(bench: Bench) {
  return bench.shown().model.list.rows;
}

describe('rows', () => {
  test('say what, where, who, and which rule', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    bench.session.event({
      type: 'denied',
      record: record({ path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 0 }),
    });
    bench.session.event({ type: 'denied', record: record({ path: '/opt/x', verb: 'execve' }) });
    const [held, rule, exec] = rowsOf(bench);
    assert.deepEqual(
      [held?.state.text, held?.verb, held?.path, held?.process, held?.rule],
      ['HELD', 'read', '~/notes.txt', 'cat(4312) ← bash', 'not granted'],
    );
    assert.deepEqual([rule?.state.text, rule?.rule], ['DENY', 'deny_credentials']);
    assert.equal(exec?.verb, 'exec');
  });

  test('untrusted names are written out', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.event({
      type: 'denied',
      record: record({ path: '/tmp/\x1b[2J\nx', comm: 'a\x1b]0;', parentComm: '\u202eb' }),
    });
    const [row] = rowsOf(bench);
    assert.equal(row?.path, '/tmp/\\x1b[2J\\nx');
    assert.equal(row?.process, 'a\\x1b]0;(4312) ← \\u{202e}b');
  });

  test('every width: pieces keep it, and the end of the path is in sight', () => {
    const row = {
      id: 1,
      selected: true,
      heading: undefined,
      member: false,
      state: { text: 'HELD', tone: 'held' },
      verb: 'read',
      path: '~/projects/deep/below/something/long/notes.txt',
      name: '',
      process: 'python3.12(1234567) ← some-long-name',
      count: 12_345,
      age: '12m',
      rule: 'deny_credentials',
      shortRule: 'deny_credentials',
    } as const;
    for (const ascii of [true, false]) {
      for (let width = 31; width <= 44; width += 1) {
        const p = twoLines(row, width, glyphs(ascii));
        assert.equal(textWidth(p.mark + p.state + p.verb + p.first), width);
        assert.equal(textWidth(p.second ?? ''), width);
        assert.match(p.first, /notes\.txt *$/);
      }
      for (let width = 40; width <= 160; width += 1) {
        const p = oneLine(row, width, glyphs(ascii), columnsFor([row], width, glyphs(ascii)));
        assert.equal(textWidth(p.mark + p.state + p.verb + p.first), width, String(width));
        if (width >= 60) assert.match(p.first, /notes\.txt /, `${width}: ${p.first}`);
      }
    }
  });
});

describe('ages', () => {
  test('are coarse, and say when they will change', () => {
    for (const [ms, text] of [
      [0, 'now'],
      [9999, 'now'],
      [10_000, '<1m'],
      [60_000, '1m'],
      [3_599_999, '59m'],
      [3_600_000, '1h'],
      [90_000_000, '1d'],
    ] as const) {
      assert.equal(ageText(ms), text);
      const next = ms + ageChangesIn(ms);
      assert.notEqual(ageText(next), text);
      assert.equal(ageText(next - 1), text);
    }
  });
});

describe('the list', () => {
  test('follows the newest rows until it has the keyboard', () => {
    const bench = new Bench();
    bench.session.startAsking();
    for (let i = 0; i < 100; i += 1) bench.session.event({ type: 'denied', record: record({ path: `/d${i}/x` }) });
    assert.equal(rowsOf(bench).at(-1)?.path, '/d99/x');
    bench.focusList();
    bench.press('g');
    assert.equal(rowsOf(bench)[0]?.path, '/d0/x');
    bench.session.event({ type: 'denied', record: record({ path: '/new/x' }) });
    assert.equal(rowsOf(bench)[0]?.path, '/d0/x');
    assert.match(
      bench
        .shown()
        .model.list.header.map((s) => s.text)
        .join(''),
      /below/,
    );
  });

  test('a filter keeps what matches and says so', () => {
    const bench = new Bench();
    bench.session.startAsking();
    for (const path of ['/a/one', '/a/two', '/b/three'])
      bench.session.event({ type: 'denied', record: record({ path }) });
    bench.focusList();
    bench.press('/', 't', 'w', 'o', 'enter');
    assert.deepEqual(
      rowsOf(bench).map((r) => r.path),
      ['/a/two'],
    );
    assert.equal(rowsOf(bench)[0]?.selected, true);
    bench.press('esc');
    assert.equal(rowsOf(bench).length, 3);
  });
});
