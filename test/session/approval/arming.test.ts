/** No approval by type-ahead, by a row that changed under the finger, or in a burst after a busy moment. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Arming } from '../../../src/session/approval/arming.ts';
import { FakeClock } from '../../terminal/fakes.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

function waiting(): Bench {
  const bench = new Bench();
  bench.session.startAsking();
  bench.session.event({ type: 'held', holdId: 1n, record: record() });
  bench.sent.length = 0;
  return bench;
}

describe('arming', () => {
  test('everything typed ahead in one read is dropped', () => {
    const bench = waiting();
    bench.session.prefix();
    for (const key of ['d', 'a', 's', 'p', 'y', 'x']) bench.session.key(key);
    assert.deepEqual(bench.sent, []);
  });

  test('a key before the frame was taken, however long after it was drawn, is dropped', () => {
    const bench = waiting();
    bench.focusList();
    bench.arming.drawn(100, bench.session.armKey());
    bench.clock.advance(5000);
    bench.session.key('a');
    assert.deepEqual(bench.sent, []);
  });

  test('a key 200 ms after the frame is dropped, one after 400 ms counts', () => {
    const bench = waiting();
    bench.focusList();
    bench.shown();
    bench.clock.advance(200);
    bench.session.key('a');
    assert.deepEqual(bench.sent, []);
    assert.match(bench.session.ui.message, /too early/);
    bench.clock.advance(200);
    bench.session.key('a');
    assert.equal(bench.sent.length, 1);
  });

  test('on another terminal, or one that somebody else had, a row counts once it was shown there', () => {
    const bench = waiting();
    bench.focusList();
    bench.shown();
    bench.clock.advance(400);
    bench.arming.forget();
    bench.session.key('a');
    assert.deepEqual(bench.sent, []);
    bench.shown();
    bench.clock.advance(400);
    bench.session.key('a');
    assert.equal(bench.sent.length, 1);
  });

  test('frames that change nothing about the row do not start the wait again', () => {
    const bench = waiting();
    bench.focusList();
    for (let i = 0; i < 10; i += 1) {
      bench.shown();
      bench.clock.advance(40);
      bench.session.event({ type: 'denied', record: record({ path: `/other${i}/x` }) });
    }
    bench.session.key('a');
    assert.equal(bench.sent.length, 1);
  });

  test('a second caller on the row starts the wait again: it was not on the screen', () => {
    const bench = waiting();
    bench.focusList();
    bench.shown();
    bench.clock.advance(400);
    bench.session.event({ type: 'held', holdId: 2n, record: record({ pid: 77 }) });
    bench.session.key('a');
    assert.deepEqual(bench.sent, []);
  });

  test('moving the selection starts the wait again', () => {
    const bench = waiting();
    bench.session.event({ type: 'denied', record: record({ path: '/other/x' }) });
    bench.focusList();
    bench.shown();
    bench.clock.advance(400);
    bench.session.key('j');
    bench.session.key('s');
    assert.deepEqual(bench.sent, []);
  });

  test('the confirmation has a wait of its own', async () => {
    const bench = waiting();
    bench.focusList();
    bench.shown();
    bench.clock.advance(400);
    bench.session.key('p');
    bench.session.key('y');
    bench.shown();
    bench.clock.advance(100);
    bench.session.key('y');
    await bench.settle();
    assert.deepEqual(bench.saver.saved, []);
  });

  test('after a frozen moment, what was buffered is read before anything is armed', () => {
    const bench = waiting();
    bench.focusList();
    bench.shown();
    let accepted: boolean | undefined;
    // Due at the same time as the arming timer: stands for input that waited in the kernel while the loop was stuck.
    bench.clock.timeout(() => {
      accepted = bench.arming.accepts(bench.session.armKey());
    }, 300);
    bench.clock.advance(300);
    assert.equal(accepted, false);
    assert.equal(bench.arming.accepts(bench.session.armKey()), true);
  });

  test('a question that does not fit on the screen cannot be answered with yes', async () => {
    const bench = new Bench({ cols: 40, rows: 10 });
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record({ path: `/home/u/${'long/'.repeat(200)}x` }) });
    bench.sent.length = 0;
    bench.focusList();
    bench.press('p', 'y');
    await bench.settle();
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
  });

  test('on a screen without room for the list nothing is approved', () => {
    const bench = new Bench({ cols: 30, rows: 8 });
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    bench.sent.length = 0;
    bench.focusList();
    bench.press('a', 's');
    assert.deepEqual(bench.sent, []);
  });

  test('a path that its row cuts is shown whole, and allowed only where all of it has room', () => {
    const path = `/home/u/${'long/'.repeat(20)}x`;
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record({ path }) });
    bench.sent.length = 0;
    bench.focusList();
    const { model, overlays } = bench.shown();
    const [overlay] = overlays;
    assert.match(model.list.rows[0]?.path ?? '', /~\/long/);
    assert.equal(
      model.dialog?.lines.map((line) => line.map((span) => span.text).join('')).join(''),
      `~/${path.slice(8)}`,
    );
    assert.ok(overlay !== undefined && overlay.x + overlay.width < model.layout.list.x);
    bench.press('a');
    assert.equal(bench.sent.length, 1);
  });

  test('a path that fits nowhere can be answered with no only', () => {
    const bench = new Bench({ cols: 60, rows: 20 });
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record({ path: `/home/u/${'long/'.repeat(700)}x` }) });
    bench.sent.length = 0;
    bench.focusList();
    bench.press('a', 's');
    assert.deepEqual(bench.sent, []);
    assert.match(bench.session.ui.message, /Enter shows all of it/);
    bench.press('x');
    assert.equal(bench.sent.length, 1);
  });

  test('a path that comes into sight by a larger screen has to be looked at first', () => {
    const bench = new Bench({ cols: 60, rows: 20 });
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record({ path: `/home/u/${'long/'.repeat(200)}x` }) });
    bench.sent.length = 0;
    bench.focusList();
    bench.shown();
    bench.clock.advance(400);
    bench.size.cols = 200;
    bench.size.rows = 50;
    bench.shown();
    bench.session.key('a');
    assert.deepEqual(bench.sent, []);
    bench.press('a');
    assert.equal(bench.sent.length, 1);
  });

  test('a rule that covers more than its row names is shown whole beside it: a directory, a fold', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    for (let i = 0; i < 7; i += 1) bench.session.event({ type: 'denied', record: record({ path: `/srv/f${i}` }) });
    bench.focusList();
    const text = (): string =>
      bench
        .shown()
        .model.dialog?.lines.map((line) => line.map((span) => span.text).join(''))
        .join('') ?? '';
    assert.equal(text(), '');
    bench.press('f');
    assert.equal(text(), 's: allow read /home/u/ and everything below');
    bench.press('G');
    assert.equal(text(), 's: allow read /srv/ and everything below');
    bench.press('s');
    assert.equal(text(), '');
  });
});

describe('frames that no terminal takes', () => {
  // A session without a terminal draws for days.
  test('are forgotten in the end, and then approve nothing', () => {
    const clock = new FakeClock();
    const arming = new Arming(clock);
    for (let version = 1; version <= 5000; version += 1) arming.drawn(version, `row ${version}`);
    arming.flushed(1);
    clock.advance(1000);
    assert.equal(arming.accepts('row 1'), false);
    arming.flushed(5000);
    clock.advance(1000);
    assert.equal(arming.accepts('row 5000'), true);
    // One that is not known is not what was shown before.
    arming.drawn(5001, 'row 5001');
    arming.flushed(4999);
    assert.equal(arming.accepts('row 5000'), false);
  });
});
