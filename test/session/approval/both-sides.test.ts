/** A rename asks for two paths: whatever allows both shows both, as wide as they will be. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { menu, type Next, type Question } from '../../../src/session/linear/questions.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, netRules, rules } from '../support.ts';

const path = '/home/u/inbox/a';
const other = '/srv/shared/b';

function renaming(): Bench {
  const bench = new Bench({ cols: 160, rows: 40 });
  bench.session.startAsking();
  const both = record({ verb: 'rename', access: 'write', path, other: { path: other, first: false, allowed: false } });
  bench.session.event({ type: 'held', holdId: 1n, record: both });
  bench.sent.length = 0;
  return bench;
}

function dialogText(bench: Bench): string {
  const lines = bench.shown().model.dialog?.lines ?? [];
  return lines.map((line) => line.map((one) => one.text).join('')).join('\n');
}

const added = (bench: Bench): unknown[] =>
  bench.sent.flatMap((command) => (command.type === 'add-rule' ? [[command.kind, command.path]] : []));

describe('both sides of a rename', () => {
  test('the list shows the directories of both before s allows them', () => {
    const bench = renaming();
    bench.focusList();
    bench.press('f');
    const shown = dialogText(bench);
    assert.match(shown, /allow write \/home\/u\/inbox\/ and everything below/);
    assert.match(shown, /allow write \/srv\/shared\/ and everything below/);
    assert.match(bench.shown().model.list.rows[0]?.path ?? '', /inbox\/\* -> \/srv\/shared\/\*/);
    bench.press('s');
    assert.deepEqual(added(bench), [
      ['tree', '/home/u/inbox'],
      ['tree', '/srv/shared'],
    ]);
  });

  test('an arrow in a name does not part them elsewhere', () => {
    const bench = new Bench({ cols: 160, rows: 40 });
    const from = { path: '/home/u/a -> ~/b', first: true, allowed: false };
    bench.session.startAsking();
    bench.session.event({
      type: 'held',
      holdId: 1n,
      record: record({ verb: 'rename', access: 'write', path, other: from }),
    });
    bench.focusList();
    assert.equal(bench.shown().model.list.rows[0]?.path, '~/a\\x20->\\x20~/b -> ~/inbox/a');
  });

  test('so does its page, for both widths', () => {
    const bench = renaming();
    bench.focusList();
    bench.press('enter');
    assert.match(dialogText(bench), /adds +allow write \/home\/u\/inbox\/a\n +allow write \/srv\/shared\/b/);
    bench.press('f');
    assert.match(dialogText(bench), /everything below\n +allow write \/srv\/shared\/ and everything below/);
  });

  test('and the choices in lines of text', () => {
    const bench = renaming();
    const isQuestion = (next: Next | Promise<Next>): next is Question => typeof next === 'object' && 'choices' in next;
    const first = menu(bench.session, { paths: rules, net: netRules }).choices[0]?.run();
    assert.ok(first !== undefined && isQuestion(first));
    const labels = first.choices
      .map((choice) => choice.label)
      .filter((label) => /session ends|asks once more/.test(label));
    assert.equal(labels.length, 4);
    for (const label of labels) assert.match(label, /\/home\/u\/inbox\/.*\/srv\/shared\//);
  });
});
