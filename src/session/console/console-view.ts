/** The command line as lines of a page: output, candidates, one line of explanation, the line being typed. As high as what was printed needs, and never lower than it was: the screen around it stays still. */

import { cutEnd, cutMiddle, cutStart, fit, textWidth, visibleText } from '../../terminal/visible-text.ts';
import { hanging } from '../../terminal/wrap.ts';
import type { DialogText } from '../dialog/dialog-text.ts';
import { typedWindow } from '../dialog/typed-window.ts';
import { prose } from '../dialog/wrapped-lines.ts';
import type { Line, Span } from '../screen/chrome-model.ts';
import type { Console } from './console.ts';

const MOST_CHOICES = 8;
const PROMPT = ': ';
/** Lower, what can always be read is in the way of what was asked for. */
const LOW = 10;

function pieces(span: Span, width: number): readonly Line[] {
  return hanging(span.text, width).map((text) => [{ ...span, text }]);
}

function choices(console: Console, width: number): readonly Line[] {
  const { choosing } = console;
  if (choosing === undefined) return [];
  const { items, at } = choosing;
  const top = Math.min(Math.max(0, at - MOST_CHOICES + 1), Math.max(0, items.length - MOST_CHOICES));
  const shown = items.slice(top, top + MOST_CHOICES);
  const names = Math.min(Math.floor(width / 2), Math.max(...shown.map((one) => textWidth(visibleText(one.value)))));
  const more = items.length > shown.length ? [[{ text: `  ${items.length} in all`, tone: 'quiet' } as Span]] : [];
  return [
    ...shown.map((one, i): Line => {
      const chosen = top + i === at;
      const value = cutMiddle(visibleText(one.value), names);
      const about = cutEnd(visibleText(one.about), Math.max(0, width - names - 6));
      return [
        { text: `${chosen ? '> ' : '  '}${fit(value, names)}`, tone: chosen ? 'strong' : 'plain' },
        { text: `  ${about}`, tone: 'quiet' },
      ];
    }),
    ...more,
  ];
}

/** At most `most` lines of `width` columns. */
export function consoleText(console: Console, width: number, most: number): DialogText {
  const wanted = console.filter.toLowerCase();
  const all = console.output
    .filter((span) => wanted === '' || span.text.toLowerCase().includes(wanted))
    .flatMap((span) => pieces(span, width));
  const below = choices(console, width);
  // Read while it is typed, so no word of it may be missing.
  const help = helpRows(most < LOW && all.length > 0 && console.line.text === '' ? [] : console.hint, width);
  const others = below.length + 1 + help.length;
  const height = Math.min(most, Math.max(all.length + others, console.rows));
  console.rows = height;
  const room = Math.max(1, height - others);
  const above = Math.max(0, all.length - room);
  if (console.top !== undefined) {
    // A long answer is read from its beginning.
    const from = console.output.lastIndexOf(console.top);
    const lines = console.output.slice(from).reduce((n, span) => n + pieces(span, width).length, 0);
    console.scroll = wanted === '' ? Math.max(0, lines - room) : 0;
    console.top = undefined;
  }
  console.scroll = Math.min(console.scroll, above);
  const end = all.length - console.scroll;
  const shown = all.slice(Math.max(0, end - room), end);
  const output = [...shown, ...Array.from({ length: room - shown.length }, (): Line => [])];
  const filtered = console.filtering || console.filter !== '';
  const info = filtered
    ? [filterLine(console, all.length, width), ...help.slice(1).fill('')]
    : infoLines(console, above, help, width);
  const typed = typedWindow(console.line, width - PROMPT.length - 1);
  const column = console.filtering
    ? textWidth(shownFilter(console, all.length, width)) + 1
    : PROMPT.length + typed.column;
  const line = height - (console.filtering ? 2 : 1);
  return {
    title: 'nono: commands of this session',
    lines: [
      ...output,
      ...below,
      ...info.map((text): Line => [{ text: fit(text, width), tone: 'quiet' }]),
      [
        { text: PROMPT, tone: 'strong' },
        { text: typed.shown, tone: 'plain' },
      ],
    ],
    cursor: { line, column: Math.min(column, width - 1) },
    page: room - 1,
  };
}

/** The form of a command and what it does: beside each other, or, where they have no room there, each from a row of its own on. At least one row. */
function helpRows(hint: readonly string[], width: number): readonly string[] {
  const together = hint.map((part) => visibleText(part)).join('   ');
  const parts = textWidth(together) <= width ? [together] : hint.map((part) => visibleText(part));
  return parts.flatMap((part) => prose(part, width).map((line) => line.map((one) => one.text).join('')));
}

/** How much there is, and the way back, are said whole: the filter gives way. */
function shownFilter(console: Console, lines: number, width: number): string {
  return cutStart(visibleText(console.filter), Math.max(1, width - 2 - textWidth(filterState(console, lines))));
}

function filterState(console: Console, lines: number): string {
  const found = console.filter === '' ? '' : `  ${lines === 1 ? '1 line' : `${lines} lines`}`;
  return `${found}${console.filtering ? '' : ', Esc shows all'}`;
}

function filterLine(console: Console, lines: number, width: number): string {
  return `/${shownFilter(console, lines, width)}${filterState(console, lines)}`;
}

/** How far it is scrolled gives way to the help. */
function infoLines(console: Console, above: number, help: readonly string[], width: number): readonly string[] {
  const [first = '', ...others] = help;
  if (console.busy) return ['running …', ...others.fill('')];
  const rest = above - console.scroll;
  const scrolled =
    console.scroll > 0 ? `${rest} lines above, ${console.scroll} below` : rest > 0 ? `${rest} above (PgUp)` : '';
  const both = first === '' || scrolled === '' ? scrolled + first : `${scrolled} · ${first}`;
  return [textWidth(both) <= width ? both : first, ...others];
}
