/** The cursor in a terminal that somebody else had meanwhile, or that is another one now. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compositor, SIZE } from './composed.ts';
import { FakeClock, FakeTerminal } from './fakes.ts';

for (const [what, asked, wanted] of [
  ['the program’s shape is asked for again', '\x1b[6 q', /\x1b\[6 q/],
  ['so is its being hidden', '\x1b[?25l', /\x1b\[\?25l/],
] as const) {
  test(`back in the terminal: ${what}`, () => {
    const outer = new FakeTerminal(SIZE);
    const clock = new FakeClock();
    const c = compositor(outer, clock);
    c.paneOutput(Buffer.from(`text${asked}`));
    clock.advance(200);
    assert.match(outer.raw, wanted);
    const before = outer.raw.length;
    c.reenter('');
    clock.advance(200);
    assert.match(outer.raw.slice(before), wanted);
  });
}

test('a shape that nobody asked for is the user’s, and stays it', () => {
  const outer = new FakeTerminal(SIZE);
  const clock = new FakeClock();
  const c = compositor(outer, clock);
  c.paneOutput(Buffer.from('text'));
  clock.advance(200);
  c.reenter('');
  clock.advance(200);
  assert.doesNotMatch(outer.raw, /\x1b\[\d q/);
});
