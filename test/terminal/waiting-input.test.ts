/** What a program does not read waits, in order and complete, and the event loop goes on meanwhile. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { openPty } from '../../src/terminal/pty.ts';
import { WaitingInput } from '../../src/terminal/waiting-input.ts';
import { FakeClock } from './fakes.ts';

/** A terminal with room for so much. */
function make(room: number) {
  const terminal = { room, got: '', asked: 0 };
  const clock = new FakeClock();
  const input = new WaitingInput((bytes) => {
    terminal.asked += 1;
    if (terminal.room < 0) return -1;
    const part = bytes.subarray(0, terminal.room);
    terminal.room -= part.length;
    terminal.got += Buffer.from(part).toString();
    return part.length;
  }, clock);
  return { terminal, clock, input };
}

describe('WaitingInput', () => {
  test('where there is room it goes at once, and nothing is pending', () => {
    const { terminal, clock, input } = make(100);
    input.write(Buffer.from('ls'));
    assert.deepEqual([terminal.got, input.bytes, clock.pending], ['ls', 0, 0]);
  });

  test('what has no room follows in order, also what came in between', () => {
    const { terminal, clock, input } = make(3);
    const buffer = Buffer.from('abcdef');
    input.write(buffer);
    buffer.fill('x');
    input.write(Buffer.from('gh'));
    assert.deepEqual([terminal.got, input.bytes], ['abc', 5]);
    terminal.room = 4;
    clock.advance(10);
    assert.deepEqual([terminal.got, input.bytes], ['abcdefg', 1]);
    input.write(Buffer.from('i'));
    terminal.room = 10;
    clock.advance(300);
    assert.deepEqual([terminal.got, input.bytes, clock.pending], ['abcdefghi', 0, 0]);
  });

  test('a program that never reads is asked a few times a second, and at once again after it has read', () => {
    const { terminal, clock, input } = make(0);
    input.write(Buffer.alloc(1000, 'a'));
    clock.advance(10_000);
    assert.ok(terminal.asked > 20 && terminal.asked < 60, `${terminal.asked} times`);
    terminal.room = 500;
    for (let waited = 0; input.bytes > 500 && waited < 250; waited += 1) clock.advance(1);
    assert.equal(input.bytes, 500);
    terminal.room = 500;
    clock.advance(3);
    assert.equal(input.bytes, 0);
  });

  test('when the terminal is gone nothing waits any more', () => {
    const { terminal, clock, input } = make(1);
    input.write(Buffer.from('abc'));
    terminal.room = -1;
    clock.advance(300);
    assert.deepEqual([input.bytes, clock.pending], [0, 0]);
  });

  test('a real program that does not read for a while gets everything later, and nobody waits for it', async () => {
    const pty = openPty({ cols: 80, rows: 24 });
    // Reads nothing until its third descriptor is closed.
    const script = 'stty raw -echo; printf ready; cat <&3 >/dev/null; head -c 300000 | sha256sum >&4';
    const child = spawn('sh', ['-c', script], { stdio: [pty.slave, pty.slave, 'inherit', 'pipe', 'pipe'] });
    pty.closeSlave();
    await new Promise<void>((resolve) => pty.read((bytes) => bytes.includes('ready') && resolve(), resolve));
    const all = Buffer.from(Array.from({ length: 300_000 }, (_, n) => 97 + (n % 23)));
    for (let at = 0; at < all.length; at += 10_000) pty.write(all.subarray(at, at + 10_000));
    assert.ok(pty.backlog > 100_000, `${pty.backlog} wait`);
    // With a write that waits for the program this would never run.
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(pty.backlog > 0);
    for (let i = 0; i < 30_000; i += 1) pty.answer('\x1b[?62;c\x1b[?62;c');
    assert.ok(pty.backlog < 300_000, `${pty.backlog} wait, most of it answers`);
    const [, go, sum] = [child.stdio[2], child.stdio[3], child.stdio[4]];
    assert.ok(go !== null && go !== undefined && 'end' in go && sum !== null && sum !== undefined);
    go.end();
    const [said] = await once(sum, 'data');
    assert.equal(String(said).slice(0, 64), createHash('sha256').update(all).digest('hex'));
    pty.close();
  });
});
