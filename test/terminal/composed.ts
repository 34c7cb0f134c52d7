/** A compositor between a pane and a terminal that are both emulators, and what of it is wrong. */
import xterm, { type IBufferCell } from '@xterm/headless';
import { Compositor, type Scene } from '../../src/terminal/compositor.ts';
import type { Rect } from '../../src/terminal/geometry.ts';
import { type FakeClock, type FakeTerminal, quietPane } from './fakes.ts';

export type Screen = InstanceType<typeof xterm.Terminal>;
export const PANE: Rect = { x: 0, y: 1, width: 70, height: 22 };
export const SIZE = { cols: 100, rows: 24 };

export function compositor(terminal: FakeTerminal, clock: FakeClock, scene: Partial<Scene> = {}, door?: 'public') {
  return new Compositor({
    terminal,
    clock,
    scene: { size: SIZE, pane: PANE, overlays: [], cursor: 'pane', ...scene },
    paneSize: { cols: PANE.width, rows: PANE.height },
    paneEvents: quietPane,
    scrollback: 100,
    ...(door === undefined ? {} : { door }),
  });
}

/** Everything visible of a cell. */
function look(cell: IBufferCell | undefined): string {
  if (cell === undefined) return 'none';
  const chars = cell.getWidth() === 0 ? '' : cell.getChars() || ' ';
  const fg = cell.isFgDefault() ? '-' : `${cell.isFgRGB() ? 'r' : 'p'}${cell.getFgColor()}`;
  const bg = cell.isBgDefault() ? '-' : `${cell.isBgRGB() ? 'r' : 'p'}${cell.getBgColor()}`;
  const flags = [cell.isBold(), cell.isDim(), cell.isItalic(), cell.isUnderline(), cell.isBlink(), cell.isInverse()];
  const more = [cell.isInvisible(), cell.isStrikethrough(), cell.isOverline()];
  return `${chars}|${cell.getWidth()}|${fg}|${bg}|${[...flags, ...more].map((f) => (f ? 1 : 0)).join('')}`;
}

export function cell(screen: Screen, x: number, y: number): string {
  const buffer = screen.buffer.active;
  return look(buffer.getLine(buffer.baseY + y)?.getCell(x));
}

export function chromeLines(): string[] {
  return Array.from({ length: SIZE.rows }, (_, y) =>
    y === 0 || y === SIZE.rows - 1
      ? `\x1b[1m${'T'.repeat(SIZE.cols)}`
      : `\x1b[${PANE.width + 1}G\x1b[31m│${'c'.repeat(29)}`,
  );
}

export function wrongCells(outer: Screen, reference: Screen): string[] {
  const wrong: string[] = [];
  for (let y = 0; y < SIZE.rows; y += 1) {
    for (let x = 0; x < SIZE.cols; x += 1) {
      const inside = x < PANE.width && y >= 1 && y < 1 + PANE.height;
      const seen = cell(outer, x, y);
      if (inside) {
        const wanted = cell(reference, x, y - 1);
        if (seen !== wanted)
          wrong.push(`pane ${x},${y - 1}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
      } else {
        const character = y === 0 || y === SIZE.rows - 1 ? 'T' : x === PANE.width ? '│' : 'c';
        if (!seen.startsWith(`${character}|1|`)) wrong.push(`chrome ${x},${y}: ${JSON.stringify(seen)}`);
      }
    }
  }
  return wrong;
}

/** A terminal that shows what the pane should. */
export function reference(): Screen {
  const screen: Screen = new xterm.Terminal({
    cols: PANE.width,
    rows: PANE.height,
    allowProposedApi: true,
    scrollback: 100,
  });
  // Links are dropped in the pane; the emulator would underline them.
  screen.parser.registerOscHandler(8, () => true);
  return screen;
}
