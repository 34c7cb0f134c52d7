/** Rows in columns, for terminals of any width. Text is measured without its colours. */
import { isTerminal } from '../../platform/terminal.ts';
import { textWidth } from '../../terminal/visible-text.ts';
import { fold } from './fold-words.ts';

const STDOUT = 1;
const STDERR = 2;
const NARROWEST_TEXT = 24;

/** Columns of standard output; unlimited where that is no terminal, so that what is piped is never cut or folded. */
export function outputWidth(env: NodeJS.ProcessEnv = process.env): number {
  return isTerminal(STDOUT) ? columnsOf(process.stdout, env) : Number.POSITIVE_INFINITY;
}

/** The same of standard error. The launcher that started this process has looked already (native/start/front.c). */
export function errorWidth(env: NodeJS.ProcessEnv = process.env): number {
  if (!isTerminal(STDERR)) return Number.POSITIVE_INFINITY;
  const told = Number(env['NONO_COLUMNS']);
  return told > 0 ? told : columnsOf(process.stderr, env);
}

function columnsOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): number {
  const given = Number(env['COLUMNS']);
  const { WriteStream } = process.getBuiltinModule('node:tty');
  const [columns] = stream instanceof WriteStream ? stream.getWindowSize() : [0];
  return columns > 0 ? columns : given > 0 ? given : 80;
}

export interface Row {
  readonly name: string;
  readonly text: string;
  readonly notes?: string;
}

export interface RowLook {
  name(text: string): string;
  dim(text: string): string;
}

/** A name, a text folded beside it (or below, where there is no room), and notes after the text. */
export function rowsWithText(rows: readonly Row[], indent: number, width: number, look: RowLook): string[] {
  const names = Math.max(0, ...rows.map((row) => row.name.length));
  const beside = width - indent - names - 1;
  const stacked = beside < NARROWEST_TEXT;
  const room = stacked ? Math.max(width - indent - 2, NARROWEST_TEXT) : beside;
  const pad = ' '.repeat(indent);
  return rows.flatMap(({ name, text, notes = '' }) => {
    const whole = notes === '' ? text : `${text}  ${notes}`.trimStart();
    const lines = fold(whole, room).filter((line) => line !== '');
    const painted = lines.map((line) => paintNotes(line, notes, look));
    if (stacked) return [`${pad}${look.name(name)}`, ...painted.map((line) => `${pad}  ${line}`)];
    const [first = '', ...rest] = painted;
    const gap = ' '.repeat(indent + names + 1);
    return [`${pad}${look.name(name.padEnd(names))} ${first}`.trimEnd(), ...rest.map((line) => gap + line)];
  });
}

/** `  Label: text`, the text folded beside the label, which takes so many columns without its colours. */
export function labelled(label: string, columns: number, text: string, width: number): string {
  const beside = width - columns - 3;
  const left = beside < NARROWEST_TEXT ? 4 : columns + 3;
  const lines = fold(text, Math.max(width - left, NARROWEST_TEXT)).map((line) => ' '.repeat(left) + line);
  const [first = '', ...rest] = lines;
  return left === 4 && textWidth(text) > beside
    ? [`  ${label}`.trimEnd(), ...lines].join('\n')
    : [`  ${label} ${first.slice(left)}`, ...rest].join('\n');
}

/** Notes stand at the end; where folding cut them, they stay as they are. */
function paintNotes(line: string, notes: string, look: RowLook): string {
  return notes !== '' && line.endsWith(notes) ? line.slice(0, -notes.length) + look.dim(notes) : line;
}
