import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BLANK, CELL_WORDS, CellGrid } from '../../src/terminal/cells.ts';
import { titleSequence } from '../../src/terminal/title-and-bell.ts';
import {
  cutMiddle,
  cutPath,
  fit,
  isPlainlyVisible,
  textWidth,
  visibleName,
  visibleText,
} from '../../src/terminal/visible-text.ts';

describe('cells', () => {
  test('every cell of a new grid is blank, whatever its size', () => {
    for (const [cols, rows] of [
      [1, 1],
      [3, 1],
      [7, 5],
      [120, 40],
      [0, 3],
    ] as const) {
      const { words } = new CellGrid(cols, rows);
      assert.deepEqual(
        [...words],
        Array.from({ length: cols * rows * CELL_WORDS }, (_, i) => (i % CELL_WORDS === 0 ? BLANK : 0)),
      );
    }
  });
});

describe('textWidth', () => {
  for (const [text, width] of [
    ['text', 4],
    ['', 0],
    ['… · ─│ ←→ ’', 11],
    ['漢字', 4],
    ['e\u0301', 1],
    ['\u20dd', 0],
  ] as const)
    test(JSON.stringify(text), () => assert.equal(textWidth(text), width));
});

describe('visibleText', () => {
  for (const [name, text, shown] of [
    ['escape sequences', 'a\x1b[2Jb', 'a\\x1b[2Jb'],
    ['line breaks', 'a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['C1 controls', 'a\x9bm', 'a\\u{9b}m'],
    ['right-to-left override', 'exe.\u202etxt', 'exe.\\u{202e}txt'],
    ['bidi isolates', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['blanks that are not the space bar’s', 'a\u00a0b\u2003c\u2800', 'a\\u{a0}b\\u{2003}c\\u{2800}'],
    ['slashes that are none', '/a\u2215b\u2044c\uff0fd', '/a\\u{2215}b\\u{2044}c\\u{ff0f}d'],
    ['zero width', 'a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['tags', '\u{e0041}', '\\u{e0041}'],
    ['a byte that is no text', 'a\udc9b', 'a\\x9b'],
    ['a lone surrogate', '\ud800', '\\u{d800}'],
    ['strokes and frames over other characters', 'a\u0338 \u20ddb\u0489', 'a\\u{338} \\u{20dd}b\\u{489}'],
    ['marks piled on one character', `o${'\u0301'.repeat(6)}k`, `o${'\u0301'.repeat(4)}\\u{301}\\u{301}k`],
    ['marks that stand on a slash, a blank or nothing', '\u0301a/\u0301b \u0301', '\\u{301}a/\\u{301}b \\u{301}'],
    ['signs that only arrange others', 'a\u{13437}', 'a\\u{13437}'],
    [
      'marks as scripts have them',
      'e\u0301/\u0928\u093f\u0902/\u0e17\u0e35\u0e48',
      'e\u0301/\u0928\u093f\u0902/\u0e17\u0e35\u0e48',
    ],
    ['ordinary text of any script', 'Grüße/漢字/κόσμος', 'Grüße/漢字/κόσμος'],
  ] as const) {
    test(name, () => assert.equal(visibleText(text), shown));
  }

  test('no control character is left of any code point', () => {
    for (let code = 0; code < 0x3000; code += 1) {
      assert.doesNotMatch(
        visibleText(String.fromCharCode(code)),
        /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/,
        code.toString(16),
      );
    }
  });

  test('no blank but the space, and nothing without a shape, is left of any code point', () => {
    for (let code = 0; code < 0x20000; code += 1) {
      const c = String.fromCodePoint(code);
      if (/[\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(c) && c !== ' ')
        assert.match(visibleText(c), /^\\/, code.toString(16));
    }
  });

  test('a name is one word: blanks in a row or at an end are written out', () => {
    assert.equal(visibleName('/srv/x   cat(1) not granted '), '/srv/x\\x20\\x20\\x20cat(1) not granted\\x20');
    assert.equal(visibleName('/srv/my file'), '/srv/my file');
  });

  test('what is not plainly visible cannot be typed back', () => {
    assert.equal(isPlainlyVisible('/home/u/a b'), true);
    assert.equal(isPlainlyVisible('/home/u/\u200b'), false);
    assert.equal(isPlainlyVisible('/home/u/\ufffd'), false);
  });
});

describe('cutting', () => {
  test('the end of a path stays, and the width is kept', () => {
    const path = '/home/user/projects/some/very/deep/directory/with/a/name/notes.txt';
    for (let width = 1; width < 80; width += 1) {
      const cut = cutMiddle(path, width);
      assert.ok(textWidth(cut) <= width);
      if (width > 16) assert.ok(cut.endsWith('/notes.txt'), cut);
    }
  });

  test('of a long name of a file both ends stay in sight, so that it can be told from the next one', () => {
    const path = (n: number): string => `~/other/file-${n}-with-a-rather-long-name-that-goes-on.txt`;
    assert.equal(cutPath(path(117), 28), '~/other/file-117-w…es-on.txt');
    assert.equal(cutPath(`/srv/data/deep/${path(117).slice(8)}`, 28), '/srv/da…/file-117-…es-on.txt');
    assert.equal(cutPath('~/work/a/b/c/d/e/short.txt', 20), cutMiddle('~/work/a/b/c/d/e/short.txt', 20));
    const pair = `${path(1)} -> ${path(2)}`;
    assert.equal(cutPath(pair, 40), cutMiddle(pair, 40));
    for (let width = 0; width < 70; width += 1)
      for (const mark of ['…', '..'])
        for (const long of [
          path(117),
          `~/${'漢字/'.repeat(8)}${'漢字'.repeat(20)}.txt`,
          `${path(1)}/`,
          'x'.repeat(80),
        ]) {
          const cut = cutPath(long, width, mark);
          assert.ok(textWidth(cut) <= width, `${width}: ${cut}`);
          if (width >= 4) assert.ok(cut.endsWith(long.slice(-2)), `${width}: ${cut}`);
        }
    for (let width = 25; width < 57; width += 1) assert.notEqual(cutPath(path(117), width), cutPath(path(118), width));
  });

  test('wide characters are never cut in half', () => {
    for (let width = 1; width < 20; width += 1) {
      assert.ok(textWidth(cutMiddle('漢字漢字漢字漢字', width)) <= width);
      assert.equal(textWidth(fit('漢字漢字', width)), width);
    }
  });
});

test('a title cannot end its own sequence or be long', () => {
  const s = titleSequence(`evil\x1b\\\x07\x1b]52;c;aGk=\x07${'x'.repeat(1000)}`);
  assert.match(s, /^\x1b\]2;nono: [^\x00-\x1f]*\x1b\\$/);
  assert.ok(s.length < 200);
});
