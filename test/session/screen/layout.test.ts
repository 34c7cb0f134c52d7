import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changedLayout } from '../../../src/session/input/layout-keys.ts';
import { defaultWish, type LayoutWish, layoutFor, paneSize } from '../../../src/session/screen/layout.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

describe('layout', () => {
  test('the list stands beside a wide pane, below a narrow one', () => {
    assert.deepEqual(layoutFor({ cols: 120, rows: 40 }).pane, { x: 0, y: 1, width: 76, height: 38 });
    const small = layoutFor({ cols: 80, rows: 24 });
    assert.equal(small.split, 'bottom');
    assert.equal(small.pane.width, 80);
    assert.ok(small.pane.height >= 14 && small.list.height >= 5);
  });

  test('below 40x10 nothing is laid out', () => {
    assert.equal(layoutFor({ cols: 39, rows: 10 }).split, 'tiny');
    assert.equal(layoutFor({ cols: 40, rows: 9 }).split, 'tiny');
    assert.notEqual(layoutFor({ cols: 40, rows: 10 }).split, 'tiny');
  });

  test('every size: parts lie inside, do not overlap, fill the screen; the shell keeps 48 columns where there are 80', () => {
    for (let cols = 1; cols <= 220; cols += 3) {
      for (let rows = 1; rows <= 70; rows += 2) {
        const l = layoutFor({ cols, rows });
        if (l.split === 'tiny') continue;
        const parts = [l.title, l.pane, l.divider, l.list, l.hint];
        for (const p of parts) {
          assert.ok(p.x >= 0 && p.y >= 0 && p.width > 0 && p.height > 0, `${cols}x${rows}`);
          assert.ok(p.x + p.width <= cols && p.y + p.height <= rows, `${cols}x${rows}`);
        }
        assert.equal(
          parts.reduce((n, p) => n + p.width * p.height, 0),
          cols * rows,
          `${cols}x${rows}`,
        );
        if (cols >= 80) assert.ok(l.pane.width >= 48, `${cols}x${rows}`);
      }
    }
  });
});

const wishes: readonly LayoutWish[] = (['auto', 'right', 'bottom'] as const).flatMap((split) =>
  (['none', 'shell', 'list'] as const).flatMap((zoom) =>
    [false, true].flatMap((hidden) =>
      [undefined, 1, 30, 500].map((n): LayoutWish => ({ split, zoom, hidden, columns: n, rows: n })),
    ),
  ),
);

describe('layouts that were asked for', () => {
  test('every wish on every size: parts lie inside and do not overlap, the shell keeps a usable size, the hints stay', () => {
    for (const wish of wishes) {
      for (let cols = 40; cols <= 200; cols += 13) {
        for (let rows = 10; rows <= 60; rows += 7) {
          const l = layoutFor({ cols, rows }, wish);
          const parts = [l.title, ...(l.paneShown ? [l.pane] : []), l.divider, l.list, l.hint];
          const name = `${cols}x${rows} ${JSON.stringify(wish)}`;
          for (const p of parts)
            assert.ok(p.x >= 0 && p.y >= 0 && p.x + p.width <= cols && p.y + p.height <= rows, name);
          assert.equal(
            parts.reduce((n, p) => n + p.width * p.height, 0),
            cols * rows,
            name,
          );
          assert.equal(l.hint.height, 1, name);
          const pane = paneSize({ cols, rows }, wish);
          assert.ok(pane.cols >= 15 && pane.rows >= 3, name);
        }
      }
    }
  });

  test('the list over the shell does not change the size of the shell', () => {
    const size = { cols: 120, rows: 36 };
    for (const wish of wishes.filter((one) => one.zoom === 'none'))
      assert.deepEqual(paneSize(size, { ...wish, zoom: 'list' }), paneSize(size, wish));
  });

  test('keys: sides, sizes that stop where they must, and back to what the screen suggests', () => {
    const size = { cols: 120, rows: 36 };
    const press = (wish: LayoutWish, ...actions: readonly Parameters<typeof changedLayout>[1][]): LayoutWish =>
      actions.reduce((w, action) => changedLayout(w, action, size) ?? w, wish);
    const beside = layoutFor(size, press(defaultWish, 'larger-list'));
    assert.equal(beside.list.width, layoutFor(size).list.width + 4);
    assert.equal(layoutFor(size, press(defaultWish, 'split-bottom', 'larger-list')).split, 'bottom');
    let wish = defaultWish;
    for (let i = 0; i < 60; i += 1) wish = press(wish, 'larger-list');
    const most = layoutFor(size, wish).list.width;
    assert.equal(layoutFor(size, press(wish, 'smaller-list')).list.width, most - 4);
    assert.deepEqual(press(wish, 'split-bottom', 'hide-list', 'reset-layout'), defaultWish);
    assert.equal(changedLayout(defaultWish, 'down', size), undefined);
  });
});

describe('a list that is not there', () => {
  const hidden = (): Bench => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    bench.session.prefix();
    bench.session.key('h');
    bench.sent.length = 0;
    return bench;
  };

  test('is announced in the hint line, and comes when it is asked for, over the shell', () => {
    const bench = hidden();
    const { model } = bench.shown();
    assert.equal(model.layout.split, 'none');
    assert.match(model.alert, /1 held/);
    bench.focusList();
    const layout = bench.shown().model.layout;
    assert.deepEqual([layout.split, layout.paneShown], ['bottom', false]);
    bench.press('a');
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 1n, allow: true }]);
    bench.press('esc');
    assert.equal(bench.shown().model.layout.split, 'none');
  });

  test('sizes are changed by pressing again and again', () => {
    const bench = new Bench();
    const before = bench.shown().model.layout.list.width;
    bench.session.prefix();
    for (const key of ['>', '>', '<', '>']) bench.session.key(key);
    assert.equal(bench.shown().model.layout.list.width, before + 8);
    bench.session.key('esc');
    assert.equal(bench.session.shellHasKeys, true);
  });

  test('after that only sizes are nono’s: what is typed next is the shell’s, whatever it means after the prefix', () => {
    for (const key of ['l', 'd', 'q', 'D', 'c', 'enter', 'C-c']) {
      const bench = new Bench();
      bench.session.prefix();
      bench.session.key('>');
      const hints = bench.shown().model.hints.map((hint) => `${hint.key} ${hint.text}`);
      assert.deepEqual(hints, ['> larger', '< smaller', '= reset', 'Esc shell']);
      assert.equal(bench.session.key(key), 'shell', key);
      assert.equal(bench.session.shellHasKeys, true, key);
      assert.equal(bench.session.ui.dialog, undefined, key);
    }
  });

  test('and the prefix begins anew, and does not reach what runs in the shell', () => {
    const bench = new Bench();
    bench.session.prefix();
    bench.session.key('>');
    bench.session.key('C-\\');
    assert.equal(bench.literal, 0);
    bench.session.key('=');
    assert.equal(bench.session.shellHasKeys, true);
    bench.session.prefix();
    bench.session.key('C-\\');
    assert.equal(bench.literal, 1);
  });
});
