import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { flushDelay } from '../../src/terminal/flush-policy.ts';
import { FlushScheduler } from '../../src/terminal/flush-scheduler.ts';
import { FakeClock } from './fakes.ts';

const idle = { now: 1000, lastFlush: 995, lastKey: 0, flushesSinceKey: 0, pendingBytes: 10, heldSince: undefined };

describe('flushDelay', () => {
  for (const [name, change, delay] of [
    ['a flood shares frames', {}, 11],
    ['the first output after a pause goes at once', { lastFlush: 900 }, 0],
    ['an echo goes at once', { lastKey: 950 }, 0],
    ['much output after a key is a flood', { lastKey: 950, pendingBytes: 5000 }, 11],
    ['so is the fifth frame after a key', { lastKey: 950, flushesSinceKey: 4 }, 11],
    ['a held frame waits', { lastFlush: 900, heldSince: 990 }, 140],
    ['but not for ever', { lastFlush: 900, heldSince: 800 }, 0],
  ] as const) {
    test(name, () => assert.equal(flushDelay({ ...idle, ...change }), delay));
  }
});

describe('FlushScheduler', () => {
  function make() {
    const clock = new FakeClock();
    const frames: number[] = [];
    const scheduler = new FlushScheduler(clock, () => frames.push(clock.now()) > 0);
    return { clock, frames, scheduler };
  }

  test('a flood of a second makes about sixty frames, and nothing is pending after it', () => {
    const { clock, frames, scheduler } = make();
    for (let i = 0; i < 1000; i += 1) {
      scheduler.dataParsed(4096, false);
      clock.advance(1);
    }
    clock.advance(100);
    assert.ok(frames.length > 50 && frames.length < 70, String(frames.length));
    assert.equal(clock.pending, 0);
  });

  test('a key in the middle of a frame is echoed at once', () => {
    const { clock, frames, scheduler } = make();
    scheduler.request();
    clock.advance(1);
    scheduler.request();
    assert.equal(frames.length, 1);
    scheduler.keySent();
    scheduler.dataParsed(1, false);
    clock.advance(0);
    assert.equal(frames.length, 2);
  });

  test('a program that never ends its update is shown after 150 ms', () => {
    const { clock, frames, scheduler } = make();
    clock.advance(100);
    scheduler.dataParsed(10, true);
    clock.advance(140);
    assert.equal(frames.length, 0);
    scheduler.dataParsed(10, true);
    clock.advance(20);
    assert.equal(frames.length, 1);
  });

  test('the end of an update is shown at once', () => {
    const { clock, frames, scheduler } = make();
    clock.advance(100);
    scheduler.dataParsed(10, true);
    clock.advance(5);
    scheduler.dataParsed(10, false);
    clock.advance(0);
    assert.equal(frames.length, 1);
  });
});
