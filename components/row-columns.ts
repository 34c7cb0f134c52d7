/** Cuts the texts of a row to the columns there are. Pure; the end of a path always stays in sight. */
import type { RowView } from '../src/session/chrome-model.ts';
import { cutEnd, cutMiddle, fit, textWidth } from '../src/terminal/visible-text.ts';
import { type Glyphs, plainGlyphs } from './theme.ts';

/** The pieces of a row, each of exact width; `second` is undefined where a row has one line. */
export interface RowPieces {
  readonly mark: string;
  readonly state: string;
  readonly verb: string;
  readonly first: string;
  readonly second: string | undefined;
}

const STATE = 8;
const VERB = 6;

function tally(row: RowView, g: Glyphs): string {
  return row.count > 1 ? `${g.times}${row.count} ${row.age}` : row.age;
}

/** A rule's name and a process beside each other: the process gives way, its parent first. */
function processAndRule(row: RowView, width: number, g: Glyphs): string {
  const right = `${row.rule} ${tally(row, g)}`;
  const room = width - textWidth(right) - 1;
  const short = row.process.split(' ← ')[0] ?? '';
  const whole = plainGlyphs(row.process, g.ascii);
  const left = textWidth(whole) <= room ? whole : short;
  return room < 4 ? fit(right, width) : `${fit(cutEnd(left, room, g.ellipsis), room)} ${right}`;
}

/** Two lines beside the pane. */
export function twoLines(row: RowView, width: number, g: Glyphs): RowPieces {
  const indent = row.member ? 2 : 0;
  const verb = row.verb === '' ? '' : fit(row.verb, VERB);
  const room = width - 1 - indent - STATE - verb.length;
  return {
    mark: (row.selected ? '>' : ' ') + ' '.repeat(indent),
    state: fit(row.state.text, STATE),
    verb,
    first: fit(cutMiddle(row.path, room, g.ellipsis), room),
    second: `${' '.repeat(2 + indent)}${processAndRule(row, width - 2 - indent, g)}`,
  };
}

/** One line below the pane: path and process share what the rest leaves. */
export function oneLine(row: RowView, width: number, g: Glyphs): RowPieces {
  const indent = row.member ? 2 : 0;
  const verb = row.verb === '' ? '' : fit(row.verb, VERB);
  const right = ` ${row.rule} ${tally(row, g)}`;
  const room = Math.max(8, width - 1 - indent - STATE - verb.length - textWidth(right));
  const path = textWidth(row.path);
  const who = plainGlyphs(row.process, g.ascii);
  const process = textWidth(who);
  const forPath =
    path + process + 1 <= room
      ? room - process - 1
      : Math.max(Math.min(path, Math.ceil(room * 0.62)), room - process - 1);
  const forProcess = Math.max(0, room - forPath - 1);
  const first = `${fit(cutMiddle(row.path, forPath, g.ellipsis), forPath)} ${fit(cutEnd(who, forProcess, g.ellipsis), forProcess)}`;
  return {
    mark: (row.selected ? '>' : ' ') + ' '.repeat(indent),
    state: fit(row.state.text, STATE),
    verb,
    first: fit(first + right, width - 1 - indent - STATE - verb.length),
    second: undefined,
  };
}
