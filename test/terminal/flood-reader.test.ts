/** Everything that is there is taken at once, and nothing is lost, doubled or put in another order. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { FloodReader } from '../../src/terminal/flood-reader.ts';
import { openPty } from '../../src/terminal/pty.ts';

const SIZE = 10_000;

/** A terminal that holds these pieces, one for each reading. */
function reader(pieces: number[]) {
  let asked = 0;
  const made = new FloodReader(SIZE, (buffer, at) => {
    asked += 1;
    const length = Math.min(pieces.shift() ?? 0, buffer.length - at);
    buffer.fill(64 + asked, at, at + length);
    return length;
  });
  return { made, asked: () => asked };
}

describe('FloodReader', () => {
  test('behind little output nothing is looked for', () => {
    const { made, asked } = reader([4095]);
    assert.equal(made.arrived(1023).length, 1023);
    assert.equal(asked(), 0);
  });

  test('behind much output everything that is there is taken, up to a short piece', () => {
    const { made, asked } = reader([4095, 100, 4095]);
    made.buffer.fill('x', 0, 1024);
    assert.equal(made.arrived(1024).toString(), `${'x'.repeat(1024)}${'A'.repeat(4095)}${'B'.repeat(100)}`);
    assert.equal(asked(), 2);
  });

  test('nothing more, or an error, ends it', () => {
    for (const end of [0, -1]) {
      const { made, asked } = reader([2000, end, 4095]);
      assert.equal(made.arrived(4095).length, 6095);
      assert.equal(asked(), 2);
    }
  });

  test('it ends where the buffer does', () => {
    const { made, asked } = reader([4095, 4095, 4095]);
    assert.equal(made.arrived(4095).length, SIZE);
    assert.equal(asked(), 2);
  });

  test('a flood comes through a real terminal as it was printed', async () => {
    const pty = openPty({ cols: 80, rows: 24 });
    const child = spawn('seq', ['1', '200000'], { stdio: [pty.slave, pty.slave, 'ignore'] });
    pty.closeSlave();
    const chunks: Buffer[] = [];
    await new Promise<void>((resolve) => pty.read((bytes) => chunks.push(Buffer.from(bytes)), resolve));
    pty.close();
    assert.equal(child.exitCode ?? 0, 0);
    const expected = Array.from({ length: 200_000 }, (_, n) => `${n + 1}\r\n`).join('');
    assert.ok(Buffer.concat(chunks).equals(Buffer.from(expected)), 'something is missing or in another order');
  });
});
