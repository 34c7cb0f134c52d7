/** The home as one string per screen row: words first, then only bold, dim and inverse, so that it reads on every background. Pure. */

import { fittingHints, GAP } from '../../components/fitting-hints.ts';
import { keyFor } from '../session/key-words.ts';
import type { Hint, Keymap } from '../session/keymap.ts';
import type { Size } from '../terminal/geometry.ts';
import { cutEnd, cutMiddle, fit, textWidth, visibleText } from '../terminal/visible-text.ts';
import { homeRows, homeWidth, pageRows } from './home-page.ts';
import { chosenItem, type HomeItem, type HomeState, shownItems } from './home-state.ts';

export const SECTIONS: Readonly<Record<HomeItem['section'], string>> = {
  start: 'Start',
  running: 'Running sessions',
  recent: 'Recent sessions',
  profiles: 'Profiles: a shell here with one of them',
  groups: 'Policy groups',
};

const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const INVERSE = '\x1b[7m';
const PLAIN = '\x1b[m';

interface Row {
  readonly text: string;
  readonly item: number | undefined;
}

function listRows(items: readonly HomeItem[], width: number, mark: string): readonly Row[] {
  const names = Math.min(Math.floor(width / 2), Math.max(0, ...items.map((item) => textWidth(item.title))));
  const rows: Row[] = [];
  items.forEach((item, i) => {
    if (item.section !== items[i - 1]?.section) {
      if (i > 0) rows.push({ text: '', item: undefined });
      rows.push({ text: `${BOLD}${fit(cutEnd(SECTIONS[item.section], width, mark), width)}${PLAIN}`, item: undefined });
    }
    const about = cutEnd(visibleText(item.about), Math.max(0, width - names - 4), mark);
    rows.push({ text: `  ${fit(cutMiddle(visibleText(item.title), names, mark), names)}  ${about}`, item: i });
  });
  return rows;
}

/** What the keys do here: Enter does not start what can only be read. */
export function homeHints(state: HomeState, keymap: Keymap): readonly Hint[] {
  if (state.filtering) return keymap.hintsFor('filter', 'none');
  if (state.page !== undefined) return keymap.hintsFor('home-page', 'none');
  const open = keyFor(keymap, 'home', 'open-item');
  const reads = chosenItem(state)?.opens.kind === 'page';
  return keymap.hintsFor('home', 'none').map((hint) => (reads && hint.key === open ? { ...hint, text: 'show' } : hint));
}

/** Where one is, when not everything is on the screen. */
function position(state: HomeState, rows: number, pageLines: readonly string[]): string {
  if (state.page === undefined) {
    const all = shownItems(state);
    return listRows(all, 0, '').length > rows ? `${state.at + 1}/${all.length}` : '';
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
  const filter =
    state.filtering || state.filter !== '' ? `  /${visibleText(state.filter)}${state.filtering ? '_' : ''}` : '';
  const where = position(state, rows, pageLines);
  const room = Math.max(0, width - 4 - (where === '' ? 0 : textWidth(where) + 1));
  const title = fit(cutEnd(` ${visibleText(page?.title ?? about)}${filter}`, room - 1, mark), room);
  const head = ` ${BOLD}nono${PLAIN}${title}${where === '' ? '' : ` ${DIM}${where}${PLAIN}`}`;
  const body = page === undefined ? listBody(state, width, rows, mark) : pageBody(page.scroll, rows, pageLines);
  const foot = message === '' ? hintText(hints, width) : cutEnd(message, width, mark);
  return [head, '', ...body, ...Array.from({ length: Math.max(0, rows - body.length) }, () => ''), '', ` ${foot}`];
}

function listBody(state: HomeState, width: number, rows: number, mark: string): readonly string[] {
  const all = listRows(shownItems(state), width, mark);
  if (all.length === 0) return [` ${DIM}nothing matches the filter${PLAIN}`];
  const chosen = all.findIndex((row) => row.item === state.at);
  const top = Math.min(Math.max(0, chosen - Math.floor(rows / 2)), Math.max(0, all.length - rows));
  return all
    .slice(top, top + rows)
    .map((row) =>
      row.item === state.at ? ` ${INVERSE}>${fit(row.text.slice(1), width - 1)}${PLAIN}` : ` ${row.text}`,
    );
}

function pageBody(scroll: number, rows: number, lines: readonly string[]): readonly string[] {
  const top = Math.min(scroll, Math.max(0, lines.length - rows));
  return lines.slice(top, top + rows).map((line) => ` ${line}`);
}
