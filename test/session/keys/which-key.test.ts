import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bindings } from '../../../src/session/keys/table.ts';
import { Bench } from '../support.ts';

const prefixed = bindings.filter((one) => one.in === 'prefix' && one.keys.length > 0);

function opened(cols: number, rows: number, cursorRow = 0) {
  const bench = new Bench({ cols, rows }, undefined, { cursorRow: () => cursorRow });
  bench.session.startAsking();
  bench.session.prefix();
  bench.clock.advance(500);
  const { dialog, layout } = bench.shown().model;
  assert.ok(dialog !== undefined);
  return { ...dialog, layout, text: dialog.lines.map((line) => line.map((span) => span.text).join('')) };
}

describe('what may follow the prefix', () => {
  test('stands with every text whole where few rows hold them', () => {
    const { title, text } = opened(200, 60);
    for (const { help } of prefixed) assert.ok(text.join('\n').includes(help), help);
    assert.doesNotMatch(title, /more/);
  });

  test('leaves the shell on the screen: a third at most, and no key left out', () => {
    for (const [cols, rows] of [
      [80, 24],
      [100, 30],
      [120, 36],
    ] as const) {
      const { title, text, rect } = opened(cols, rows);
      assert.ok(rect.height <= rows / 3, `${cols}x${rows}: ${rect.height} rows`);
      assert.doesNotMatch(title, /more/);
      for (const { short, hint, help } of prefixed)
        assert.ok(
          [short ?? hint ?? help, help].some((words) => text.join('\n').includes(words)),
          `${cols}x${rows}: ${help}`,
        );
    }
  });

  test('never covers the line that the shell’s cursor is in', () => {
    for (const [cols, rows] of [
      [40, 10],
      [80, 24],
      [100, 30],
      [120, 36],
      [200, 60],
    ] as const) {
      for (let row = 0; row < rows; row += 1) {
        const { rect, layout, lines } = opened(cols, rows, row);
        const cursor = layout.pane.y + Math.min(row, layout.pane.height - 1);
        assert.ok(cursor < rect.y || cursor >= rect.y + rect.height, `${cols}x${rows}, row ${row}`);
        assert.ok(rect.y > 0 && rect.y + rect.height <= layout.hint.y, `${cols}x${rows}, row ${row}`);
        assert.ok(lines.length > 0, `${cols}x${rows}, row ${row}`);
      }
    }
  });

  test('says what has no room, and where that is found', () => {
    const { title, text } = opened(40, 10);
    const shown = prefixed.filter(({ short, hint, help }) =>
      [short, hint, help].some((words) => words !== undefined && text.some((line) => line.includes(` ${words}`))),
    );
    assert.ok(shown.length >= 10, text.join('\n'));
    assert.match(title, new RegExp(`· ${prefixed.length - shown.length} more: \\?`));
  });

  test('every help is plain: with --ascii a mark of two characters would push the next column', () => {
    for (const { help } of bindings) assert.match(help, /^[ -~]*$/);
  });
});
