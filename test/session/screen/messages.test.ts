/** No word of a message is lost: what the last row has no room for stands in a box, beside what a key would approve. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type Attention, besideBox, messageBox } from '../../../src/session/dialog/message-box.ts';
import { layoutFor } from '../../../src/session/screen/layout.ts';
import { contains, type Rect } from '../../../src/terminal/geometry.ts';
import { record } from '../../terminal/helpers.ts';
import { inked } from '../inked.ts';
import { Bench } from '../support.ts';

const LONG =
  'not saved, so not allowed: the profile ~/.config/nono/profiles/customers-northern-lights.jsonc cannot be written (make it writable, or allow this for the session)';
const SIZES = [
  { cols: 200, rows: 60 },
  { cols: 120, rows: 36 },
  { cols: 80, rows: 24 },
  { cols: 60, rows: 20 },
  { cols: 40, rows: 16 },
];

function held(size: { cols: number; rows: number }): Bench {
  const bench = new Bench(size);
  bench.session.startAsking();
  bench.session.event({ type: 'held', holdId: 1n, record: record() });
  return bench;
}

function boxText(rows: readonly string[], { x, y, width, height }: Rect): string {
  return rows
    .slice(y + 1, y + height - 1)
    .map((row) => row.slice(x + 2, x + width - 2).trim())
    .join(' ');
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const whole = (text: string): string => text.replace(/ /g, '');

describe('a message', () => {
  for (const size of SIZES)
    for (const focus of ['shell', 'list', 'dialog'] as const)
      test(`${size.cols}x${size.rows}, ${focus}: every word is on the screen, and what is answered, too`, () => {
        const bench = held(size);
        if (focus !== 'shell') bench.session.focusList();
        if (focus === 'dialog') bench.session.granter.askToSave(bench.session.list.rows[0] ?? assert.fail());
        bench.session.say(LONG);
        const { model, overlays } = bench.shown();
        const rows = inked(model).map((row) => stripVTControlCharacters(row));
        if (model.messageBox === undefined) {
          assert.ok(rows.at(-1)?.includes(LONG));
          return;
        }
        const { rect } = model.messageBox;
        assert.equal(whole(boxText(rows, rect)), whole(LONG));
        assert.ok(overlays.includes(rect));
        assert.doesNotMatch(rows.at(-1) ?? '', /not saved/);
        if (focus === 'shell') assert.match(rows.at(-1) ?? '', /1 held/);
        if (focus === 'dialog') assert.ok(model.dialog !== undefined && !overlap(model.dialog.rect, rect));
        if (focus === 'list') {
          const { list } = model.layout;
          const top = list.y + (model.layout.split === 'right' ? 1 : 0);
          assert.equal(contains(rect, list.x, top), false);
          assert.match(rows[top] ?? '', /> ?HELD/);
          if (model.dialog !== undefined) assert.equal(overlap(model.dialog.rect, rect), false);
        }
      });

  test('where not even the screen has room, its beginning and its end are there, and nothing lies outside', () => {
    for (const size of [
      { cols: 40, rows: 10 },
      { cols: 80, rows: 24 },
    ])
      for (const attention of ['shell', 'list', 'dialog'] as readonly Attention[])
        for (const hidden of [false, true]) {
          const layout = layoutFor(size, { split: 'auto', hidden, zoom: 'none' });
          const { rect, lines } = messageBox(`first ${LONG.repeat(40)} last`, layout, attention);
          assert.ok(rect.y >= 1 && rect.y + rect.height <= layout.hint.y && rect.x + rect.width <= size.cols);
          assert.ok(lines.length <= rect.height - 2);
          assert.match(lines[0]?.[0]?.text ?? '', /^first/);
          assert.match(lines.at(-1)?.[0]?.text ?? '', /last$/);
          const free = besideBox(layout, { rect, title: '', lines }, attention);
          assert.ok(free.pane.height >= 0 && free.size.rows >= 1);
        }
  });

  test('a short one stands in the last row; the box goes with the message', () => {
    const bench = held({ cols: 80, rows: 24 });
    bench.session.say('short');
    assert.equal(bench.shown().model.messageBox, undefined);
    bench.session.say(LONG);
    assert.ok(bench.shown().model.messageBox);
    bench.clock.advance(7000);
    assert.deepEqual([bench.shown().model.messageBox, bench.shown().overlays], [undefined, []]);
  });

  test('it says a key only where the key works: the command is brought back from the list', () => {
    for (const [listed, said] of [
      [true, /effective now, r brings the command back/],
      [false, /effective now, run it again/],
    ] as const) {
      const bench = new Bench({ cols: 80, rows: 24 }, undefined, { again: () => undefined });
      if (listed) bench.session.focusList();
      bench.session.granter.grantForSession([
        { verdict: 'allow', kind: 'file', access: 'read', path: '/home/u/a' } as never,
      ]);
      assert.match(bench.session.ui.message, said);
    }
  });

  test('a key that approves says why it did nothing in an empty list', () => {
    const bench = new Bench({ cols: 80, rows: 24 });
    bench.session.focusList();
    bench.shown();
    bench.session.key('x');
    assert.equal(bench.session.ui.message, 'nothing is listed');
  });
});

describe('what is said in an empty list', () => {
  test('words are whole, rows begin below each other, and one column is left at the edge', () => {
    for (const size of SIZES) {
      const bench = new Bench(size);
      bench.session.notices.push('left out of the environment: ONE_VARIABLE, ANOTHER_ONE (--env NAME passes one on)');
      const { model } = bench.shown();
      const { list } = model.layout;
      assert.ok(model.list.notes.every((note) => note === note.trim() && note.length <= list.width - 2));
      if (list.height >= 4) assert.match(model.list.notes.join(' '), /passes one on\)$/);
    }
  });

  test('what has no room is not cut off: where it is read stands below what has', () => {
    const notice = 'left out of the environment: ONE_VARIABLE, ANOTHER_ONE (--env NAME passes one on)';
    for (const size of [...SIZES, { cols: 40, rows: 10 }])
      for (const denied of [false, true]) {
        const bench = new Bench(size);
        bench.session.startAsking();
        for (let n = 0; n < 9; n += 1) bench.session.notices.push(`${notice} ${n}`);
        if (denied) bench.session.event({ type: 'denied', record: record() });
        const { model } = bench.shown();
        const { layout, list } = model;
        const beside = layout.split === 'right';
        const room = layout.list.height - (beside ? 1 : 0) - (denied ? (beside ? 2 : 1) : 0);
        assert.ok(list.notes.length <= room, `${size.cols}x${size.rows}`);
        const last = list.notes.at(-1) ?? '';
        if (room > 0)
          assert.match(last, list.notes.length === 1 ? /^notices: Ctrl-\\ \?$/ : /^more: Ctrl-\\ \?$|one on\) 8$/);
      }
  });
});
