/** The home as one string per screen row: words first, then only bold, dim and inverse, so that it reads on every background. Pure. */

import { fittingHints, GAP } from '../../components/fitting-hints.ts';
import { keyFor } from '../session/keys/key-words.ts';
import type { Hint, Keymap } from '../session/keys/keymap.ts';
import type { Size } from '../terminal/geometry.ts';
import { cutEnd, cutStart, fit, textWidth, visibleText } from '../terminal/visible-text.ts';
import { hanging } from '../terminal/wrap.ts';
import { listRows, topRow } from './home-list.ts';
import { homeRows, homeWidth, pageRows } from './home-page.ts';
import { chosenItem, type HomeState, shownItems } from './home-state.ts';

const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const INVERSE = '\x1b[7m';
const PLAIN = '\x1b[m';

/** What the keys do here: Enter does not start what can only be read, Esc first ends a filter. */
export function homeHints(state: HomeState, keymap: Keymap): readonly Hint[] {
  if (state.filtering) return keymap.hintsFor('filter', 'none');
  const { page } = state;
  const context = page === undefined ? 'home' : 'home-page';
  const clears = state.filter === '' ? undefined : keyFor(keymap, context, 'back');
  const reads = page === undefined && chosenItem(state)?.opens.kind === 'page';
  const shows = reads ? keyFor(keymap, 'home', 'open-item') : undefined;
  return keymap.hintsFor(context, 'none').map((hint) => {
    if (hint.key === clears) return { ...hint, text: 'clear' };
    return hint.key === shows ? { ...hint, text: 'show' } : hint;
  });
}

/** Where one is, when not everything is on the screen. */
function position(state: HomeState, width: number, rows: number, pageLines: readonly string[]): string {
  if (state.page === undefined) {
    const all = shownItems(state);
    return listRows(all, width, '').length > rows ? `${state.at + 1}/${all.length}` : '';
  }
  const top = Math.min(state.page.scroll, Math.max(0, pageLines.length - rows));
  return pageLines.length > rows ? `${Math.min(pageLines.length, top + rows)}/${pageLines.length}` : '';
}

/** Whatever has no room, the way out has. */
function hintText(hints: readonly Hint[], width: number): string {
  return fittingHints(hints, width)
    .map(({ key, text }) => `${BOLD}${key}${PLAIN} ${DIM}${text}${PLAIN}`)
    .join(' '.repeat(GAP));
}

export function homeLines(
  state: HomeState,
  size: Size,
  hints: readonly Hint[],
  about: string,
  message: string,
  mark = '…',
): readonly string[] {
  const width = homeWidth(size);
  const rows = homeRows(size);
  const { page } = state;
  const pageLines = page === undefined ? [] : pageRows(page.lines, state.filter, size);
  const where = position(state, width, rows, pageLines);
  const room = Math.max(0, width - 4 - (where === '' ? 0 : textWidth(where) + 1));
  const title = fit(titled(visibleText(page?.title ?? about), state, room - 1, mark), room);
  const head = ` ${BOLD}nono${PLAIN}${title}${where === '' ? '' : ` ${DIM}${where}${PLAIN}`}`;
  const body = page === undefined ? listBody(state, width, rows, mark) : pageBody(page.scroll, rows, pageLines);
  const foot = message === '' ? [hintText(hints, width)] : hanging(visibleText(message), width, 0);
  const shown = body.slice(0, rows + 1 - foot.length);
  const blank = Array.from({ length: Math.max(0, rows + 1 - foot.length - shown.length) }, () => '');
  return [head, '', ...shown, ...blank, '', ...foot.map((line) => ` ${line}`)];
}

/** The filter, whose end is where it is typed, has room before the title has. */
function titled(title: string, state: HomeState, width: number, mark: string): string {
  if (!state.filtering && state.filter === '') return cutEnd(` ${title}`, width, mark);
  const edges = 3 + (state.filtering ? 1 : 0);
  const filter = cutStart(visibleText(state.filter), Math.max(1, width - edges), mark);
  const beside = width - edges - textWidth(filter);
  return `${cutEnd(` ${title}`, beside, mark)}  /${filter}${state.filtering ? '_' : ''}`;
}

function listBody(state: HomeState, width: number, rows: number, mark: string): readonly string[] {
  const all = listRows(shownItems(state), width, mark);
  if (all.length === 0) return [` ${DIM}nothing matches the filter${PLAIN}`];
  const chosen = all.findIndex((row) => row.item === state.at);
  const top = topRow(all, state.at, rows);
  return all.slice(top, top + rows).map((row, i) => {
    if (row.item === undefined) return row.text === '' ? '' : ` ${BOLD}${row.text}${PLAIN}`;
    if (row.item !== state.at) return ` ${row.text}`;
    const first = top + i === chosen;
    return ` ${INVERSE}${first ? '>' : ' '}${fit(row.text.slice(1), width - 1)}${PLAIN}`;
  });
}

function pageBody(scroll: number, rows: number, lines: readonly string[]): readonly string[] {
  const top = Math.min(scroll, Math.max(0, lines.length - rows));
  return lines.slice(top, top + rows).map((line) => ` ${line}`);
}
