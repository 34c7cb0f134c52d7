import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bindings } from '../../src/session/keys/table.ts';
import { Bench } from './support.ts';

const prefixed = bindings.filter((one) => one.in === 'prefix' && one.keys.length > 0);

function opened(cols: number, rows: number) {
  const bench = new Bench({ cols, rows });
  bench.session.startAsking();
  bench.session.prefix();
  bench.clock.advance(500);
  const { dialog } = bench.shown().model;
  assert.ok(dialog !== undefined);
  return { title: dialog.title, text: dialog.lines.map((line) => line.map((span) => span.text).join('')) };
}

describe('what may follow the prefix', () => {
  test('stands in two columns where they hold every text whole', () => {
    const { title, text } = opened(120, 36);
    assert.equal(text.length, Math.ceil(prefixed.length / 2));
    for (const { help } of prefixed) assert.ok(text.join('\n').includes(help), help);
    assert.doesNotMatch(title, /more/);
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
