import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SupervisorEvent } from '../../../src/sandbox/linux/wire.ts';
import { DenialList } from '../../../src/session/rows/denials.ts';
import { record } from '../../terminal/helpers.ts';

type Change = Parameters<typeof record>[0];
const denied = (change: Change = {}): SupervisorEvent => ({ type: 'denied', record: record(change) });
const held = (holdId: bigint, change: Change = {}): SupervisorEvent => ({
  type: 'held',
  holdId,
  record: record(change),
});

function started(): DenialList {
  const list = new DenialList();
  list.startupOver();
  return list;
}

const paths = (list: DenialList): string[] => list.rows.map((r) => r.path);

describe('rows', () => {
  test('the same path, access and program is one row that counts', () => {
    const list = started();
    list.apply(denied(), 0);
    list.apply(denied({ pid: 5000 }), 7);
    assert.equal(list.rows.length, 1);
    const [row] = list.rows;
    assert.deepEqual([row?.count, row?.caller.pid, row?.firstAt, row?.lastAt], [2, 5000, 0, 7]);
  });

  test('another program, another kind of access or another path is another row', () => {
    const list = started();
    for (const change of [{}, { comm: 'less' }, { access: 'write' }, { path: '/home/u/b' }] as const)
      list.apply(denied(change), 0);
    assert.equal(list.rows.length, 4);
  });

  test('so is another call on it: a yes to one is not shown as a yes to the other', () => {
    const list = new DenialList();
    list.startupOver();
    for (const verb of ['unlink', 'openat', 'rename', 'openat2'] as const)
      list.apply({ type: 'denied', record: record({ verb, access: 'write', path: '/a' }) }, 0);
    assert.deepEqual(
      list.rows.map((row) => [row.verb, row.count]),
      [
        ['unlink', 1],
        ['openat', 2],
        ['rename', 1],
      ],
    );
  });

  test('so is a directory under the name of a file: it is moved with all that lies in it', () => {
    const list = started();
    for (const object of ['file', 'missing', 'directory'] as const)
      list.apply(denied({ verb: 'rename', access: 'write', object }), 0);
    assert.deepEqual(
      list.rows.map((row) => [row.object, row.count]),
      [
        ['file', 2],
        ['directory', 1],
      ],
    );
  });

  test('ids are stable and new rows come at the end', () => {
    const list = started();
    list.apply(denied({ path: '/a/x' }), 0);
    const first = list.rows[0];
    for (let i = 0; i < 300; i += 1) list.apply(denied({ path: `/d${i}/x` }), i * 3000);
    assert.equal(list.rows[0], first);
    assert.equal(list.get(first?.id ?? -1), first);
  });
});

describe('held calls', () => {
  test('released by an approval', () => {
    const list = started();
    list.apply(held(7n), 0);
    assert.deepEqual([list.held, list.rows[0]?.outcome], [1, 'held']);
    list.apply({ type: 'released', holdId: 7n, outcome: 'allowed' }, 1);
    assert.deepEqual([list.held, list.rows[0]?.outcome, list.denied], [0, 'allowed', 0]);
  });

  test('suspended by a signal: nothing waits, the row stays, and holding again is the same row', () => {
    const list = started();
    list.apply(held(7n), 0);
    list.apply({ type: 'released', holdId: 7n, outcome: 'suspended' }, 1);
    assert.deepEqual([list.held, list.rows[0]?.holds.size, list.rows[0]?.outcome], [0, 0, 'gone']);
    list.apply(held(7n), 2);
    assert.deepEqual([list.rows.length, list.rows[0]?.count, list.held, list.rows[0]?.outcome], [1, 1, 1, 'held']);
  });

  test('another call under the id of one that was suspended is not shown as that one', () => {
    const path = '/home/u/other';
    for (const change of [
      { path },
      { access: 'write' },
      { verb: 'unlink' },
      { other: { path, allowed: false, first: true } },
    ] as const) {
      const list = started();
      list.apply(held(7n), 0);
      list.apply({ type: 'released', holdId: 7n, outcome: 'suspended' }, 1);
      const { row, news } = list.apply(held(7n, change), 2);
      assert.deepEqual([news, list.rows.length, list.rows[0]?.holds.size], [true, 2, 0]);
      assert.deepEqual([row, [...(row?.holds.keys() ?? [])]], [list.rows[1], [7n]]);
    }
  });

  for (const [outcome, shown] of [
    ['denied', 'denied'],
    ['caller-gone', 'gone'],
    ['changed', 'denied'],
  ] as const) {
    test(`released: ${outcome}`, () => {
      const list = started();
      list.apply(held(7n), 0);
      list.apply({ type: 'released', holdId: 7n, outcome }, 1);
      assert.equal(list.rows[0]?.outcome, shown);
    });
  }

  test('two callers of one path are one row with two holds', () => {
    const list = started();
    list.apply(held(1n), 0);
    list.apply(held(2n, { pid: 99 }), 0);
    list.apply({ type: 'released', holdId: 1n, outcome: 'denied' }, 1);
    assert.deepEqual(
      [list.rows.length, list.rows[0]?.outcome, [...(list.rows[0]?.holds.keys() ?? [])]],
      [1, 'held', [2n]],
    );
  });

  test('a release of something unknown changes nothing', () => {
    assert.deepEqual(started().apply({ type: 'released', holdId: 9n, outcome: 'allowed' }, 0), { news: false });
  });
});

describe('floods', () => {
  test('the sixth path of a directory within two seconds begins a fold; earlier rows stay where they are', () => {
    const list = started();
    for (let i = 0; i < 100; i += 1) list.apply(denied({ path: `/home/u/dir/f${i}` }), i);
    assert.deepEqual(paths(list), [0, 1, 2, 3, 4].map((i) => `/home/u/dir/f${i}`).concat('/home/u/dir'));
    const fold = list.rows[5];
    assert.deepEqual([fold?.kind, fold?.distinct, fold?.count, fold?.members.length], ['fold', 95, 95, 95]);
  });

  test('slow paths of one directory are rows of their own', () => {
    const list = started();
    for (let i = 0; i < 20; i += 1) list.apply(denied({ path: `/home/u/dir/f${i}` }), i * 1000);
    assert.equal(list.rows.length, 20);
  });

  test('a folded directory stays folded, another program does not join', () => {
    const list = started();
    for (let i = 0; i < 10; i += 1) list.apply(denied({ path: `/home/u/dir/f${i}` }), i);
    list.apply(denied({ path: '/home/u/dir/later' }), 60_000);
    list.apply(denied({ path: '/home/u/dir/later', comm: 'vim' }), 60_001);
    assert.equal(list.rows.length, 7);
    assert.equal(list.rows[5]?.distinct, 6);
  });

  test('a walk over a tree becomes few rows', () => {
    const list = started();
    for (let d = 0; d < 200; d += 1)
      for (let f = 0; f < 4; f += 1) list.apply(denied({ path: `/home/u/t/d${d}/f${f}` }), d * 4 + f);
    assert.ok(list.rows.length <= 30, String(list.rows.length));
    assert.ok(list.rows.some((r) => r.kind === 'fold' && r.path === '/home/u/t'));
  });

  test('a held call in a fold can be reached and released', () => {
    const list = started();
    for (let i = 0; i < 500; i += 1) list.apply(denied({ path: `/home/u/dir/f${i}` }), i);
    list.apply(held(3n, { path: '/home/u/dir/secret' }), 600);
    const fold = list.rows.find((r) => r.kind === 'fold');
    assert.equal(fold?.outcome, 'held');
    assert.ok(fold?.members.some((m) => m.path === '/home/u/dir/secret' && m.holds.has(3n)));
    list.apply({ type: 'released', holdId: 3n, outcome: 'allowed' }, 601);
    assert.equal(fold?.holds.size, 0);
  });

  test('memory is bounded, held calls are never dropped, and what is dropped is counted', () => {
    const list = started();
    list.apply(held(1n, { path: '/first' }), 0);
    for (let i = 0; i < 20_000; i += 1) list.apply(denied({ path: `/top${i}/x`, comm: `c${i}` }), i);
    assert.ok(list.rows.length <= 2000);
    assert.equal(list.rows[0]?.path, '/first');
    assert.equal(list.forgotten, 20_001 - list.rows.length);
  });

  test('what the supervisor dropped is counted too', () => {
    const list = started();
    list.apply({ type: 'dropped', count: 12 }, 0);
    assert.equal(list.forgotten, 12);
  });
});

describe('start-up', () => {
  test('everything before the first prompt is one row', () => {
    const list = new DenialList();
    for (let i = 0; i < 30; i += 1) list.apply(denied({ path: `/etc/x${i}`, comm: i % 2 ? 'bash' : 'id' }), i);
    assert.equal(list.rows.length, 1);
    assert.deepEqual([list.rows[0]?.kind, list.rows[0]?.count, list.rows[0]?.members.length], ['startup', 30, 30]);
    list.startupOver();
    list.apply(denied({ path: '/etc/x1' }), 50);
    assert.deepEqual(
      list.rows.map((r) => r.kind),
      ['startup', 'path'],
    );
  });
});

describe('muting', () => {
  test('a muted row is no news, nor is what the user denied', () => {
    const list = started();
    const { row } = list.apply(denied(), 0);
    assert.ok(row);
    list.mute(row, true);
    assert.equal(list.apply(denied(), 1).news, false);
    assert.equal(list.apply(denied({ path: '/b', reason: 'denied-by-user' }), 1).news, false);
    assert.equal(list.apply(denied({ path: '/c' }), 1).news, true);
  });
});
