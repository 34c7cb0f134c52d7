/** A yes belongs to the call that was shown: what a program can make two calls have in common never puts one into the row of the other. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DenialList } from '../../../src/session/rows/denials.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

type Change = Parameters<typeof record>[0];

function interrupted(change: Change = {}): Bench {
  const bench = new Bench();
  bench.session.startAsking();
  bench.session.event({ type: 'held', holdId: 7n, record: record(change) });
  bench.session.event({ type: 'released', holdId: 7n, outcome: 'suspended' });
  bench.sent.length = 0;
  return bench;
}

describe('a call that a signal interrupted', () => {
  // The supervisor knows it by a short sum of its path, which a program that chooses its paths can have twice.
  for (const [what, change] of [
    ['another path', { path: '/home/u/.gitconfig' }],
    ['another access', { access: 'write' }],
    ['another program', { comm: 'git' }],
  ] as const)
    test(`is not the row of one with ${what} under the same number`, () => {
      const bench = interrupted();
      bench.session.event({ type: 'held', holdId: 7n, record: record(change) });
      const rows = bench.session.list.rows.map((row) => [row.path, row.access, row.comm, row.holds.size]);
      const first = record();
      const second = record(change);
      assert.deepEqual(rows, [
        [first.path, first.access, first.comm, 0],
        [second.path, second.access, second.comm, 1],
      ]);
      bench.focusList();
      bench.press('a');
      assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 7n, allow: true }]);
      assert.equal(bench.session.list.rows[0]?.grant, undefined);
    });

  test('is seen again where its row had to make room meanwhile', () => {
    const list = new DenialList();
    list.startupOver();
    list.apply({ type: 'held', holdId: 7n, record: record() }, 0);
    list.apply({ type: 'released', holdId: 7n, outcome: 'suspended' }, 1);
    for (let i = 0; i < 3000; i += 1)
      list.apply({ type: 'denied', record: record({ path: `/top${i}/x`, comm: `c${i}` }) }, i);
    assert.ok(!list.rows.some((row) => row.path === record().path));
    list.apply({ type: 'held', holdId: 7n, record: record() }, 5000);
    assert.equal(list.held, 1);
    assert.deepEqual(
      list.rows.filter((row) => row.holds.has(7n)).map((row) => row.path),
      [record().path],
    );
  });
});

describe('two paths', () => {
  const [a, b] = ['/home/u/a', '/home/u/b'];
  const moving = (path: string, other: string, first: boolean, allowed = false) =>
    record({ verb: 'rename', access: 'write', path, other: { path: other, first, allowed } });

  test('there and back are two rows', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: moving(a, b, false) });
    bench.session.event({ type: 'held', holdId: 2n, record: moving(a, b, true) });
    assert.deepEqual(
      bench.session.list.rows.map((row) => [row.other?.first, [...row.holds.keys()]]),
      [
        [false, [1n]],
        [true, [2n]],
      ],
    );
  });

  test('a pattern answers for both or for none, also when what allowed the other was taken back', async () => {
    const bench = new Bench();
    const { granter } = bench.session;
    bench.session.startAsking();
    granter.grantForSession([{ verdict: 'allow', kind: 'exact', access: 'write', path: b }]);
    bench.session.event({ type: 'held', holdId: 1n, record: moving(a, b, false, true) });
    await granter.undo();
    bench.sent.length = 0;
    granter.grantForSession([{ verdict: 'allow', kind: 'pattern', access: 'write', path: '/home/u/a*' }]);
    assert.ok(!bench.sent.some((command) => command.type === 'verdict'));
    // What else allows it is not asked about here: who took something back is asked once more.
    granter.grantForSession([{ verdict: 'allow', kind: 'exact', access: 'write', path: b }]);
    assert.deepEqual(bench.sent.filter((command) => command.type === 'verdict').length, 1);
  });
});

describe('programs of one name that ask for the same', () => {
  const readProcess = (pid: number) => ({ argv: ['cat', `of${pid}`], cwd: `/w${pid}`, parents: [] });
  const held = (holdId: bigint, pid: number, parentComm = 'bash') =>
    ({ type: 'held', holdId, record: record({ pid, parentComm }) }) as const;
  const list = (bench: Bench) => bench.shown().model.list.rows[0];
  const page = (bench: Bench): string =>
    bench
      .shown()
      .model.dialog?.lines.map((line) => line.map((s) => s.text).join(''))
      .join('\n') ?? '';

  function waiting(...events: readonly ReturnType<typeof held>[]): Bench {
    const bench = new Bench(undefined, undefined, { readProcess });
    bench.session.startAsking();
    for (const event of events) bench.session.event(event);
    bench.focusList();
    return bench;
  }

  test('the row says how many calls one answer is for, and of how many processes', () => {
    const bench = waiting(held(1n, 10), held(2n, 20, 'node'));
    assert.deepEqual([list(bench)?.state.text, list(bench)?.process], ['HELD 2', 'cat(2 processes) ← bash, node']);
    bench.session.event({ type: 'released', holdId: 2n, outcome: 'caller-gone' });
    assert.deepEqual([list(bench)?.state.text, list(bench)?.process], ['HELD', 'cat(10) ← bash']);
  });

  test('its parent is that of the process that is named', () => {
    const bench = waiting();
    bench.session.event({ type: 'denied', record: record({ pid: 10, parentComm: 'bash' }) });
    bench.session.event(held(1n, 20, 'node'));
    assert.equal(list(bench)?.process, 'cat(20) ← node');
  });

  test('the page names each of them, and one that joins while it is open', () => {
    const bench = waiting(held(1n, 10));
    bench.press('enter');
    assert.match(page(bench), /process +cat\(10\)\nargv +cat of10\ncwd +\/w10[\s\S]*a: this call/);
    bench.session.event(held(2n, 20));
    assert.match(page(bench), /cat\(10\)\nargv +cat of10[\s\S]*cat\(20\)\nargv +cat of20[\s\S]*a: these 2 calls/);
    bench.session.event({ type: 'released', holdId: 1n, outcome: 'caller-gone' });
    assert.doesNotMatch(page(bench), /of10/);
    assert.match(page(bench), /cat\(20\)\nargv +cat of20[\s\S]*a: this call/);
  });

  test('a name with an arrow is no other process and its parent', () => {
    const bench = waiting();
    bench.session.event({ type: 'held', holdId: 1n, record: record({ comm: 'cat(1) ← bash', parentComm: 'a <- b' }) });
    assert.equal(list(bench)?.process, 'cat(1) \\u{2190} bash(4312) ← a \\x3c- b');
  });
});

test('a second save while one is written is not lost without a word', async () => {
  const bench = new Bench();
  const { granter, ui } = bench.session;
  const rule = (path: string) => [{ verdict: 'allow', kind: 'exact', access: 'read', path } as const];
  const first = granter.saveAndAllow(rule('/home/u/a'));
  const second = granter.saveAndAllow(rule('/home/u/b'));
  assert.match(ui.message, /nothing done: still busy/);
  await Promise.all([first, second]);
  assert.deepEqual(
    bench.saver.saved.map((one) => 'path' in one && one.path),
    ['/home/u/a'],
  );
});
