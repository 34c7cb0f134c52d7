/** What a program prints in the pane stays there, whatever width the user's terminal gives it: the list beside it never moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import xterm from '@xterm/headless';
import { BLANK, CellGrid, ClusterTable, WIDTH_SHIFT } from '../../src/terminal/cells.ts';
import { FramePainter } from '../../src/terminal/painter.ts';

const COLS = 40;
const PANE = 10;
const LIST = '│ HELD  read  /srv/file';

/** A row of the pane filled with one character, and the list beside it. */
function row(code: number): CellGrid {
  const grid = new CellGrid(COLS, 2);
  const cell = (of: number): number => (of | (1 << WIDTH_SHIFT)) >>> 0;
  for (let x = 0; x < PANE; x += 1) grid.words[grid.at(x, 0)] = cell(code);
  Array.from(LIST).forEach((c, i) => {
    grid.words[grid.at(PANE + i, 0)] = cell(c.codePointAt(0) ?? BLANK);
  });
  return grid;
}

async function listOn(width: 0 | 1 | 2, code: number): Promise<string> {
  const terminal = new xterm.Terminal({ cols: COLS, rows: 2, allowProposedApi: true });
  const wcwidth = (one: number): 0 | 1 | 2 => (one === code ? width : 1);
  terminal.unicode.register({
    version: 'other',
    wcwidth,
    charProperties: (one) => (wcwidth(one) << 1) | (wcwidth(one) === 0 ? 1 : 0),
  });
  terminal.unicode.activeVersion = 'other';
  const painter = new FramePainter(COLS, 2, new ClusterTable());
  const bytes = painter.paint(row(code), { x: 0, y: 1, visible: true, style: 0 });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  return terminal.buffer.active.getLine(0)?.translateToString(false, PANE + 1, PANE + LIST.length) ?? '';
}

for (const [what, code] of [
  ['a soft hyphen', 0xad],
  ['an Arabic number mark', 0x605],
  ['the Arabic letter mark', 0x61c],
  ['a mark of Unicode 16', 0x897],
  ['a mark of Unicode 9', 0x8d4],
  ['a mark of Unicode 10', 0xafa],
  ['a zero-width space', 0x200b],
  ['an emoji', 0x1f600],
] as const)
  test(`${what} moves nothing beside the pane, of whatever width`, async () => {
    for (const width of [0, 1, 2] as const) {
      const list = await listOn(width, code);
      // The last of them may lie over the line between pane and list.
      assert.equal(list, LIST.slice(1), `${width} columns`);
    }
  });
