/** The list is drawn where the next key is farthest away; what is asked is drawn at once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ChromeModule } from '../../../src/session/screen/chrome-model.ts';
import { record } from '../../terminal/helpers.ts';
import { screenOf } from '../screen-of.ts';
import { Bench } from '../support.ts';

function typing() {
  const bench = new Bench();
  const drawn: number[] = [];
  const screen = screenOf(bench);
  const module: ChromeModule = {
    mountChrome: () => ({ render: () => drawn.push(bench.clock.now()), resize: () => {}, unmount: () => {} }),
  };
  screen.mount(module, () => {});
  bench.clock.advance(1000);
  drawn.length = 0;
  const start = bench.clock.now();
  const since = (): number[] => drawn.map((at) => at - start);
  let file = 0;
  const denied = (): void => {
    file += 1;
    bench.session.event({ type: 'denied', record: record({ path: `/srv/${file}` }) } as never);
    screen.refresh(false);
  };
  return { bench, screen, since, denied };
}

describe('the list beside a shell', () => {
  test('is drawn at once when nobody types', () => {
    const { bench, since, denied } = typing();
    denied();
    bench.clock.advance(1);
    assert.deepEqual(since(), [0]);
  });

  test('waits for the echo of the next key while somebody does', () => {
    const { bench, screen, since, denied } = typing();
    screen.keySent();
    screen.compositor.paneOutput(Buffer.from('a'));
    bench.clock.advance(10);
    denied();
    bench.clock.advance(20);
    assert.deepEqual(since(), []);
    screen.keySent();
    bench.clock.advance(1);
    screen.compositor.paneOutput(Buffer.from('b'));
    bench.clock.advance(1);
    assert.deepEqual(since(), [31]);
  });

  test('and not longer than 60 ms, however many more rows come', () => {
    const { bench, screen, since, denied } = typing();
    screen.keySent();
    for (let i = 0; i < 20; i++) {
      denied();
      bench.clock.advance(5);
    }
    assert.deepEqual(since().slice(0, 1), [60]);
  });

  test('does not wait with a call that is held', () => {
    const { bench, screen, since, denied } = typing();
    screen.keySent();
    denied();
    bench.clock.advance(5);
    assert.deepEqual(since(), []);
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    screen.refresh(true);
    bench.clock.advance(1);
    assert.deepEqual(since(), [5]);
  });
});
