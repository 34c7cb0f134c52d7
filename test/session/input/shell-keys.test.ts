/** What was typed before there was a shell: first, unchanged, and not before the shell waits for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TypedAhead } from '../../../src/cli/pane/typed-ahead.ts';
import { ShellKeys } from '../../../src/session/input/shell-keys.ts';

class Taken {
  text = '';
  backlog = 0;
  write(bytes: Uint8Array | string): void {
    this.text += Buffer.from(bytes as Uint8Array).toString('latin1');
  }
}

test('keys wait behind what was typed before them', () => {
  const pty = new Taken();
  const keys = new ShellKeys(pty, Buffer.from('a\x1c\0'));
  const buffer = Buffer.from('b');
  keys.write(buffer);
  // A terminal's buffer is used again.
  buffer.fill('x');
  assert.deepEqual([pty.text, keys.waiting, keys.backlog], ['', true, 4]);
  keys.ready();
  keys.write(Buffer.from('c'));
  assert.deepEqual([pty.text, keys.waiting, keys.backlog], ['a\x1c\0bc', false, 0]);
  keys.ready();
  assert.equal(pty.text, 'a\x1c\0bc');
});

test('also where nothing was typed before them: not before the shell waits, and no longer', () => {
  for (const typed of [undefined, Buffer.alloc(0)]) {
    const pty = new Taken();
    const keys = new ShellKeys(pty, typed);
    assert.deepEqual([keys.waiting, keys.backlog], [true, 0]);
    keys.write(Buffer.from('a'));
    assert.equal(pty.text, '');
    assert.deepEqual([keys.ready(), keys.ready()], [true, false]);
    keys.write(Buffer.from('b'));
    assert.deepEqual([pty.text, keys.waiting], ['ab', false]);
  }
  assert.equal(new ShellKeys(new Taken(), undefined).ready(), false, 'nothing went to it');
});

test('of several searches all that was typed, or nothing', () => {
  const typed = new TypedAhead();
  typed.add(Buffer.from('ls'));
  typed.add(Buffer.from(' -l\r'));
  assert.deepEqual([typed.keys.toString(), typed.notice], ['ls -l\r', undefined]);
  typed.add('too-much');
  assert.equal(typed.keys.length, 0);
  assert.match(typed.notice ?? '', /none of it/);
});
