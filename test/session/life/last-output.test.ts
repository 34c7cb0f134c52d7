/** The end of a session's output: nothing of it is lost on a busy machine or a slow line, and what is left on the main screen is cells. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastRows, outputOver } from '../../../src/session/life/last-output.ts';
import { ClusterTable } from '../../../src/terminal/cells.ts';
import { Compositor } from '../../../src/terminal/compositor.ts';
import { systemClock } from '../../../src/terminal/flush-scheduler.ts';
import { PaneScreen } from '../../../src/terminal/pane-screen.ts';
import { FakeTerminal, quietPane } from '../../terminal/fakes.ts';

function pane(output: string): PaneScreen {
  const screen = new PaneScreen({ cols: 40, rows: 10, scrollback: 100, clusters: new ClusterTable() }, quietPane);
  screen.feed(output);
  return screen;
}

describe('waiting for the end of the output', () => {
  test('what lies in the pty when the timer fires is read', async () => {
    let taken = 0;
    // The turn in which the timer fires is over before anything is read, as when this process got no processor for a while.
    const late = new Promise<void>((resolve) => {
      setTimeout(
        () =>
          setImmediate(() => {
            taken += 7;
          }),
        290,
      );
      setTimeout(() => {
        taken += 5;
        resolve();
      }, 450);
    });
    const until = Date.now() + 320;
    const waiting = outputOver(late, () => taken, systemClock);
    while (Date.now() < until);
    await waiting;
    assert.equal(taken, 12);
  });

  test('a job that keeps the terminal open is not waited for', async () => {
    const from = performance.now();
    await outputOver(new Promise(() => {}), () => 0, systemClock);
    assert.ok(performance.now() - from < 2500);
  });

  test('nor one that prints for ever', async () => {
    let taken = 0;
    const printing = setInterval(() => {
      taken += 1;
    }, 20);
    await outputOver(new Promise(() => {}), () => taken, systemClock);
    clearInterval(printing);
  });
});

/** The last output has come while the terminal takes nothing. */
function lastOutputWaiting(): { terminal: FakeTerminal; compositor: Compositor } {
  const size = { cols: 40, rows: 10 };
  const terminal = new FakeTerminal(size);
  const compositor = new Compositor({
    terminal,
    clock: systemClock,
    scene: { size, pane: { x: 0, y: 0, width: 40, height: 10 }, overlays: [], cursor: 'pane' },
    paneSize: size,
    paneEvents: quietPane,
    scrollback: 100,
  });
  terminal.ready = false;
  compositor.paneOutput(Buffer.from('LAST'));
  return { terminal, compositor };
}

test('the last frame waits for a terminal that is still taking the one before', async () => {
  const { terminal, compositor } = lastOutputWaiting();
  const finished = compositor.finish(20_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.doesNotMatch(terminal.raw, /LAST/);
  terminal.drain();
  await finished;
  assert.match(terminal.raw, /LAST/);
});

test('a terminal that takes nothing at all is not waited for', async () => {
  const { terminal, compositor } = lastOutputWaiting();
  await compositor.finish(50);
  terminal.drain();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(terminal.raw, '', 'nothing is drawn after the end');
});

describe('what is left on the main screen', () => {
  test('the last eight rows that are not empty, behind a bar, with their colours', () => {
    const rows = lastRows(
      pane(`${Array.from({ length: 30 }, (_, i) => `line ${i}\r\n`).join('')}\x1b[31mred\x1b[m`).lookBack(),
      40,
      false,
    );
    assert.deepEqual(rows, [...[23, 24, 25, 26, 27, 28, 29].map((i) => `│ line ${i}`), '│ \x1b[0;31mred\x1b[m']);
  });

  test('nothing of a pane in which nothing was printed; ASCII; cut to the width', () => {
    assert.deepEqual(lastRows(pane('').lookBack(), 40, false), []);
    assert.deepEqual(lastRows(pane('0123456789').lookBack(), 8, true), ['| 01234']);
  });

  test('no row can pass for a word of nono, and none carries a sequence of the program', () => {
    const [row = ''] = lastRows(
      pane('\x1b]0;t\x07\x1b]8;;http://x\x07nono: saved 1 rule\x1b]8;;\x07\x1b[?1049h\x1b[?1049l').lookBack(),
      40,
      false,
    );
    assert.equal(row, '│ nono: saved 1 rule');
  });
});
