/** A program that holds its frames (mode 2026) and draws one behind the other without a pause: what is shown is whole, and goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compositor, PANE, SIZE } from './composed.ts';
import { FakeClock, FakeTerminal } from './fakes.ts';

test('pieces that end inside the next frame: whole frames are shown, as many as otherwise', async () => {
  const outer = new FakeTerminal(SIZE);
  const clock = new FakeClock();
  const c = compositor(outer, clock);
  clock.advance(100);
  const shown = new Set<string>();
  const look = async (): Promise<void> => {
    await outer.settled();
    const { active } = outer.screen.buffer;
    const rows = Array.from(
      { length: PANE.height },
      (_, y) => active.getLine(y + PANE.y)?.translateToString(true) ?? '',
    );
    const numbers = new Set(rows.map((row) => /^frame (\d+)/.exec(row)?.[1] ?? ''));
    assert.equal(numbers.size, 1, rows.join('\n'));
    for (const number of numbers) shown.add(number);
  };
  const half = (frame: number, from: number): string =>
    Array.from({ length: PANE.height / 2 }, (_, y) => `\x1b[${from + y + 1};1Hframe ${frame}\x1b[K`).join('');
  c.paneOutput(Buffer.from(`\x1b[?2026h${half(0, 0)}`));
  for (let frame = 0; frame < 200; frame += 1) {
    c.paneOutput(Buffer.from(`${half(frame, PANE.height / 2)}\x1b[?2026l\x1b[?2026h${half(frame + 1, 0)}`));
    await look();
    clock.advance(5);
    await look();
  }
  assert.ok(shown.size > 40, `${shown.size} frames in a second`);
});
