import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { record } from '../terminal/helpers.ts';
import { Bench, quietDoors } from './support.ts';

type Change = Parameters<typeof record>[0];

function asking(...setup: readonly ((b: Bench) => void)[]): Bench {
  const bench = new Bench();
  bench.session.startAsking();
  for (const step of setup) step(bench);
  bench.sent.length = 0;
  return bench;
}
const hold =
  (holdId: bigint, change: Change = {}) =>
  (b: Bench) =>
    b.session.event({ type: 'held', holdId, record: record(change) });
const deny =
  (change: Change = {}) =>
  (b: Bench) =>
    b.session.event({ type: 'denied', record: record(change) });
const underRule = { path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 0 } as const;
const focus = (b: Bench) => b.focusList();

describe('asking', () => {
  test('begins once, with the first prompt', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.startAsking();
    assert.deepEqual(bench.sent, [{ type: 'set-mode', mode: 'ask' }]);
  });
});

describe('focus', () => {
  test('a held call takes no focus, and is announced', () => {
    const bench = asking(hold(1n));
    assert.equal(bench.session.shellHasKeys, true);
    const { model } = bench.shown();
    assert.equal(model.alert, '1 held · Ctrl-\\ d');
  });

  test('the list opens at the waiting call, and rows that come later move nothing', () => {
    const bench = asking(deny({ path: '/a/1' }), hold(1n), deny({ path: '/b/2' }), focus);
    const selected = bench.session.ui.selected;
    assert.equal(bench.session.list.get(selected ?? -1)?.path, '/home/u/notes.txt');
    for (let i = 0; i < 500; i += 1) deny({ path: `/d${i}/x` })(bench);
    hold(2n, { path: '/z/z' })(bench);
    const { model } = bench.shown();
    assert.equal(bench.session.ui.selected, selected);
    assert.equal(model.list.rows.filter((r) => r.selected).length, 1);
    assert.ok(model.list.rows.find((r) => r.selected)?.path.endsWith('notes.txt'));
  });

  test('Esc leads back level by level', () => {
    const bench = asking(hold(1n), focus);
    bench.press('/', 'n', 'o', 'enter', 'enter', 'esc');
    assert.equal(bench.session.ui.dialog, undefined);
    bench.press('esc');
    assert.equal(bench.session.ui.filter, '');
    bench.press('esc');
    assert.equal(bench.session.shellHasKeys, true);
  });

  test('prefix prefix sends one to the shell; an unknown key does nothing', () => {
    const bench = asking();
    bench.session.prefix();
    bench.session.key('C-\\');
    assert.deepEqual([bench.literal, bench.session.shellHasKeys], [1, true]);
    bench.session.prefix();
    bench.session.key('w');
    assert.equal(bench.session.shellHasKeys, true);
  });

  test('the prefix is the prefix in the list, too, and on a row\u2019s page: what follows is not typed', () => {
    for (const before of [[], ['enter']]) {
      const bench = asking(hold(1n), focus);
      bench.press(...before, 'C-\\');
      assert.deepEqual([bench.session.ui.focus, bench.session.ui.dialog], ['prefix', undefined]);
      bench.press('z');
      assert.equal(bench.session.ui.layout.zoom, 'shell');
      assert.deepEqual([bench.session.shellHasKeys, bench.literal], [true, 0]);
      bench.session.prefix();
      bench.press('d', 'C-\\', 'd');
      assert.equal(bench.session.ui.focus, 'list');
    }
  });

  test('where something is typed or asked, too: it closes that, and the next key answers nothing', () => {
    const opened: readonly (readonly string[])[] = [['p'], ['e'], ['e', 'enter'], ['/'], ['/', 'n'], [':'], ['?']];
    for (const before of opened)
      for (const answer of ['a', 'd', 'x', 's', 'p', 'y']) {
        const bench = new Bench(undefined, quietDoors);
        bench.session.startAsking();
        for (const step of [hold(1n), focus]) step(bench);
        bench.sent.length = 0;
        bench.press(...before);
        assert.notEqual(bench.session.ui.dialog?.kind ?? bench.session.ui.filtering, false, before.join(' '));
        bench.press('C-\\');
        const { ui } = bench.session;
        assert.deepEqual([ui.focus, ui.dialog, ui.filtering], ['prefix', undefined, false], before.join(' '));
        bench.press(answer);
        assert.deepEqual(bench.sent, [], `${before.join(' ')} C-\\ ${answer}`);
        assert.deepEqual(bench.saver.saved, []);
        if (answer === 'd') assert.deepEqual([ui.focus, ui.dialog, ui.filtering], ['list', undefined, false]);
      }
  });

  test('before the end, before an override and for the clipboard, too; what a program wishes is asked about later', () => {
    const bench = asking(deny(underRule), focus);
    bench.press('o', 'C-\\', 'q', 'C-\\', 'y');
    assert.deepEqual([bench.quit, bench.session.ui.dialog, bench.session.shellHasKeys], [0, undefined, true]);
    bench.session.clipboard.asked('text');
    bench.session.prefix();
    bench.press('c', 'C-\\', 'y');
    assert.deepEqual(bench.clipboard, []);
    bench.session.prefix();
    bench.press('c');
    assert.equal(bench.session.ui.dialog?.kind, 'clipboard');
  });

  test('it closes a question that the command line has opened together with that line', () => {
    const bench = new Bench(undefined, quietDoors);
    bench.session.openConsole();
    bench.press('C-\\', 'q', 'esc');
    assert.equal(bench.session.ui.dialog, undefined);
  });
});

describe('approving', () => {
  test('once: the calls that wait, and no rule', () => {
    const bench = asking(hold(1n), focus);
    bench.press('a');
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 1n, allow: true }]);
    assert.equal(bench.session.ui.message, 'allowed once: the call continues');
  });

  test('session: a rule for the file; the supervisor releases the call itself', () => {
    const bench = asking(hold(1n), focus);
    bench.press('s');
    assert.deepEqual(bench.sent, [
      { type: 'add-rule', id: 2, verdict: 'allow', kind: 'exact', access: 'read', path: '/home/u/notes.txt' },
    ]);
    assert.equal(bench.session.ui.message, 'allowed for this session: the call continues');
  });

  test('a directory that moves takes along what lies in it: the rule is for all of it', () => {
    const moved = { verb: 'rename', object: 'directory', access: 'readwrite', path: '/home/u/dir' } as const;
    const bench = asking(hold(1n, moved), focus);
    bench.press('s');
    assert.deepEqual(bench.sent, [
      { type: 'add-rule', id: 2, verdict: 'allow', kind: 'tree', access: 'readwrite', path: '/home/u/dir' },
    ]);
  });

  test('after the prefix no key is dead: each says what it does not do', () => {
    const bench = asking(hold(1n));
    for (const [name, said] of [
      ['s', /rollback: not in this version/],
      ['l', /learning a profile: not in this version/],
      ['y', /^y does nothing after the prefix: \? lists what does$/],
    ] as const) {
      bench.session.prefix();
      bench.session.key(name);
      assert.match(bench.session.ui.message, said);
      assert.equal(bench.session.ui.focus, 'shell');
      assert.equal(bench.session.ui.dialog, undefined);
    }
    assert.deepEqual(bench.sent, []);
  });

  test('session says how many calls go on', () => {
    const bench = asking(hold(1n), hold(2n, { pid: 43 }), hold(3n, { path: '/home/u/other' }), focus);
    bench.press('g', 'f', 's');
    assert.equal(bench.session.ui.message, 'allowed for this session: the 3 calls continue');
  });

  test('session, for the directory', () => {
    const bench = asking(deny(), focus);
    bench.press('f', 's');
    assert.deepEqual(bench.sent, [
      { type: 'add-rule', id: 2, verdict: 'allow', kind: 'tree', access: 'read', path: '/home/u' },
    ]);
    assert.equal(bench.session.ui.message, 'allowed for this session: effective now, run it again');
  });

  test('a directory above the root of nothing is refused', () => {
    const bench = asking(deny({ path: '/vmlinuz' }), focus);
    bench.press('f', 's');
    assert.deepEqual(bench.sent, []);
  });

  test('rules are numbered onwards', () => {
    const bench = asking(deny({ path: '/a/1' }), deny({ path: '/b/2' }), focus);
    bench.press('s', 'k', 's');
    assert.deepEqual(
      bench.sent.map((c) => c.type === 'add-rule' && [c.id, c.path]),
      [
        [2, '/b/2'],
        [3, '/a/1'],
      ],
    );
  });

  test('profile: shows the change, saves on y, then grants', async () => {
    const bench = asking(hold(1n), focus);
    bench.press('p');
    const { model } = bench.shown();
    const text = model.dialog?.lines.map((l) => l.map((s) => s.text).join('')).join('\n') ?? '';
    assert.match(text, /allow read \/home\/u\/notes\.txt/);
    assert.match(text, /\+ "\/home\/u\/notes\.txt"/);
    assert.match(text, /every later session/);
    assert.deepEqual(bench.sent, []);
    bench.press('y');
    await bench.settle();
    assert.equal(bench.saver.saved.length, 1);
    assert.equal(bench.sent.length, 1);
    assert.equal(bench.session.granter.journal.summary(), 'nono: saved 1 rule to profile test (/p/test.jsonc)');
  });

  test('profile: a change of nothing says so, where only the name of the file would stand', () => {
    const bench = asking(hold(1n), focus);
    bench.saver.preview = () => ['~/.config/nono/profiles/test.jsonc'];
    bench.press('p');
    const { dialog } = bench.session.ui;
    assert.deepEqual(dialog?.kind === 'save' ? dialog.preview : [], [
      '~/.config/nono/profiles/test.jsonc',
      'nothing to change: it holds this already',
    ]);
  });

  test('profile: when saving fails nothing is granted', async () => {
    const bench = asking(hold(1n), focus);
    bench.saver.fails = 'disk full';
    bench.press('p', 'y');
    await bench.settle();
    assert.deepEqual(bench.sent, []);
    assert.equal(bench.session.ui.message, 'not saved, so not allowed: disk full');
    assert.equal(bench.session.granter.journal.summary(), undefined);
  });

  test('profile: Esc, Enter and other keys change nothing', async () => {
    const bench = asking(hold(1n), focus);
    bench.press('p', 'enter', 's', 'a', 'esc', 'y');
    await bench.settle();
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
  });

  test('a name that is not UTF-8 gets no rule, only the one call', () => {
    const bench = asking(
      hold(1n, { path: '/home/u/\ufffd', spelled: '/home/u/\udcfe' }),
      hold(2n, { path: '/home/u/\ufffd', spelled: '/home/u/\udcff' }),
      focus,
    );
    bench.press('s', 'p', 'y', 'a');
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 1n, allow: true }]);
  });

  test('a fold is allowed as its directory, never call by call', () => {
    const bench = asking();
    for (let i = 0; i < 10; i += 1) hold(BigInt(i + 1), { path: `/home/u/dir/f${i}`, pid: i })(bench);
    bench.focusList();
    bench.press('G', 'a');
    assert.deepEqual(bench.sent, []);
    bench.press('s');
    assert.deepEqual(bench.sent, [
      { type: 'add-rule', id: 2, verdict: 'allow', kind: 'tree', access: 'read', path: '/home/u/dir' },
    ]);
  });
});

describe('denying', () => {
  test('answers the call, and the next ones without asking', () => {
    const bench = asking(hold(1n), focus);
    bench.press('x');
    bench.session.event({ type: 'released', holdId: 1n, outcome: 'denied' });
    hold(2n)(bench);
    assert.deepEqual(bench.sent, [
      { type: 'verdict', holdId: 1n, allow: false },
      { type: 'verdict', holdId: 2n, allow: false },
    ]);
    bench.session.event({ type: 'released', holdId: 2n, outcome: 'denied' });
    bench.press('x');
    hold(3n)(bench);
    assert.equal(bench.sent.length, 2);
  });
});

describe('a deny rule', () => {
  test('no single key approves', async () => {
    const bench = asking(deny(underRule), focus);
    bench.press('a', 's', 'p', 'y', 'enter', 'y', 's', 'p', 'esc');
    await bench.settle();
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
  });

  test('is lifted by typing the whole path and choosing how long', () => {
    const bench = asking(deny(underRule), focus);
    bench.press('o', ...'/home/u/.ssh/i', 'enter');
    assert.equal(bench.session.ui.dialog?.kind, 'override');
    bench.press('d', 'enter');
    assert.deepEqual(bench.sent, []);
    bench.press('enter', 'a', 'y');
    assert.deepEqual(bench.sent, []);
    bench.press('s');
    assert.deepEqual(bench.sent, [
      { type: 'add-rule', id: 2, verdict: 'override', kind: 'exact', access: 'read', path: '/home/u/.ssh/id' },
      { type: 'add-rule', id: 3, verdict: 'allow', kind: 'exact', access: 'read', path: '/home/u/.ssh/id' },
    ]);
  });

  test('the path cannot be pasted', () => {
    const bench = asking(deny(underRule), focus);
    bench.press('o');
    bench.session.pasted('/home/u/.ssh/id');
    bench.press('enter');
    assert.equal(bench.session.ui.dialog?.kind, 'override');
  });

  test('a path with invisible characters cannot be lifted here', () => {
    const bench = asking(deny({ ...underRule, path: '/home/u/.ssh/\u202eid' }), focus);
    bench.press('o');
    assert.equal(bench.session.ui.dialog, undefined);
  });

  test('is not lifted by a directory grant above', () => {
    const bench = asking(deny(underRule), deny({ path: '/home/u/a' }), focus);
    bench.press('f', 's');
    const row = bench.session.list.rows.find((r) => r.path === underRule.path);
    assert.equal(row?.grant, undefined);
  });
});

describe('undo', () => {
  test('takes the rule out of the session and of the profile', async () => {
    const bench = asking(hold(1n), focus);
    bench.press('p', 'y');
    await bench.settle();
    bench.press('z');
    await bench.settle();
    assert.deepEqual(bench.sent[1], { type: 'remove-rule', id: 2 });
    assert.equal(bench.saver.undone.length, 1);
    assert.equal(bench.session.granter.journal.summary(), undefined);
    bench.press('z');
    assert.equal(bench.session.ui.message, 'nothing to take back');
  });

  test('what went through is not said to have been denied', async () => {
    const bench = asking(hold(1n), deny({ path: '/srv/b' }), focus);
    bench.press('g', 's');
    bench.session.event({ type: 'released', holdId: 1n, outcome: 'allowed' });
    bench.press('j', 's', 'z', 'z');
    await bench.settle();
    const { list, title } = bench.shown().model;
    assert.deepEqual(
      list.rows.map((row) => row.state.text),
      ['revoked', 'denied'],
    );
    assert.equal(title.right.map(({ text }) => text).join(''), '1 denied');
  });

  test('takes both rules of a lifted deny back', async () => {
    const bench = asking(deny(underRule), focus);
    bench.press('o', ...underRule.path, 'enter', 's', 'z');
    await bench.settle();
    assert.deepEqual(bench.sent.slice(2), [
      { type: 'remove-rule', id: 2 },
      { type: 'remove-rule', id: 3 },
    ]);
  });
});

describe('ending', () => {
  test('asks first', () => {
    const bench = asking();
    bench.session.prefix();
    bench.session.key('q');
    bench.press('enter', 'esc');
    assert.equal(bench.quit, 0);
    bench.session.prefix();
    bench.session.key('q');
    bench.press('y');
    assert.equal(bench.quit, 1);
  });
});
