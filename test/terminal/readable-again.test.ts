/** Whatever state a command leaves a terminal in, what is said after READABLE_AGAIN can be read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import xterm from '@xterm/headless';
import { READABLE_AGAIN } from '../../src/terminal/readable-again.ts';

const { Terminal } = xterm;
const LINES = ['first line that is said', 'the question? [y/N]'];

/** The lines as they are on the screen; a line that cannot be seen is missing. */
async function seen(...written: readonly string[]): Promise<readonly string[]> {
  const terminal = new Terminal({ cols: 60, rows: 10, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(written.join(''), resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: terminal.rows }, (_, y) => {
    const line = active.getLine(active.viewportY + y);
    const cells = Array.from({ length: terminal.cols }, (__, x) => line?.getCell(x));
    return cells.map((cell) => (cell?.isInvisible() || cell?.isInverse() ? ' ' : cell?.getChars() || ' ')).join('');
  });
  return rows.map((row) => row.trimEnd()).filter((row) => LINES.includes(row));
}

const text = `\r\n${LINES.join('\r\n')}`;

test('written where nothing is wrong, it moves nothing', async () => {
  assert.deepEqual(await seen('before\r\n', READABLE_AGAIN, LINES.join('\r\n')), LINES);
  assert.doesNotMatch(READABLE_AGAIN, /\n/);
});

for (const [what, left] of [
  ['concealed text', '\x1b[8m'],
  ['another character set', '\x1b(0'],
  ['a shifted character set', '\x1b)0\x0e'],
  ['an unfinished title', '\x1b]0;'],
  ['an unfinished device string', '\x1bP1$q'],
  ['a message to nobody', '\x1b_'],
  ['a scrolling region of two lines at the top', '\x1b[1;2r\x1b[9;1H\x1b[2;1H'],
  ['lines that are not wrapped, and inserting', '\x1b[?7l\x1b[4h'],
  ['all at once', '\x1b[8m\x1b)0\x0e\x1b[2;3r\x1b[?6h\x1b[4h\x1b]2;'],
] as const)
  test(`left with ${what}`, async () => {
    assert.deepEqual(await seen('before\r\n', left, READABLE_AGAIN, text), LINES);
  });

test('this terminal does hide what is said without it', async () => {
  for (const left of ['\x1b[8m', '\x1b(0', '\x1b)0\x0e', '\x1b_']) assert.notDeepEqual(await seen(left, text), LINES);
});

test('no frame that the command began keeps it from the screen', async () => {
  const terminal = new Terminal({ cols: 60, rows: 10, allowProposedApi: true });
  const after = async (written: string): Promise<boolean> => {
    await new Promise<void>((resolve) => terminal.write(written, resolve));
    return terminal.modes.synchronizedOutputMode;
  };
  assert.equal(await after('\x1b[?2026h'), true);
  assert.equal(await after(READABLE_AGAIN), false);
});
