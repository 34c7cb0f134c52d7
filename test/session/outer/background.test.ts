import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { look } from '../../../components/theme.ts';
import { backgroundOf } from '../../../src/session/outer/background.ts';

describe('the background of the terminal', () => {
  test('is light or dark by its luminance', () => {
    assert.equal(backgroundOf('rgb:ffff/ffff/ffff'), 'light');
    assert.equal(backgroundOf('rgb:fd/f6/e3'), 'light');
    assert.equal(backgroundOf('rgb:0000/0000/0000'), 'dark');
    assert.equal(backgroundOf('rgb:1e1e/1e1e/2e2e'), 'dark');
    assert.equal(backgroundOf('?'), undefined);
  });
});

describe('themes', () => {
  test('bright colours are for dark backgrounds only, and NO_COLOR leaves none', () => {
    assert.equal(look('held', true, 'dark').color, 'magentaBright');
    for (const tone of ['held', 'denied', 'granted', 'danger'] as const) {
      assert.doesNotMatch(look(tone, true, 'light').color ?? '', /Bright|white|yellow/);
      assert.doesNotMatch(look(tone, true, undefined).color ?? '', /Bright|white|yellow/);
      for (const background of ['dark', 'light', undefined] as const)
        assert.equal(look(tone, false, background).color, undefined);
    }
  });
});
