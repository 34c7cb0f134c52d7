/** After the prefix, when no key follows for a moment: what the next key could be, above the hint line. */
import { textWidth } from '../terminal/visible-text.ts';
import type { DialogView, Line } from './chrome-model.ts';
import { keyFor } from './key-words.ts';
import { type Keymap, keyLabel } from './keymap.ts';
import type { Binding } from './keys/binding.ts';
import type { Layout } from './layout.ts';

interface Item {
  readonly key: string;
  readonly text: string;
}

const BETWEEN = 2;

const label = (one: Binding): string => keyLabel(one.keys[0] ?? '');

/** Items down the columns, in as many of these as hold them in `rows` rows; undefined when that is too wide. */
function columnsOf(items: readonly Item[], rows: number, width: number): readonly (readonly Item[])[] | undefined {
  const count = Math.ceil(items.length / rows);
  const high = Math.ceil(items.length / Math.max(1, count));
  const columns = Array.from({ length: count }, (_, i) => items.slice(i * high, (i + 1) * high));
  const used = columns.reduce((sum, column) => sum + widthOf(column) + BETWEEN, -BETWEEN);
  return used <= width ? columns : undefined;
}

const keysOf = (column: readonly Item[]): number => Math.max(...column.map((one) => textWidth(one.key)));
const widthOf = (column: readonly Item[]): number =>
  keysOf(column) + 1 + Math.max(...column.map((one) => textWidth(one.text)));

/** Nothing is cut: the whole texts where there is room for them, else one word each, and where that is too much, without the last ones. The help knows them all. */
function arranged(bindings: readonly Binding[], rows: number, width: number): readonly (readonly Item[])[] {
  const whole = bindings.map((one) => ({ key: label(one), text: one.help }));
  const short = (one: Binding): Item => ({ key: label(one), text: one.short ?? one.hint ?? one.help });
  for (let high = 1; high <= rows; high += 1) {
    const columns = columnsOf(whole, high, width);
    if (columns !== undefined) return columns;
  }
  let left = [...bindings];
  for (;;) {
    const columns = columnsOf(left.map(short), rows, width);
    if (columns !== undefined || left.length === 0) return columns ?? [];
    const last = left.findLast((one) => one.action !== 'help') ?? left[0];
    left = left.filter((one) => one !== last);
  }
}

export function whichKeyView(keymap: Keymap, layout: Layout): DialogView {
  const bindings = keymap.bindings.filter((one) => one.in === 'prefix' && one.keys.length > 0);
  const width = layout.size.cols - 2;
  const columns = arranged(bindings, Math.max(1, layout.size.rows - 5), width - 4);
  const rows = Math.max(0, ...columns.map((column) => column.length));
  const lines = Array.from(
    { length: rows },
    (_, y): Line =>
      columns.flatMap((column, x) => {
        const one = column[y];
        if (one === undefined) return [];
        const room = widthOf(column) - keysOf(column) - 1 + (x < columns.length - 1 ? BETWEEN : 0);
        return [
          { text: one.key.padEnd(keysOf(column) + 1), tone: 'strong' as const },
          { text: one.text.padEnd(room), tone: 'plain' as const },
        ];
      }),
  );
  const height = lines.length + 2;
  const rect = { x: 1, y: layout.size.rows - 1 - height, width, height };
  // What has no room is in the help, which has a filter.
  const left = bindings.length - columns.reduce((sum, column) => sum + column.length, 0);
  const more = left > 0 ? ` · ${left} more: ${keyFor(keymap, 'prefix', 'help')}` : '';
  return { rect, title: `${keyLabel(keymap.prefix) || 'nono'} …${more}`, lines };
}
