/** `nono logs`: what was denied, held and approved in a session. */
import { existsSync } from 'node:fs';
import { nonoDirectories } from '../../config/directories.ts';
import { NonoError } from '../../platform/errors.ts';
import { isTerminal } from '../../platform/terminal.ts';
import type { LoggedEvent } from '../../registry/event-log.ts';
import type { SessionRecord } from '../../registry/session-record.ts';
import { hostLives, sessionFiles } from '../../registry/session-store.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { answer } from '../output/output.ts';
import { type Paint, paint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';
import { GrowingFile } from './growing-file.ts';
import { OutputLines } from './output-lines.ts';
import { sessionNamed } from './session-list.ts';
import { countOf } from './session-values.ts';

const POLL_MS = 200;
const STDOUT = 1;
const LINES_AT_ONCE = 10_000;

interface Lines {
  lines(): Iterable<readonly string[]>;
  /** The last line, when it has no end. */
  rest(): readonly string[];
}

function human(line: string, look: Paint): string | undefined {
  let event: LoggedEvent;
  try {
    event = JSON.parse(line) as LoggedEvent;
  } catch {
    // The last line of a host that was killed while it wrote.
    return undefined;
  }
  const { type, path, access, verb, comm, pid, text, count, exit_code: code } = event;
  const tone = type === 'denied' || type === 'refused' ? look.bad : type === 'approved' ? look.good : String;
  const what = path === undefined ? '' : ` ${access ?? verb ?? ''} ${visibleText(path)}`;
  const who = comm === undefined ? '' : look.dim(`  ${visibleText(comm)}(${pid})`);
  const more =
    text !== undefined
      ? ` ${visibleText(text)}`
      : count !== undefined
        ? ` ${count} events`
        : code !== undefined
          ? ` ${code}`
          : '';
  const rest = `${what}${more}${who}`;
  return `${look.dim(String(event.time))} ${tone(rest === '' ? String(type) : String(type).padEnd(9))}${rest}`;
}

export async function logs(typed: string, options: Options): Promise<number> {
  const tail = options.tail === undefined ? undefined : countOf('--tail', options.tail);
  const session = sessionNamed(typed);
  const { events, olderEvents, output, olderOutput } = sessionFiles(
    nonoDirectories(process.env).state,
    session.session_id,
  );
  if (options.sessionOutput && options.sessionJson)
    throw new NonoError('usage', '--output is what the command has printed, which is no JSON of nono: without --json');
  const look = paint(options);
  const wanted = options.sessionFilter?.toLowerCase();
  if (options.sessionOutput && ![output, olderOutput].some((one) => existsSync(one)))
    throw new NonoError('session-state', `what ${session.session_id} prints is not kept`, {
      hint: 'only that of nono run --detached is',
    });
  // On a terminal nothing that a program has printed is obeyed; a pipe gets it as it was. Asked once: there may be millions of lines.
  const onTerminal = isTerminal(STDOUT);
  const printed = (line: string): string => (onTerminal ? visibleText(line) : line);
  const show = (lines: readonly string[]): readonly string[] => {
    const fitting = wanted === undefined ? lines : lines.filter((line) => line.toLowerCase().includes(wanted));
    if (options.sessionOutput) return fitting.map(printed);
    return options.sessionJson ? fitting : fitting.flatMap((line) => human(line, look) ?? []);
  };
  const print = (lines: readonly string[]): void => {
    if (lines.length > 0) answer(lines.map((line) => `${line}\n`).join(''));
  };
  // Printed as it is read: what a command has printed may be more than fits into memory.
  let last: string[] = [];
  const take = (lines: readonly string[]): void => {
    if (tail === undefined) print(show(lines));
    else last.push(...show(lines));
    if (tail !== undefined && last.length > 2 * tail + LINES_AT_ONCE) last = last.slice(last.length - tail);
  };
  if (!options.sessionOutput) {
    const older = new GrowingFile(olderEvents);
    for (const lines of older.lines()) take(lines);
  }
  const growing: Lines = options.sessionOutput ? new OutputLines(output) : new GrowingFile(events);
  for (const lines of growing.lines()) take(lines);
  if (!options.follow) take(growing.rest());
  print(tail === undefined ? [] : last.slice(Math.max(0, last.length - tail)));
  if (options.follow) await follow(growing, session, (lines) => print(show(lines)));
  return 0;
}

async function follow(growing: Lines, session: SessionRecord, take: (lines: readonly string[]) => void): Promise<void> {
  for (let live = true; live; ) {
    live = session.status !== 'exited' && hostLives(session);
    await new Promise((resolve) => setTimeout(resolve, live ? POLL_MS : 0));
    for (const lines of growing.lines()) take(lines);
  }
  take(growing.rest());
}
