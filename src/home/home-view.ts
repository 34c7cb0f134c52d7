/** The home as one string per screen row: words first, then only bold, dim and inverse, so that it reads on every background. Pure. */

import { fittingHints, GAP } from '../../components/fitting-hints.ts';
import type { Hint } from '../session/keymap.ts';
import type { Size } from '../terminal/geometry.ts';
import { cutEnd, cutMiddle, fit, textWidth, visibleText } from '../terminal/visible-text.ts';
import { type HomeItem, type HomeState, shownItems, shownLines } from './home-state.ts';

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

/** Rows between the title and the hints. */
export function homeRows(size: Size): number {
  return Math.max(1, size.rows - 4);
}

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
    const about = cutEnd(visibleText(item.about), Math.max(0, width - names - 6), mark);
    rows.push({ text: `  ${fit(cutMiddle(visibleText(item.title), names, mark), names)}  ${about}`, item: i });
  });
  return rows;
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
  const width = Math.max(1, size.cols - 2);
  const rows = homeRows(size);
  const title = state.page === undefined ? about : state.page.title;
  const filter =
    state.filtering || state.filter !== '' ? `  /${visibleText(state.filter)}${state.filtering ? '_' : ''}` : '';
  const head = ` ${BOLD}nono${PLAIN}${fit(cutEnd(` ${visibleText(title)}${filter}`, width - 5, mark), width - 4)}`;
  const body = state.page === undefined ? listBody(state, width, rows, mark) : pageBody(state, width, rows, mark);
  const foot = message === '' ? hintText(hints, width) : cutEnd(message, width, mark);
  return [head, '', ...body, ...Array.from({ length: Math.max(0, rows - body.length) }, () => ''), '', ` ${foot}`];
}

function listBody(state: HomeState, width: number, rows: number, mark: string): readonly string[] {
  const all = listRows(shownItems(state), width - 2, mark);
  if (all.length === 0) return [` ${DIM}nothing matches the filter${PLAIN}`];
  const chosen = all.findIndex((row) => row.item === state.at);
  const top = Math.min(Math.max(0, chosen - Math.floor(rows / 2)), Math.max(0, all.length - rows));
  return all
    .slice(top, top + rows)
    .map((row) =>
      row.item === state.at ? ` ${INVERSE}>${fit(row.text.slice(1), width - 2)}${PLAIN}` : ` ${row.text}`,
    );
}

function pageBody(state: HomeState, width: number, rows: number, mark: string): readonly string[] {
  const lines = shownLines(state);
  const scroll = Math.min(state.page?.scroll ?? 0, Math.max(0, lines.length - rows));
  return lines.slice(scroll, scroll + rows).map((line) => ` ${cutMiddle(visibleText(line), width, mark)}`);
}
