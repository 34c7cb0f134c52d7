/** A question about two paths on a small screen: both are seen before anything is approved. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

const from = `/home/u/${'from-'.repeat(14)}a`;
const to = `/home/u/project/${'to-'.repeat(20)}b`;
const small = { cols: 40, rows: 10 };

function renaming(size = small, change: Parameters<typeof record>[0] = {}): Bench {
  const bench = new Bench(size);
  bench.session.startAsking();
  const other = { path: to, first: false, allowed: false };
  const both = record({ verb: 'rename', access: 'write', path: from, other, ...change });
  bench.session.event({ type: 'held', holdId: 1n, record: both });
  bench.sent.length = 0;
  bench.focusList();
  return bench;
}

function page(bench: Bench): { title: string; text: string } {
  const { dialog } = bench.shown().model;
  const lines = dialog?.lines.map((line) => line.map((one) => one.text).join('')) ?? [];
  return { title: dialog?.title ?? '', text: lines.map((line) => line.slice(9)).join('') };
}

const answers = ['a', '1', 's', '2'] as const;

describe('a rename at 40x10', () => {
  test('the row has cut a path: it approves nothing by itself, and says where both are', () => {
    for (const key of answers) {
      const bench = renaming();
      bench.press(key);
      assert.deepEqual(bench.sent, [], key);
      assert.match(bench.session.ui.message, /Enter shows all of it/);
    }
    const no = renaming();
    no.press('x');
    assert.deepEqual(no.sent, [{ type: 'verdict', holdId: 1n, allow: false }]);
  });

  test('where the row shows both it does, at once', () => {
    const bench = renaming({ cols: 240, rows: 36 });
    bench.session.changeLayout('split-bottom');
    bench.press('a');
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 1n, allow: true }]);
  });

  test('the page of the row has both sides whole, on pages with numbers', () => {
    const bench = renaming();
    bench.press('enter');
    const seen: string[] = [];
    const first = page(bench);
    const count = Number(/ 1 of (\d+) /.exec(first.title)?.[1]);
    assert.ok(count >= 2, first.title);
    for (let i = 1; i <= count; i += 1) {
      assert.match(page(bench).title, new RegExp(`${i} of ${count}`));
      seen.push(page(bench).text);
      bench.press('pagedown');
    }
    assert.ok(seen.join('').includes(from) && seen.join('').includes(to), seen.join('\n'));
  });

  test('nothing is approved before every page was looked at', () => {
    for (const key of answers) {
      const bench = renaming();
      bench.press('enter', key);
      assert.deepEqual(bench.sent, []);
      assert.match(bench.session.ui.message, /not every page was seen/);
      // In a hurry: pages that nobody can have read.
      for (let i = 0; i < 20; i += 1) {
        bench.shown();
        bench.session.key(i < 10 ? 'pagedown' : 'pageup');
      }
      bench.press(key);
      assert.deepEqual(bench.sent, []);
      bench.press(...Array(9).fill('pagedown'), key);
      assert.ok(bench.sent.length > 0, key);
    }
  });

  test('what is seen counts for these words only', () => {
    const bench = renaming();
    bench.press('enter', ...Array(9).fill('pagedown'));
    // Another width of the approval, which the pages before have not shown.
    bench.press('f', 's');
    assert.deepEqual(bench.sent, []);
    bench.press(...Array(9).fill('pagedown'), 's');
    assert.ok(bench.sent.length > 0);
    const resized = renaming();
    resized.press('enter', ...Array(9).fill('pagedown'));
    resized.size.cols = 44;
    resized.press('a');
    assert.deepEqual(resized.sent, []);
  });

  test('saving shows both rules before the answer counts', async () => {
    const bench = renaming();
    bench.press('p');
    assert.equal(bench.session.ui.dialog?.kind, 'save');
    bench.press('y');
    await bench.settle();
    assert.deepEqual([bench.saver.saved, bench.sent], [[], []]);
    const seen: string[] = [];
    for (let i = 0; i < 9; i += 1) {
      seen.push(page(bench).text);
      bench.press('space');
    }
    assert.ok(seen.join('').includes(from) && seen.join('').includes(to), seen.join('\n'));
    bench.press('y');
    await bench.settle();
    assert.equal(bench.saver.saved.length, 2);
  });

  test('the other side comes first where the call names it first', () => {
    const bench = renaming({ cols: 120, rows: 36 }, { other: { path: to, first: true, allowed: true } });
    bench.press('enter');
    const { dialog } = bench.shown().model;
    const text = dialog?.lines.map((line) => line.map((one) => one.text).join('')).join('\n') ?? '';
    assert.match(text, /^from +\/home\/u\/project\/to-[\s\S]*^to +\/home\/u\/from-/m);
  });
});
