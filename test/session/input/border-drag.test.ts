/** The border between pane and list, dragged with the mouse. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BorderDrag } from '../../../src/session/input/border-drag.ts';
import { defaultWish, type LayoutWish, layoutFor } from '../../../src/session/screen/layout.ts';
import { Bench } from '../support.ts';

function bench(size = { cols: 120, rows: 36 }, wish: LayoutWish = defaultWish) {
  const b = new Bench(size);
  b.session.setLayout(wish);
  const clicked: unknown[] = [];
  const border = new BorderDrag({ session: b.session, size: () => size, clicked: (x, y) => clicked.push([x, y]) });
  const at = (button: number, x: number, y: number, release = false): boolean => {
    const taken = border.take({ button, x, y, release });
    b.clock.advance(100);
    return taken;
  };
  return { b, at, clicked, border, layout: () => b.session.layout(size) };
}

describe('the border beside the pane', () => {
  test('goes where the pointer goes, and is remembered as by the keys', () => {
    const { b, at, layout } = bench();
    const { x } = layout().divider;
    assert.equal(at(0, x, 9), true);
    assert.equal(at(32, x - 10, 12), true);
    assert.equal(layout().divider.x, x - 10);
    assert.equal(at(32, x - 20, 40), true);
    assert.equal(at(0, x - 21, 3, true), true);
    assert.equal(layout().divider.x, x - 20);
    assert.equal(b.session.ui.layout.columns, layout().list.width);
    assert.equal(at(32, 5, 5), false, 'let go');
  });

  test('within its limits, and back at once from there', () => {
    const { at, layout } = bench();
    const { x } = layout().divider;
    at(0, x, 9);
    at(32, 0, 9);
    assert.equal(layout().pane.width, 24);
    at(32, 119, 9);
    assert.equal(layout().list.width, 24);
    at(32, 80, 9);
    assert.equal(layout().divider.x, 80);
  });

  test('where it stands beside a pane of few rows, too; the shell keeps 48 columns there', () => {
    const { at, layout } = bench({ cols: 90, rows: 16 });
    assert.equal(layout().split, 'right');
    at(0, layout().divider.x, 9);
    at(32, 55, 9);
    assert.equal(layout().divider.x, 55);
    at(32, 10, 9);
    assert.equal(layout().pane.width, 48);
  });

  test('what was chosen on a large screen leaves the shell a size to work in on a smaller one, where it can be chosen again', () => {
    const { b, at } = bench({ cols: 200, rows: 60 });
    at(0, b.session.layout({ cols: 200, rows: 60 }).divider.x, 9);
    at(32, 60, 9);
    at(0, 60, 9, true);
    const chosen = b.session.ui.layout;
    assert.equal(layoutFor({ cols: 200, rows: 60 }, chosen).list.width, 139);
    assert.equal(layoutFor({ cols: 240, rows: 60 }, chosen).list.width, 139);
    assert.equal(layoutFor({ cols: 110, rows: 60 }, chosen).pane.width, 48);
    const smaller = bench({ cols: 110, rows: 60 }, chosen);
    smaller.at(0, 48, 9);
    smaller.at(32, 30, 9);
    assert.equal(smaller.layout().pane.width, 30);
    const below = bench({ cols: 80, rows: 60 });
    below.at(0, 9, below.layout().divider.y);
    below.at(32, 9, 12);
    below.at(0, 9, 12, true);
    const high = below.b.session.ui.layout;
    assert.equal(layoutFor({ cols: 80, rows: 60 }, high).pane.height, 11);
    assert.equal(layoutFor({ cols: 80, rows: 24 }, high).pane.height, 12);
  });

  test('a press elsewhere, with another button, or held with a key, is not its own', () => {
    const { at, layout } = bench();
    const { x } = layout().divider;
    for (const [button, column, row] of [
      [0, x - 1, 9],
      [0, x + 1, 9],
      [0, x, 0],
      [0, x, 35],
      [1, x, 9],
      [2, x, 9],
      [16, x, 9],
      [64, x, 9],
    ] as const) {
      assert.equal(at(button, column, row), false, `${button} ${column} ${row}`);
      assert.equal(at(32, 40, 9), false);
      assert.equal(layout().divider.x, x);
    }
  });

  test('many positions at once: the first and the last one are frames', () => {
    const { b, border, layout } = bench();
    const { x } = layout().divider;
    border.take({ button: 0, x, y: 9, release: false });
    for (let to = x - 1; to >= x - 30; to -= 1) border.take({ button: 32, x: to, y: 9, release: false });
    assert.equal(layout().divider.x, x - 1);
    b.clock.advance(40);
    assert.equal(layout().divider.x, x - 30);
    border.take({ button: 32, x: x - 31, y: 9, release: false });
    border.take({ button: 32, x: x - 32, y: 9, release: false });
    border.take({ button: 0, x: x - 32, y: 9, release: true });
    assert.equal(layout().divider.x, x - 32, 'where it was let go');
  });

  test('let go where it was pressed, it is a click', () => {
    const { at, clicked, layout } = bench();
    const { x } = layout().divider;
    at(0, x, 9);
    at(0, x, 9, true);
    assert.deepEqual(clicked, [[x, 9]]);
  });

  test('not while the mouse is left to the terminal, or where there is no list', () => {
    const left = bench();
    left.b.session.ui.mouse = false;
    assert.equal(left.at(0, left.layout().divider.x, 9), false);
    const hidden = bench({ cols: 120, rows: 36 }, { ...defaultWish, hidden: true });
    for (let x = 0; x < 120; x += 1) assert.equal(hidden.at(0, x, 9), false);
  });
});

describe('the border below the pane', () => {
  test('goes up and down within its limits', () => {
    const { b, at, layout } = bench({ cols: 80, rows: 24 });
    const { y } = layout().divider;
    assert.equal(layout().split, 'bottom');
    at(0, 40, y);
    at(32, 20, y - 4);
    assert.equal(layout().divider.y, y - 4);
    assert.equal(b.session.ui.layout.rows, layout().list.height);
    at(32, 20, 0);
    assert.equal(layout().pane.height, 3);
    at(32, 20, 23);
    assert.equal(layout().list.height, 2);
  });
});
