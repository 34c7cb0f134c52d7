import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { layoutFor } from '../../src/session/layout.ts';

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
