/** The end of what a session printed: waiting for it, and what of it is left on the user's own screen. */
import { CELL_WORDS } from '../../terminal/cells.ts';
import type { Clock } from '../../terminal/flush-scheduler.ts';
import { cellText, type SavedRow, type Scrollback } from '../../terminal/scrollback.ts';
import { sgr } from '../../terminal/sgr.ts';

const QUIET_MS = 300;
/** Something that was left running can print for ever. */
const LONGEST_MS = 3000;

/** Resolves when the pty has ended, or when nothing has come from it for a while: a background job can keep it open. `taken` counts the bytes that came. */
export async function outputOver(end: Promise<void>, taken: () => number, clock: Clock): Promise<void> {
  const until = clock.now() + LONGEST_MS;
  const over = end.then(() => true);
  for (let before = -1; before !== taken() && clock.now() < until; ) {
    before = taken();
    let cancel = (): void => {};
    const quiet = new Promise<boolean>((resolve) => {
      cancel = clock.timeout(() => resolve(false), QUIET_MS);
    });
    const ended = await Promise.race([over, quiet]);
    cancel();
    if (ended) return;
    // On a busy machine the timer fires before what lies in the pty was read: that is done between this and the next turn.
    await new Promise<void>((resolve) => clock.immediate(resolve));
  }
}

const MOST_ROWS = 8;
const PLAIN = '\x1b[m';

function coloured(row: SavedRow, columns: number): string {
  let line = '';
  let last = PLAIN;
  for (let x = 0; x < Math.min(columns, row.words.length / CELL_WORDS); x += 1) {
    const [, fg = 0, bg = 0, ext = 0] = row.words.subarray(x * CELL_WORDS, (x + 1) * CELL_WORDS);
    const look = sgr(fg, bg, ext);
    if (look !== last) line += look;
    last = look;
    line += cellText(row, x);
  }
  return last === PLAIN ? line : line + PLAIN;
}

/** The last rows, as cells and never as the bytes that came. Each begins with a bar of ours, so that none can pass for the prompt or a word of nono. */
export function lastRows({ rows }: Scrollback, columns: number, ascii: boolean): readonly string[] {
  const end = rows.findLastIndex((row) => row.words.length > 0) + 1;
  const bar = ascii ? '| ' : '│ ';
  return rows.slice(Math.max(0, end - MOST_ROWS), end).map((row) => bar + coloured(row, columns - bar.length - 1));
}
