import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { look } from '../../components/theme.ts';
import { BackgroundAnswer, backgroundOf } from '../../src/session/background.ts';
import { FakeClock } from '../terminal/fakes.ts';

function waiting() {
  const clock = new FakeClock();
  const got = { text: '', background: '' };
  const answer = new BackgroundAnswer(
    clock,
    (bytes) => {
      got.text += bytes.toString('latin1');
    },
    (background) => {
      got.background = background;
    },
  );
  answer.expect();
  return { clock, got, answer, take: (text: string) => answer.take(Buffer.from(text, 'latin1')) };
}

describe('the background of the terminal', () => {
  test('is light or dark by its luminance', () => {
    assert.equal(backgroundOf('rgb:ffff/ffff/ffff'), 'light');
    assert.equal(backgroundOf('rgb:fd/f6/e3'), 'light');
    assert.equal(backgroundOf('rgb:0000/0000/0000'), 'dark');
    assert.equal(backgroundOf('rgb:1e1e/1e1e/2e2e'), 'dark');
    assert.equal(backgroundOf('?'), undefined);
  });

  test('the answer is taken out of the input, however it is cut; what stands around it passes', () => {
    for (const end of ['\x07', '\x1b\\']) {
      const text = `ab\x1b[A\x1b]11;rgb:ffff/ffff/ffff${end}cd`;
      for (let cut = 0; cut <= text.length; cut += 1) {
        const { got, take, clock } = waiting();
        take(text.slice(0, cut));
        take(text.slice(cut));
        clock.advance(100);
        assert.deepEqual(got, { text: 'ab\x1b[Acd', background: 'light' }, `cut at ${cut}`);
      }
    }
  });

  test('every byte passes while there is no answer, Esc after a moment', () => {
    const { got, take, clock } = waiting();
    const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
    take(all);
    take('\x1b');
    assert.equal(got.text, all);
    clock.advance(50);
    assert.equal(got.text, `${all}\x1b`);
    take('\x1b]11;');
    clock.advance(50);
    assert.equal(got.text, `${all}\x1b\x1b]11;`);
  });

  test('only the first answer, and none after three seconds: later ones are for the program that asked', () => {
    const first = waiting();
    first.take('\x1b]11;rgb:0/0/0\x07\x1b]11;rgb:f/f/f\x07');
    assert.deepEqual(first.got, { text: '\x1b]11;rgb:f/f/f\x07', background: 'dark' });
    const late = waiting();
    late.clock.advance(3100);
    late.take('\x1b]11;rgb:f/f/f\x07');
    assert.deepEqual(late.got, { text: '\x1b]11;rgb:f/f/f\x07', background: '' });
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
