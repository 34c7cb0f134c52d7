/** A list that cannot be drawn approves nothing, so nothing waits for it, whatever comes later. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ChromeHandle, ChromeModule } from '../../../src/session/screen/chrome-model.ts';
import { record } from '../../terminal/helpers.ts';
import { screenOf } from '../screen-of.ts';
import { Bench } from '../support.ts';

const modes = (bench: Bench): string[] => bench.sent.flatMap((one) => (one.type === 'set-mode' ? [one.mode] : []));

describe('a list that cannot be shown', () => {
  test('is not waited for: not when the shell is ready, not on the next terminal', () => {
    const bench = new Bench();
    bench.session.listFailed(new Error('no such chunk'));
    bench.session.startAsking();
    bench.session.asking.attended(false);
    bench.session.asking.attended(true);
    assert.deepEqual([...new Set(modes(bench))], ['observe']);
    assert.match(bench.session.ui.message, /nothing can be approved: no such chunk/);
  });

  test('no longer, where it fails later', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.listFailed(new Error('later'));
    assert.deepEqual(modes(bench), ['ask', 'observe']);
  });
});

describe('a list that fails while it is mounted', () => {
  const handle: ChromeHandle = { render: () => {}, resize: () => {}, unmount: () => {} };

  test('arms no approval: what was drawn is nothing', () => {
    const bench = new Bench();
    bench.session.startAsking();
    const screen = screenOf(bench);
    const failing: ChromeModule = {
      mountChrome: ({ onError, onFrame }) => {
        onError(new Error('at once'));
        onFrame([]);
        return handle;
      },
    };
    let failed = 0;
    screen.mount(failing, () => {
      failed += 1;
    });
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    bench.focusList();
    screen.refresh(true);
    bench.clock.advance(2000);
    bench.sent.length = 0;
    bench.session.key('a');
    assert.deepEqual([failed, bench.sent], [1, []]);
    screen.stop();
  });
});
