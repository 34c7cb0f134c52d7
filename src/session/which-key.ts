/** After the prefix, when no key follows for a moment: what the next key could be, above the hint line. */
import { cutEnd, textWidth } from '../terminal/visible-text.ts';
import type { DialogView, Line } from './chrome-model.ts';
import { keyFor } from './key-words.ts';
import { type Keymap, keyLabel } from './keymap.ts';
import type { Layout } from './layout.ts';

export function whichKeyView(keymap: Keymap, layout: Layout): DialogView {
  const items = keymap.bindings.filter((one) => one.in === 'prefix' && one.keys.length > 0);
  const width = layout.size.cols - 2;
  const inside = width - 4;
  const keys = Math.max(...items.map((one) => textWidth(keyLabel(one.keys[0] ?? ''))));
  const longest = Math.max(...items.map((one) => textWidth(one.help)));
  const room = Math.max(1, layout.size.rows - 5);
  // As many columns as hold every text whole, and more only where the rows would not fit.
  const whole = Math.max(1, Math.floor(inside / (keys + longest + 3)));
  const columns = Math.max(whole, Math.min(Math.ceil(items.length / room), Math.floor(inside / (keys + 12)) || 1));
  const column = Math.floor(inside / columns);
  const rows = Math.ceil(items.length / columns);
  const lines = Array.from(
    { length: Math.min(rows, room) },
    (_, y): Line =>
      Array.from({ length: columns }, (_, x) => items[x * rows + y]).flatMap((one) => {
        if (one === undefined) return [];
        const help = cutEnd(one.help, column - keys - 3);
        return [
          { text: keyLabel(one.keys[0] ?? '').padEnd(keys + 1), tone: 'strong' as const },
          { text: help.padEnd(column - keys - 1), tone: 'plain' as const },
        ];
      }),
  );
  const height = lines.length + 2;
  const rect = { x: 1, y: layout.size.rows - 1 - height, width, height };
  // What has no room is in the help, which has a filter.
  const left = items.length - lines.length * columns;
  const more = left > 0 ? ` · ${left} more: ${keyFor(keymap, 'prefix', 'help')}` : '';
  return { rect, title: `${keyLabel(keymap.prefix) || 'nono'} …${more}`, lines };
}
