/** Cuts the texts of a row to the columns there are. Pure; the end of a path always stays in sight. */
import type { Heading, RowView } from '../src/session/screen/chrome-model.ts';
import { cutEnd, cutMiddle, cutPath, fit, textWidth } from '../src/terminal/visible-text.ts';
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
/** Nothing of a row touches the edge of the terminal, as nothing of the title and of the hints does; turned over, the selected row goes on to it. */
const EDGE = 1;

/** A line above the rows of a group; the end of a path stays in sight. */
export function headingText({ name, rows }: Heading, width: number, g: Glyphs): string {
  const tally = ` (${rows})`;
  return ` ${cutMiddle(plainGlyphs(name, g.ascii), Math.max(1, width - 2 - tally.length), g.ellipsis)}${tally}`;
}

/** Wide enough for `connect` where there is room; in a narrow list the path needs it more. */
function verbColumn(width: number): number {
  return width < 60 ? 6 : 8;
}

function verbText(verb: string, column: number): string {
  return verb === '' ? '' : fit(verb.slice(0, column - 1), column);
}

function tally(row: RowView, g: Glyphs): string {
  return row.count > 1 ? `${g.times}${row.count} ${row.age}` : row.age;
}

/** Narrower, a name says nothing; its end says whose it is. */
const MIN_NAME = 11;

/** A path or an address, which is what an approval is for, and after it the name if there is room. */
function pathAndName(row: RowView, room: number, g: Glyphs): string {
  const path = cutPath(row.path, room, g.ellipsis);
  const left = room - textWidth(path) - 1;
  const name = row.name === '' || left < MIN_NAME ? '' : ` ${cutMiddle(row.name, left, g.ellipsis)}`;
  return fit(path + name, room);
}

/** A rule's name and a process beside each other: the process gives way, its parent first, then the longer words of the rule. A name that the first line had no room for comes before it. */
function processAndRule(row: RowView, width: number, g: Glyphs, name: string): string {
  const worded = (rule: string): string => (rule === '' ? tally(row, g) : `${rule}  ${tally(row, g)}`);
  const bare = bareProcess(row);
  const whole = worded(row.rule);
  const right = textWidth(bare) + 1 + textWidth(whole) <= width - EDGE ? whole : worded(row.shortRule);
  const room = width - EDGE - textWidth(right) - 1;
  const before =
    name === '' || room < Math.min(MIN_NAME, textWidth(name)) ? '' : `${cutMiddle(name, room, g.ellipsis)} `;
  const short = before !== '' && textWidth(before + bare) > room ? before.trimEnd() : before + bare;
  const long = before + plainGlyphs(row.process, g.ascii);
  // `cat(12) ← bash not granted` would read as one thing.
  const left = textWidth(long) < room ? long : short;
  return fit(room < 4 ? fit(right, width - EDGE) : `${fit(cutEnd(left, room, g.ellipsis), room)} ${right}`, width);
}

/** Nothing stands below it, so a longer word may take its room. */
function besideVerb({ verb }: RowView): string {
  return verbText(verb, Math.max(6, Math.min(9, verb.length + 1)));
}

function besideRoom(row: RowView, width: number): number {
  return width - EDGE - 1 - (row.member ? 2 : 0) - STATE - besideVerb(row).length;
}

/** A row that sums others up: its words as a whole, and its age where there is room for it. */
function bareLine(row: RowView, width: number, g: Glyphs): RowPieces {
  const room = width - 1 - STATE;
  const age = ` ${tally(row, g)} `;
  const left = room - textWidth(age);
  const first = left < textWidth(row.path) ? cutMiddle(row.path, room - EDGE, g.ellipsis) : fit(row.path, left) + age;
  return {
    mark: row.selected ? '>' : ' ',
    state: fit(row.state.text, STATE),
    verb: '',
    first: fit(first, room),
    second: undefined,
  };
}

/** Two lines beside the pane, but for a row with nothing to say in the second. */
export function twoLines(row: RowView, width: number, g: Glyphs): RowPieces {
  if (isBare(row)) return bareLine(row, width, g);
  const indent = row.member ? 2 : 0;
  const verb = besideVerb(row);
  const room = besideRoom(row, width);
  const fits = textWidth(row.path) + 1 + textWidth(row.name) <= room;
  return {
    mark: (row.selected ? '>' : ' ') + ' '.repeat(indent),
    state: fit(row.state.text, STATE),
    verb,
    first: fit(pathAndName(fits ? row : { ...row, name: '' }, room, g), room + EDGE),
    second: `${' '.repeat(2 + indent)}${processAndRule(row, width - 2 - indent, g, fits ? '' : row.name)}`,
  };
}

/** Widths of the columns to the right of the paths, the same for every row on the screen, so that the eye finds them. */
export interface Columns {
  readonly process: number;
  readonly rule: number;
  readonly tally: number;
}

const MIN_PATH = 20;
const MAX_PROCESS = 26;
const MIN_PROCESS = 8;
const MAX_RULE = 24;
/** `not granted`; narrower, it is the beginning of a word. */
const MIN_RULE = 11;

function widest(texts: readonly string[], most: number): number {
  return Math.min(most, Math.max(0, ...texts.map(textWidth)));
}

/** What the rows need, and less beside paths that would be cut: they are what an approval is for. Whose child a process is goes first, then the longer words of a rule. */
export function columnsFor(rows: readonly RowView[], width: number, g: Glyphs): Columns {
  const most = Math.min(MAX_RULE, Math.max(MIN_RULE, Math.floor(width / 4)));
  const tallies = widest(
    rows.map((row) => tally(row, g)),
    12,
  );
  const free = width - EDGE - 1 - STATE - verbColumn(width) - tallies - 4;
  const paths = widest(
    rows.filter((row) => !isBare(row)).map((row) => row.path),
    free,
  );
  const rules = [(row: RowView) => row.rule, (row: RowView) => row.shortRule].map((text) =>
    ruleColumn(widest(rows.map(text), most), free),
  );
  const [rule = 0, short = 0] = rules;
  const whole = widest(
    rows.map((row) => plainGlyphs(row.process, g.ascii)),
    MAX_PROCESS,
  );
  const bare = widest(rows.map(bareProcess), MAX_PROCESS);
  const fits = (one: number, process: number): boolean => one + process + paths <= free;
  const chosen = fits(rule, bare) ? rule : short;
  const longer = fits(chosen, whole) ? whole : bare;
  // `cat(12) ← bash not granted` would read as one thing.
  const process = longer > 0 && fits(chosen, longer + 1) ? longer + 1 : longer;
  return { process: processColumn(process, free - chosen - Math.min(MIN_PATH, paths)), rule: chosen, tally: tallies };
}

/** Narrower than this a name is the beginning of one, which could be anybody's. */
function processColumn(wanted: number, left: number): number {
  return left < Math.min(wanted, MIN_PROCESS) ? 0 : Math.min(wanted, left);
}

/** Narrower than its shortest words, it is not there. */
function ruleColumn(wanted: number, free: number): number {
  const left = Math.min(wanted, free - MIN_PATH);
  return left < Math.min(wanted, MIN_RULE) ? 0 : left;
}

function bareProcess({ process }: RowView): string {
  return process.split(' ← ')[0] ?? '';
}

/** With its parent where that fits as a whole. */
function processText(row: RowView, width: number, g: Glyphs): string {
  const whole = plainGlyphs(row.process, g.ascii);
  return fit(textWidth(whole) <= width ? whole : cutEnd(bareProcess(row), width, g.ellipsis), width);
}

/** A row that sums others up, with nothing in these columns: its own words may run over them. */
function isBare({ process, rule }: RowView): boolean {
  return process === '' && rule === '';
}

function belowRight(row: RowView, g: Glyphs, columns: Columns): string {
  if (isBare(row)) return `  ${tally(row, g).padStart(columns.tally)}`;
  const process = processText(row, columns.process, g);
  const whole = textWidth(row.rule) <= columns.rule ? row.rule : row.shortRule;
  const rule = fit(cutEnd(whole, columns.rule, g.ellipsis), columns.rule);
  // An age belongs to the row, not to the word before it.
  return ['', process, rule, ` ${tally(row, g).padStart(columns.tally)}`]
    .filter((text, i) => i === 0 || text !== '')
    .join(' ');
}

function belowRoom(row: RowView, width: number, g: Glyphs, columns: Columns): number {
  const left = 1 + (row.member ? 2 : 0) + STATE + verbText(row.verb, verbColumn(width)).length;
  return Math.max(1, width - EDGE - left - textWidth(belowRight(row, g, columns)));
}

/** Whether the row has room for all of its path or address; `columns` as for `oneLine`, absent beside the pane. */
export function pathIsWhole(row: RowView, width: number, columns: Columns | undefined, g: Glyphs): boolean {
  const room = columns === undefined ? besideRoom(row, width) : belowRoom(row, width, g, columns);
  return textWidth(row.path) <= room;
}

/** One line below the pane. */
export function oneLine(row: RowView, width: number, g: Glyphs, columns: Columns): RowPieces {
  const indent = row.member ? 2 : 0;
  const verb = verbText(row.verb, verbColumn(width));
  const right = belowRight(row, g, columns);
  const room = belowRoom(row, width, g, columns);
  return {
    mark: (row.selected ? '>' : ' ') + ' '.repeat(indent),
    state: fit(row.state.text, STATE),
    verb,
    first: fit(pathAndName(row, room, g) + right, width - 1 - indent - STATE - verb.length),
    second: undefined,
  };
}
