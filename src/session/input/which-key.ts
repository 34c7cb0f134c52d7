/** After the prefix, when no key follows for a moment: what the next key could be, above the hint line. */
import { textWidth } from '../../terminal/visible-text.ts';
import type { Binding } from '../keys/binding.ts';
import { keyFor } from '../keys/key-words.ts';
import { type Keymap, keyLabel } from '../keys/keymap.ts';
import type { DialogView, Line } from '../screen/chrome-model.ts';
import type { Layout } from '../screen/layout.ts';

interface Item {
  readonly key: string;
  readonly text: string;
}

const BETWEEN = 2;
const BORDER = 2;
/** Border and blanks beside the text. */
const EDGES = 4;
/** With whole texts it may take this part of the screen: what is being typed and read stays in sight. */
const LARGEST_PART = 3;

const label = (one: Binding): string => keyLabel(one.keys[0] ?? '');

/** Items down the columns, in as many of these as hold them in `rows` rows; undefined when that is too wide. */
function columnsOf(items: readonly Item[], rows: number, width: number): readonly (readonly Item[])[] | undefined {
  const count = Math.ceil(items.length / rows);
  const high = Math.ceil(items.length / Math.max(1, count));
  const columns = Array.from({ length: count }, (_, i) => items.slice(i * high, (i + 1) * high));
  return widthOfAll(columns) <= width ? columns : undefined;
}

const keysOf = (column: readonly Item[]): number => Math.max(...column.map((one) => textWidth(one.key)));
const widthOf = (column: readonly Item[]): number =>
  keysOf(column) + 1 + Math.max(...column.map((one) => textWidth(one.text)));
const widthOfAll = (columns: readonly (readonly Item[])[]): number =>
  columns.reduce((sum, column) => sum + widthOf(column) + BETWEEN, -BETWEEN);

/** As many of them as there is room for; those that are left out are in the help, which is left in. */
interface Arranged {
  readonly columns: readonly (readonly Item[])[];
  readonly left: number;
}

/** Nothing is cut: the whole texts where few rows hold them, else one word each, and where that is too much, without the last ones. */
function arranged(bindings: readonly Binding[], rows: number, few: number, width: number): Arranged {
  const whole = bindings.map((one) => ({ key: label(one), text: one.help }));
  const short = (one: Binding): Item => ({ key: label(one), text: one.short ?? one.hint ?? one.help });
  for (const [items, most] of [[whole, Math.min(few, rows)] as const, [bindings.map(short), rows] as const]) {
    for (let high = 1; high <= most; high += 1) {
      const columns = columnsOf(items, high, width);
      if (columns !== undefined) return { columns, left: 0 };
    }
  }
  let shown = [...bindings];
  for (;;) {
    const columns = rows < 1 ? undefined : columnsOf(shown.map(short), rows, width);
    if (columns !== undefined || shown.length === 0)
      return { columns: columns ?? [], left: bindings.length - shown.length };
    const last = shown.findLast((one) => one.action !== 'help') ?? shown[0];
    shown = shown.filter((one) => one !== last);
  }
}

/** Above the hint line, or where that would cover the line that the shell's cursor is in, above that line. */
function places(layout: Layout, cursorRow: number): readonly { readonly from: number; readonly to: number }[] {
  const first = layout.title.y + layout.title.height;
  if (!layout.paneShown) return [{ from: first, to: layout.hint.y }];
  const row = layout.pane.y + Math.min(cursorRow, layout.pane.height - 1);
  return [
    { from: row + 1, to: layout.hint.y },
    { from: first, to: row },
  ];
}

/** `cursorRow`: where the shell's cursor is, in rows of its pane. */
export function whichKeyView(keymap: Keymap, layout: Layout, cursorRow: number): DialogView {
  const bindings = keymap.bindings.filter((one) => one.in === 'prefix' && one.keys.length > 0);
  const few = Math.floor(layout.size.rows / LARGEST_PART) - BORDER;
  const tried = places(layout, cursorRow).map((place) => ({
    ...arranged(bindings, place.to - place.from - BORDER, few, layout.size.cols - EDGES),
    place,
  }));
  const { columns, left, place } = tried.reduce((best, one) => (one.left < best.left ? one : best));
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
  const more = left > 0 ? ` · ${left} more: ${keyFor(keymap, 'prefix', 'help')}` : '';
  const title = `${keyLabel(keymap.prefix) || 'nono'} …${more}`;
  const height = lines.length + BORDER;
  // Over the whole width: ends of rows beside it would read as part of it.
  return { rect: { x: 0, y: place.to - height, width: layout.size.cols, height }, title, lines };
}
