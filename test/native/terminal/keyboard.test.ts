/** What the host says while the relay reads a key counts for that key (native/terminal/keyboard.c). test/relay/keyboard.test.ts has the rest, on a real relay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, driver } from '../driver.ts';

const typed = (word: string): string[] =>
  ask(driver('drivers/keyboard.c', ['keyboard', 'host_words'], ['-Wl,--wrap=read,--wrap=write']), [word])
    .trim()
    .split('\n');

test('a key goes straight to the shell', () => {
  assert.deepEqual(typed('-'), ['shell some z', 'host yd z']);
});

test('the host hears of a line that ends before the shell can answer with a prompt', () => {
  assert.equal(typed('enter')[0], 'told before');
});

for (const [what, word] of [
  ['has taken the keyboard from the shell', 's'],
  ['reads itself', 'h'],
] as const)
  test(`a key that is read when the host ${what} is not the shell’s`, () => {
    assert.deepEqual(typed(word), ['shell nothing -', 'host yi z']);
  });

test('nothing goes past keys that the host was given to pass on', () => {
  const [shell, host = ''] = typed('full');
  assert.equal(shell, 'shell nothing -');
  assert.match(host, /^host yd+ui z$/);
});
