import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textWidth } from '../../src/terminal/visible-text.ts';
import { hanging, wholeLines } from '../../src/terminal/wrap.ts';

describe('hanging', () => {
  test('goes on below the second column where there is one', () => {
    assert.deepEqual(hanging('why     one two three four', 20), ['why     one two', '        three four']);
  });

  test('without columns, or with the second one far away, a little further in than it begins', () => {
    assert.deepEqual(hanging('  one two three four', 14), ['  one two', '      three', '      four']);
    assert.deepEqual(hanging('a long first column  text', 20), ['a long first column', '    text']);
  });

  test('no row is too wide, no word is lost, and blanks alone end', () => {
    const texts = [
      '漢字'.repeat(30),
      'x'.repeat(99),
      `${' '.repeat(50)}end`,
      ' '.repeat(99),
      '',
      'a b  c   d'.repeat(9),
    ];
    for (const text of texts)
      for (let width = 2; width < 60; width += 1) {
        const rows = hanging(text, width);
        assert.ok(
          rows.every((row) => textWidth(row) <= width),
          `${width}: ${JSON.stringify(rows)}`,
        );
        assert.equal(rows.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      }
  });
});

describe('wholeLines', () => {
  test('breaks behind a name of a path, and leaves nothing out', () => {
    assert.deepEqual(wholeLines('/srv/deep/settings.json', 14), ['/srv/deep/', 'settings.json']);
    const path = '/a  b/漢字/ccccccccccccccccccccccccccc d/';
    for (let width = 2; width < 40; width += 1) {
      const lines = wholeLines(path, width);
      assert.equal(lines.join(''), path);
      assert.ok(lines.every((line) => textWidth(line) <= width));
    }
  });
});
