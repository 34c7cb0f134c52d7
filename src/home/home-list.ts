/** The items of the home as rows of a screen: headings, names, and what they are. Pure. */
import { cutMiddle, fit, textWidth, visibleText } from '../terminal/visible-text.ts';
import { hanging } from '../terminal/wrap.ts';
import type { HomeItem } from './home-state.ts';

export const SECTIONS: Readonly<Record<HomeItem['section'], string>> = {
  start: 'Start',
  running: 'Running sessions',
  recent: 'Recent sessions',
  profiles: 'Profiles: a shell here with one of them',
  groups: 'Policy groups',
};

/** Narrower than this a name has a row of its own. */
const NARROW = 50;
const BELOW = 2;

/** One row of the screen: a heading, a part of an item, or nothing. */
export interface ListRow {
  readonly text: string;
  readonly item: number | undefined;
}

/** The column of the names of a section: as wide as the longest that leaves half of the row for what it is. */
function nameColumn(items: readonly HomeItem[], section: HomeItem['section'], width: number): number {
  // Beside each other both would be columns of single words.
  if (width < NARROW) return BELOW;
  const widths = items.filter((item) => item.section === section).map((item) => textWidth(visibleText(item.title)));
  return Math.max(0, ...widths.filter((one) => one <= Math.floor(width / 2)));
}

/** A name and what it is, over as many rows as they need: beside each other where the name fits its column, else below it. */
function itemRows(item: HomeItem, column: number, width: number, mark: string): readonly string[] {
  const name = cutMiddle(visibleText(item.title), width - 2, mark);
  const about = hanging(visibleText(item.about), Math.max(1, width - column - 4), 0);
  const below = textWidth(name) > column;
  const rows = below ? [name] : [`${fit(name, column)}  ${about[0] ?? ''}`];
  return [...rows, ...about.slice(below ? 0 : 1).map((text) => `${' '.repeat(column)}  ${text}`)].map((text) =>
    `  ${text}`.trimEnd(),
  );
}

export function listRows(items: readonly HomeItem[], width: number, mark: string): readonly ListRow[] {
  const rows: ListRow[] = [];
  let column = 0;
  items.forEach((item, i) => {
    if (item.section !== items[i - 1]?.section) {
      column = nameColumn(items, item.section, width);
      if (i > 0) rows.push({ text: '', item: undefined });
      rows.push(...hanging(SECTIONS[item.section], width, 0).map((text) => ({ text, item: undefined })));
    }
    rows.push(...itemRows(item, column, width, mark).map((text) => ({ text, item: i })));
  });
  return rows;
}

/** The first row on a screen of so many, when this item is chosen: in the middle, and all of it there where it has room at all. */
export function topRow(all: readonly ListRow[], at: number, rows: number): number {
  const chosen = all.findIndex((row) => row.item === at);
  const last = all.findLastIndex((row) => row.item === at);
  const middle = Math.min(Math.max(0, chosen - Math.floor(rows / 2)), Math.max(0, all.length - rows));
  return Math.min(chosen, Math.max(middle, last - rows + 1));
}

/** The item as many rows further down (or up) as a screen has, or less: what is passed over was on the screen. */
export function itemOnPage(items: readonly HomeItem[], at: number, by: number, width: number): number {
  const all = listRows(items, width, '');
  const rows = Math.abs(by);
  const target = all.findIndex((row) => row.item === at) + by;
  const top = topRow(all, at, rows);
  const joins = ({ item }: ListRow): boolean => {
    if (item === undefined) return false;
    const next = topRow(all, item, rows);
    return by > 0 ? next <= top + rows : next + rows >= top;
  };
  const reached = by > 0 ? all.slice(0, target + 1).findLast(joins) : all.slice(Math.max(0, target)).find(joins);
  const next = reached?.item ?? at;
  // One of many rows is not stood still at.
  return Math.sign(next - at) === Math.sign(by) ? next : at + Math.sign(by);
}
