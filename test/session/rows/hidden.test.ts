/** What was answered with no can be hidden: the selection then goes to the row beside it, not to the end of the list. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

const PATHS = ['/srv/a', '/srv/b', '/srv/c', '/srv/d'] as const;

function listed(): Bench {
  const bench = new Bench();
  bench.session.startAsking();
  for (const path of PATHS) bench.session.event({ type: 'denied', record: record({ path }) });
  bench.focusList();
  return bench;
}

const outline = (bench: Bench): string =>
  bench
    .shown()
    .model.list.rows.map((row) => (row.selected ? '>' : '') + row.path)
    .join(' ');

describe('with what was answered no hidden', () => {
  test('each no goes on to the next row, and the last one to the row before', () => {
    const bench = listed();
    bench.press('m', 'g', 'j', 'x');
    assert.equal(outline(bench), '/srv/a >/srv/c /srv/d');
    assert.match(bench.shown().model.message, /hidden: m shows it/);
    bench.press('x');
    assert.equal(outline(bench), '/srv/a >/srv/d');
    bench.press('x');
    assert.equal(outline(bench), '>/srv/a');
    bench.press('x', 'j', 'x');
    assert.equal(outline(bench), '');
    bench.press('m', 'g');
    assert.equal(outline(bench), '>/srv/a /srv/b /srv/c /srv/d');
  });

  test('hiding the selected row does not lead to the end of the list, nor does a filter', () => {
    const bench = listed();
    bench.press('g', 'x', 'm');
    assert.equal(outline(bench), '>/srv/b /srv/c /srv/d');
    bench.press('/', '/', 's', 'r', 'v', '/', 'd', 'esc');
    assert.equal(outline(bench), '/srv/b /srv/c >/srv/d');
  });

  test('a call that waited is shown until it has its answer, and then gives way', () => {
    const bench = listed();
    bench.session.event({ type: 'held', holdId: 7n, record: record({ path: '/srv/b' }) });
    bench.press('m', 'g', 'j', 'x');
    assert.equal(outline(bench), '/srv/a >/srv/b /srv/c /srv/d');
    bench.session.event({ type: 'released', holdId: 7n, outcome: 'denied' });
    assert.equal(outline(bench), '/srv/a >/srv/c /srv/d');
  });
});
