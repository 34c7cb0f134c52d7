/** The text of the list of keys. */
import { cutStart, textWidth, visibleText } from '../../terminal/visible-text.ts';
import type { Binding } from '../keys/binding.ts';
import { keyLabel } from '../keys/keymap.ts';
import type { Line, Span } from '../screen/chrome-model.ts';
import type { Dialog } from '../screen/ui-state.ts';
import type { DialogContext, DialogText } from './dialog-text.ts';
import { helpItems } from './help-items.ts';
import { EMPTY, field, lineWidth, prose, span } from './wrapped-lines.ts';

const KEYS = 20;
/** Of the width: beside the keys there is something to read. */
const KEYS_PART = 3;
const FEW_KEYS = 8;
/** The filter, and a blank line. */
const HELP_HEAD = 2;
const FILTER = 'filter: ';

/** As many of a line's keys as there is room for, the first one always. */
function keysText({ keys }: Binding, room: number): string {
  const labels = keys.map(keyLabel);
  while (labels.length > 1 && textWidth(labels.join(' ')) >= room) labels.pop();
  return labels.join(' ');
}

type HelpDialog = Extract<Dialog, { kind: 'help' }>;

function helpLines(items: readonly Binding[], at: number, keys: number, c: DialogContext) {
  const lines: Line[] = [];
  let follow = 0;
  items.forEach((one, i) => {
    const chosen = i === at;
    if (chosen) follow = lines.length;
    const [first = EMPTY, ...rest] = prose(one.help, Math.max(10, c.width - keys - 2));
    lines.push([
      span(`${chosen ? '> ' : '  '}${keysText(one, keys).padEnd(keys)}`, 'strong'),
      ...(chosen ? first.map((s): Span => ({ ...s, tone: 'strong' })) : first),
    ]);
    lines.push(...rest.map((l): Line => [span(' '.repeat(keys + 2)), ...l]));
  });
  return { lines, follow };
}

/** Items that stay in sight of each other: some take more than one line. */
function helpPage(lines: number, items: number, height: number): number {
  return Math.floor(((height - HELP_HEAD - 1) * items) / Math.max(1, lines));
}

export function help({ about, filter, at }: HelpDialog, c: DialogContext): DialogText {
  const all = helpItems(c.keymap, about, '');
  const most = Math.min(KEYS, Math.max(FEW_KEYS, Math.floor(c.width / KEYS_PART)));
  const keys = Math.min(most, Math.max(...all.map((one) => textWidth(keysText(one, most)) + 2)));
  const { lines, follow } = helpLines(helpItems(c.keymap, about, filter), at, keys, c);
  const whole = helpLines(all, 0, keys, c).lines;
  const notes =
    filter === '' && about === 'prefix'
      ? c.notices.flatMap((n) => [EMPTY, ...field('note', visibleText(n), c.width)])
      : [];
  const shown = cutStart(visibleText(filter), c.width - FILTER.length - 1);
  const input: Line = [span(FILTER, 'quiet'), span(shown)];
  return {
    title: 'Keys',
    lines: [input, EMPTY, ...(lines.length === 0 ? [[span('no key matches', 'quiet')]] : lines), ...notes],
    cursor: { line: 0, column: FILTER.length + textWidth(shown) },
    follow,
    page: helpPage(lines.length, helpItems(c.keymap, about, filter).length, c.height),
    least: { columns: Math.max(...whole.map(lineWidth)), lines: whole.length + 2 },
  };
}
