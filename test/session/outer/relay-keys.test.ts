/** When the host lets keys go straight to the shell (src/session/outer/relay-keys.ts); what the relay does with it: test/native/terminal/keyboard.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayKeys } from '../../../src/session/outer/relay-keys.ts';

function frame(type: string, bytes = ''): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

test('the relay is told how much was looked at, and what was passed on is of it', () => {
  const said: string[] = [];
  let hear: (bytes: Buffer) => void = () => {};
  let shellHasKeys = true;
  const line = {
    say: (words: Buffer): void => void said.push(words.toString('latin1')),
    heard: (run: (bytes: Buffer) => void): void => {
      hear = run;
    },
  };
  const left: string[] = [];
  const keys = new RelayKeys(line, 7, 0x1c, {
    input: () => {},
    typed: () => {},
    left: (bytes) => left.push(bytes.toString()),
    shellHasKeys: () => shellHasKeys,
    reading: () => {},
  });
  hear(frame('y'));
  hear(frame('i', 'ab'));
  shellHasKeys = false;
  hear(Buffer.concat([frame('d', 'cde'), frame('u', 'de')]));
  assert.deepEqual(left, ['de']);
  shellHasKeys = true;
  keys.reconsider();
  assert.deepEqual(said, ['k\x1c\x07\0\0\0', 'g\0\0\0\0', 'g\x02\0\0\0', 's', 'g\x04\0\0\0']);
});
