import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { userKeymap } from '../../../src/session/keys/user-keys.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, rules } from '../support.ts';

const underRule = { path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 0 } as const;
const session = { type: 'add-rule', id: rules.length, verdict: 'allow', kind: 'exact', access: 'read' } as const;

const text = (bench: Bench): string =>
  bench
    .shown()
    .model.dialog?.lines.map((line) => line.map((s) => s.text).join(''))
    .join('\n') ?? '';

function opened(change: Parameters<typeof record>[0] = {}, size = { cols: 120, rows: 36 }, held = true): Bench {
  const bench = new Bench(size);
  bench.session.startAsking();
  if (held) bench.session.event({ type: 'held', holdId: 1n, record: record(change) });
  else bench.session.event({ type: 'denied', record: record(change) });
  bench.sent.length = 0;
  bench.focusList();
  bench.press('enter');
  assert.equal(bench.session.ui.dialog?.kind, 'details');
  return bench;
}

describe('the page of a row', () => {
  test('is called what the row says: a call that waits was not denied', () => {
    const title = (bench: Bench) => bench.shown().model.dialog?.title;
    assert.equal(title(opened({}, undefined, false)), 'Denied access');
    const bench = opened();
    assert.equal(title(bench), 'Held access');
    bench.press('s', 'enter');
    bench.session.event({ type: 'released', holdId: 1n, outcome: 'allowed' });
    assert.equal(title(bench), 'Allowed access');
  });

  test('says which rule would be added, and how long each answer lasts', () => {
    assert.match(
      text(opened()),
      /adds +allow read \/home\/u\/notes.txt\nlasts +a: this call; s: until this session ends; p: in every/,
    );
    assert.match(text(opened({}, undefined, false)), /lasts +s: until this session ends; p: in every/);
    const rule = text(opened(underRule, undefined, false));
    assert.match(rule, /deny_credentials[\s\S]*adds +a deny rule forbids this: o lifts it/);
    assert.doesNotMatch(rule, /lasts/);
  });

  test('the paths of a folded row have a name of their own, and those that are not shown are counted', () => {
    const bench = new Bench({ cols: 120, rows: 300 });
    bench.session.startAsking();
    for (let i = 0; i < 250; i += 1) bench.session.event({ type: 'denied', record: record({ path: `/d/x${i}` }) });
    bench.focusList();
    bench.press('G', 'enter');
    const fold = text(bench);
    assert.match(fold, /profile, too\npaths +\/d\/x5\n +\/d\/x6\n/);
    assert.match(fold, /\n +\/d\/x104\n +and 145 more$/);
  });

  test('no line of a sentence begins with a blank, at any width', () => {
    for (let cols = 40; cols <= 110; cols += 1)
      assert.doesNotMatch(text(opened(underRule, { cols, rows: 36 }, false)), /^ {10}/m, `${cols} columns`);
  });

  test('no name of a parent is broken that has room in a line', () => {
    const parents = [
      { pid: 3398, name: 'bash' },
      { pid: 3397, name: 'nono-launch' },
    ];
    for (let cols = 40; cols <= 110; cols += 1) {
      const bench = opened({}, { cols, rows: 36 });
      const { dialog } = bench.session.ui;
      assert.equal(dialog?.kind, 'details');
      bench.session.ui.dialog = { ...dialog, askers: [{ pid: 4312, process: { argv: ['cat'], cwd: '/', parents } }] };
      assert.match(text(bench), /bash\(3398\)[ ←\n]+nono-launch\(3397\)/, `${cols} columns`);
    }
  });

  test('a dialog has a margin that something can be read in, or none', () => {
    for (let cols = 40; cols <= 160; cols += 1) {
      const { x, width } = opened({}, { cols, rows: 36 }).shown().model.dialog?.rect ?? { x: -1, width: -1 };
      assert.ok((x === 0 && width === cols) || (x >= 3 && x + width <= cols - 3), `${cols} columns: ${x}, ${width}`);
    }
  });

  test('its keys are those of the list, and lead back to it', async () => {
    for (const [keys, wanted] of [
      [['a'], { type: 'verdict', holdId: 1n, allow: true }],
      [['1'], { type: 'verdict', holdId: 1n, allow: true }],
      [['s'], { ...session, path: '/home/u/notes.txt' }],
      [['2'], { ...session, path: '/home/u/notes.txt' }],
      [['f', 's'], { ...session, kind: 'tree', path: '/home/u' }],
      [['d'], { type: 'verdict', holdId: 1n, allow: false }],
      [['4'], { type: 'verdict', holdId: 1n, allow: false }],
      [['3', 'y'], { ...session, path: '/home/u/notes.txt' }],
    ] as const) {
      const bench = opened();
      bench.press(...keys);
      await bench.settle();
      assert.deepEqual(bench.sent, [wanted], keys.join(' '));
      assert.deepEqual([bench.session.ui.dialog, bench.session.ui.focus], [undefined, 'list']);
    }
    const edit = opened();
    edit.press('e');
    assert.equal(edit.session.ui.dialog?.kind, 'edit');
  });

  test('Enter, Space and movement approve nothing', () => {
    for (const key of ['enter', 'space', 'down', 'tab', 'y', 'n']) {
      const bench = opened();
      bench.press(key, key);
      assert.deepEqual(bench.sent, [], key);
    }
  });

  test('typed ahead, or after another call joined the row, a key does nothing', () => {
    const bench = opened();
    bench.session.ui.dialog = undefined;
    bench.shown();
    bench.clock.advance(400);
    bench.session.key('enter');
    bench.session.key('s');
    assert.deepEqual(bench.sent, []);
    bench.shown();
    bench.clock.advance(400);
    bench.session.event({ type: 'held', holdId: 2n, record: record({ pid: 9 }) });
    bench.session.key('a');
    assert.deepEqual(bench.sent, []);
    bench.press('a');
    assert.equal(bench.sent.length, 2);
  });

  test('a row that had to make room is not approved by its page', () => {
    const bench = opened({}, undefined, false);
    for (let i = 0; i < 2100; i += 1)
      bench.session.event({ type: 'denied', record: record({ path: `/d${i}/x`, comm: `c${i}` }) });
    bench.press('s');
    assert.deepEqual(bench.sent, []);
  });

  test('one that does not fit on the screen approves nothing, and says so', () => {
    const bench = opened({ path: `/home/u/${'long/'.repeat(200)}x` }, { cols: 60, rows: 20 });
    bench.press('s');
    assert.deepEqual(bench.sent, []);
    assert.match(bench.session.ui.message, /not every page was seen/);
    bench.press('esc', 's');
    assert.deepEqual(bench.sent, []);
    assert.match(bench.session.ui.message, /Enter shows all of it/);
  });
});

describe('a deny rule of a group', () => {
  test('is lifted for a session at most, however often it is asked', async () => {
    const bench = opened(underRule, undefined, false);
    bench.press('o', ...underRule.path, 'enter');
    assert.equal(bench.session.ui.dialog?.kind, 'override-confirm');
    assert.match(text(bench), /until this session ends: a rule of a group/);
    assert.doesNotMatch(text(bench), /p: save/);
    bench.press('p', '3', 'y', 'enter');
    await bench.settle();
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
    bench.press('2');
    assert.equal(bench.sent.length, 2);
  });

  test('one of the user may be lifted for good', async () => {
    const bench = opened({ ...underRule, ruleId: 1 }, undefined, false);
    bench.press('o', ...underRule.path, 'enter', 'p');
    await bench.settle();
    assert.equal(bench.saver.saved.length, 1);
  });
});

test('where a deny rule forbids it, once says what does, not keys that do not', () => {
  const bench = new Bench();
  bench.session.startAsking();
  bench.session.event({ type: 'denied', record: record(underRule) });
  bench.focusList();
  bench.press('a');
  assert.match(bench.session.ui.message, /^a deny rule forbids this: o lifts it/);
});

test('questions and messages name the keys of the user', () => {
  const bench = new Bench(undefined, undefined, {
    keymap: userKeymap({ keys: { list: { 'allow-session': 'S' }, save: { confirm: 'j' }, quit: { confirm: 'e' } } }),
  });
  bench.session.startAsking();
  bench.session.event({ type: 'denied', record: record() });
  bench.focusList();
  bench.press('a');
  assert.match(bench.session.ui.message, /no call waits here: S or p allow the next one/);
  bench.press('enter');
  assert.match(text(bench), /lasts +S: until/);
  bench.press('p');
  assert.match(text(bench), /j: save and allow {3}Esc: change nothing {3}f: file \/ directory/);
  bench.press('esc', 'esc');
  bench.session.prefix();
  bench.session.key('q');
  assert.match(text(bench), /e: end it {3}Esc: go on/);
});
