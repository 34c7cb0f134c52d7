/** `nono ps` and `nono inspect`: what runs, and what is known of one session. */
import { readdirSync } from 'node:fs';
import { nonoDirectories } from '../../config/directories.ts';
import { ownState } from '../../config/own-state.ts';
import { NonoError } from '../../platform/errors.ts';
import { findSession } from '../../registry/find-session.ts';
import type { SessionRecord } from '../../registry/session-record.ts';
import { listSessions, mayLiveElsewhere, sessionsDirectory } from '../../registry/session-store.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { outputWidth } from '../output/columns.ts';
import { answer } from '../output/output.ts';
import { paint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';
import { agoText } from './session-values.ts';

/** Throws where nobody can tell, as inside a session: that would not be the same as none. */
function sessionsOfUser(): readonly SessionRecord[] {
  const state = ownState(nonoDirectories(process.env).state);
  const directory = sessionsDirectory(state);
  try {
    readdirSync(directory);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new NonoError('io', `${directory}: cannot be read (${code})`, {
        cause,
        hint: 'inside a session: ask outside; else check its permissions',
      });
  }
  return listSessions(state);
}

/** The session that the user means; throws NonoError for none. */
export function sessionNamed(typed: string): SessionRecord {
  return findSession(sessionsOfUser(), typed);
}

function matches(session: SessionRecord, text: string): boolean {
  const { session_id, name, profile, workdir, command, status, attachment } = session;
  const all = [session_id, name ?? '', profile, workdir, command.join(' '), status, attachment];
  return all.some((field) => field.toLowerCase().includes(text.toLowerCase()));
}

function statusText(session: SessionRecord): string {
  const { status, attachment, exit_code, attachable } = session;
  if (status === 'exited' && mayLiveElsewhere(session)) return 'elsewhere';
  if (status === 'exited') return exit_code === null ? 'ended' : `exited ${exit_code}`;
  return attachable && attachment === 'detached' ? `${status}, detached` : status;
}

/** Why nothing can be done to a session that is not seen to run. */
export function overError(session: SessionRecord, otherwise: string): NonoError {
  const { session_id } = session;
  return mayLiveElsewhere(session)
    ? new NonoError('session-state', `${session_id} was started in another container, and cannot be seen from here`, {
        hint: 'there, nono ps lists it',
      })
    : new NonoError('session-state', `${session_id} ${otherwise}`, { hint: 'nono ps lists what runs' });
}

const HEAD = ['SESSION', 'NAME', 'STATUS', 'AGE', 'PROFILE', 'COMMAND'] as const;
const COMMAND_AT = HEAD.length - 1;

/** Nothing is cut but the command, and that only on a terminal. */
function table(rows: readonly (readonly string[])[], width: number): string[] {
  const all: readonly (readonly string[])[] = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) => {
    const line = row
      .map((cell, column) => (column === COMMAND_AT ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
    return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line.trimEnd();
  });
}

/** For a session that no relay can take. */
export function whyNotAttachable({ attachment }: SessionRecord): string {
  return attachment === 'detached' ? 'a command of nono run has no screen' : 'it uses the terminal it was started on';
}

export function ps(options: Options): number {
  const shown = sessionsOfUser()
    .filter((session) => options.allSessions || session.status !== 'exited')
    .filter((session) => options.sessionFilter === undefined || matches(session, options.sessionFilter));
  if (options.sessionJson) {
    answer(`${JSON.stringify(shown, null, 2)}\n`);
    return 0;
  }
  const look = paint(options);
  if (shown.length === 0) {
    answer(
      `no ${options.allSessions ? '' : 'running '}sessions${options.sessionFilter === undefined ? '' : ' with that text'}\n`,
    );
    return 0;
  }
  const rows = shown.map((session) => [
    session.session_id,
    session.name ?? '-',
    statusText(session),
    agoText(Date.now() - Date.parse(session.started)),
    visibleText(session.profile),
    visibleText(session.command.join(' ')),
  ]);
  const [head = '', ...lines] = table(rows, outputWidth());
  answer(`${[look.bold(head), ...lines].join('\n')}\n`);
  return 0;
}

export function inspectSession(typed: string, options: Options): number {
  const session = sessionNamed(typed);
  if (options.sessionJson) {
    answer(`${JSON.stringify(session, null, 2)}\n`);
    return 0;
  }
  const look = paint(options);
  const row = (label: string, value: string | number | null): string =>
    `  ${look.label(`${label}:`.padEnd(12))} ${value === null ? '-' : visibleText(String(value))}`;
  answer(
    `${[
      look.bold(`nono inspect: ${session.session_id}`),
      '',
      row('Name', session.name),
      row('Status', statusText(session)),
      row('Started', session.started),
      row('Ended', session.ended),
      row('Command', session.command.join(' ')),
      row('Profile', session.profile),
      row('Directory', session.workdir),
      row('Network', session.network),
      row('Attach', session.attachable ? `nono attach ${session.session_id}` : `no (${whyNotAttachable(session)})`),
      row(
        'Processes',
        `host ${session.host_pid}, supervisor ${session.supervisor_pid ?? '-'}, command ${session.child_pid ?? '-'}`,
      ),
    ].join('\n')}\n`,
  );
  return 0;
}
