/** Text over as many rows as it needs. Pure. */
import { textWidth } from './visible-text.ts';

/** Of text without columns. */
const SET_IN = 4;
const FIRST_COLUMN = /^ *\S+(?: \S+)*? {2,}(?=\S)/;

/** `name  what it is` goes on below the second column, other text a little further in than it begins. */
function setIn(text: string, width: number): number {
  const half = Math.floor(width / 2);
  const column = FIRST_COLUMN.exec(text)?.[0].length ?? half + 1;
  const begin = /^ */.exec(text)?.[0].length ?? 0;
  return column <= half ? column : Math.min(half, begin + SET_IN);
}

/** Whether the word behind this place has a row to itself; one that is longer is begun in this one. */
function movesWhole(text: string, at: number, width: number): boolean {
  const word = text.slice(at + 1).split(' ', 1)[0] ?? '';
  return text.slice(0, Math.max(0, at)).trim() !== '' && textWidth(word) <= width;
}

/** For reading: rows after the first are set in, so that they are seen to belong to it. Breaks between words where there is a place, never in the middle of a wide character; nothing is left out but blanks at a break. */
export function hanging(text: string, width: number, by = setIn(text, width)): readonly string[] {
  const set = ' '.repeat(by);
  const rows: string[] = [];
  let rest = text;
  while (textWidth(rest) > width) {
    let row = '';
    for (const c of rest) {
      if (textWidth(row + c) > width) break;
      row += c;
    }
    if (row === '') break;
    if (row.trim() === '') {
      rest = rest.trimStart();
      continue;
    }
    const next = rest[row.length] === ' ' ? row.length : row.lastIndexOf(' ');
    const cut = next > width / 2 || movesWhole(rest, next, width - by) ? next : row.length;
    rows.push(rest.slice(0, cut).trimEnd());
    rest = set + rest.slice(cut).trimStart();
  }
  return [...rows, rest];
}

/** Breaks at the width, between words or names where there are some, and leaves nothing out, not even a blank: for paths, of which nothing may be missing. */
export function wholeLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const c of text) {
    if (textWidth(line + c) > width) {
      const place = c === ' ' ? line.length : Math.max(line.lastIndexOf(' '), line.lastIndexOf('/')) + 1;
      const at = place > width / 2 ? place : line.length;
      lines.push(line.slice(0, at));
      line = line.slice(at);
    }
    line += c;
  }
  return [...lines, line];
}

/** Words over as many rows as they need, none of which begins or ends with a blank. A word that is longer than a row goes on in the next, behind a `/` where it has one. */
export function wordLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/ +/)) {
    const together = line === '' ? word : `${line} ${word}`;
    if (textWidth(together) <= width) {
      line = together;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = wholeLines(word, width);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  return [...lines, line];
}
