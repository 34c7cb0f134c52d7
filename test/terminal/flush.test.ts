import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { floodDelay, flushDelay } from '../../src/terminal/flush-policy.ts';
import { FlushScheduler } from '../../src/terminal/flush-scheduler.ts';
import { FakeClock } from './fakes.ts';

const idle = {
  now: 1000,
  lastFlush: 995,
  lastKey: 0,
  keyInFlood: false,
  flushesSinceKey: 0,
  pendingBytes: 10,
  lastBytes: 10,
  newBytes: 10,
  heldSince: undefined,
  prompted: false,
};

describe('flushDelay', () => {
  for (const [name, change, delay] of [
    ['a flood shares frames', {}, 11],
    ['the first output after a pause goes at once', { lastFlush: 900 }, 0],
    ['an echo goes at once', { lastKey: 950 }, 0],
    ['much output after a key shares frames', { lastKey: 950, lastFlush: 999, pendingBytes: 5000 }, 3],
    ['and so does the fifth frame after a key', { lastKey: 950, lastFlush: 999, flushesSinceKey: 4 }, 3],
    ['very much is a flood, whatever began it', { lastKey: 950, lastFlush: 999, pendingBytes: 70_000 }, 15],
    ['long after it they are fewer', { lastKey: 850, pendingBytes: 5000 }, 11],
    ['a prompt goes soon', { lastFlush: 999, prompted: true }, 3],
    ['a held frame waits', { lastFlush: 900, heldSince: 990 }, 140],
    ['but not for ever', { lastFlush: 900, heldSince: 800 }, 0],
  ] as const) {
    test(name, () => assert.equal(flushDelay({ ...idle, ...change }), delay));
  }
});

describe('floodDelay', () => {
  const flood = { ...idle, lastFlush: 984, lastBytes: 100_000, newBytes: 50_000 };
  for (const [name, change, delay] of [
    ['a flood that goes on is given time', {}, 8],
    ['but not more than two frames', { lastFlush: 970 }, 3],
    ['a pause is shown', { newBytes: 0 }, 0],
    ['what a key began waits as the rest does', { lastKey: 950 }, 8],
    ['and so does the first frame of it', { lastKey: 950, lastBytes: 10, pendingBytes: 100_000 }, 8],
    ['after a key in the middle of it nothing waits', { lastKey: 950, keyInFlood: true }, 0],
    ['less than that after a key does not', { lastKey: 950, lastBytes: 5000 }, 0],
    ['a prompt ends a flood', { prompted: true }, 0],
    ['a little output is no flood', { lastBytes: 5000 }, 0],
  ] as const) {
    test(name, () => assert.equal(floodDelay({ ...flood, ...change }), delay));
  }
});

describe('FlushScheduler', () => {
  function make() {
    const clock = new FakeClock();
    const frames: number[] = [];
    const scheduler = new FlushScheduler(clock, () => frames.push(clock.now()) > 0);
    return { clock, frames, scheduler };
  }

  test('the first little output after a pause is shown at once, whoever typed', () => {
    const { clock, scheduler } = make();
    assert.equal(scheduler.echoes(3), true);
    scheduler.echoed(3);
    assert.equal(scheduler.echoes(3), false);
    clock.advance(16);
    assert.equal(scheduler.echoes(3), true);
    assert.equal(scheduler.echoes(5000), false);
  });

  test('a flood of a second makes about sixty frames, and nothing is pending after it', () => {
    const { clock, frames, scheduler } = make();
    for (let i = 0; i < 1000; i += 1) {
      scheduler.dataParsed(3000, false);
      clock.advance(1);
    }
    clock.advance(100);
    assert.ok(frames.length > 50 && frames.length < 70, String(frames.length));
    assert.equal(clock.pending, 0);
  });

  test('a flood that fills frames makes about thirty, and its end is shown soon', () => {
    const { clock, frames, scheduler } = make();
    for (let i = 0; i < 1000; i += 1) {
      scheduler.dataParsed(16_384, false);
      clock.advance(1);
    }
    assert.ok(frames.length > 25 && frames.length < 36, String(frames.length));
    const before = frames.length;
    clock.advance(17);
    assert.ok(frames.length > before, 'the end waited for a whole frame');
    clock.advance(100);
    assert.equal(clock.pending, 0);
  });

  test('a prompt behind a flood is shown soon, and only it', () => {
    const { clock, frames, scheduler } = make();
    const flood = (ms: number): void => {
      for (let i = 0; i < ms; i += 1) {
        scheduler.dataParsed(16_384, false);
        clock.advance(1);
      }
    };
    flood(200);
    // Just behind a frame: the next one of a flood would be far.
    for (const before = frames.length; frames.length === before; ) flood(1);
    const before = frames.length;
    scheduler.prompted();
    scheduler.dataParsed(20, false);
    clock.advance(4);
    assert.equal(frames.length, before + 1);
    flood(200);
    assert.ok(frames.length < before + 10, `${frames.length - before} frames of the flood behind it`);
  });

  test('what comes after a key in a flood is shown soon', () => {
    const { clock, frames, scheduler } = make();
    for (let i = 0; i < 200; i += 1) {
      scheduler.dataParsed(16_384, false);
      clock.advance(1);
    }
    scheduler.keySent();
    for (let i = 0; i < 5; i += 1) {
      scheduler.dataParsed(16_384, false);
      clock.advance(1);
    }
    const before = frames.length;
    scheduler.dataParsed(20, false);
    clock.advance(4);
    assert.ok(frames.length > before);
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

  test('at the limit of an update, what waits to be read is read before half a frame is shown', () => {
    for (const rest of ['the end', 'more of it', 'nothing']) {
      const { clock, frames, scheduler } = make();
      clock.advance(100);
      scheduler.dataParsed(10, true);
      clock.turn(200, () => {
        assert.equal(frames.length, 0, 'before it was read');
        if (rest !== 'nothing') scheduler.dataParsed(10, rest === 'more of it');
      });
      clock.turn(0, () => {});
      assert.equal(frames.length, 1, rest);
    }
  });

  test('a frame that is late is looked behind once, each anew', () => {
    const { clock, frames, scheduler } = make();
    clock.advance(100);
    scheduler.dataParsed(10, true);
    for (let frame = 1; frame < 4; frame += 1) {
      clock.turn(200, () => scheduler.dataParsed(10, true));
      clock.turn(0, () => scheduler.dataParsed(10, true));
      assert.equal(frames.length, frame);
    }
  });
});
