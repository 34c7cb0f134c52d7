/** `nono stop` and `nono prune`: the end of sessions, and of what is kept of them. */
import { nonoDirectories } from '../../config/directories.ts';
import { ownState } from '../../config/own-state.ts';
import { NonoError } from '../../platform/errors.ts';
import type { SessionRecord } from '../../registry/session-record.ts';
import { hostLives, listSessions, mayLiveElsewhere, removeSession } from '../../registry/session-store.ts';
import { answer } from '../output/output.ts';
import type { Options } from '../tables/flags.ts';
import { overError, sessionNamed } from './session-list.ts';
import { ageOf, countOf, secondsOf } from './session-values.ts';

const DEFAULT_TIMEOUT_S = 10;
const KILL_WAIT_MS = 5000;
const POLL_MS = 25;

/** True when the session's host is gone within the time. */
async function gone(session: SessionRecord, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; hostLives(session); ) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

/** Only to the process that wrote the record: by pid and start time, asked right before. */
function signal(session: SessionRecord, name: NodeJS.Signals): void {
  if (!hostLives(session)) return;
  try {
    process.kill(session.host_pid, name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new NonoError('session-state', `${session.session_id}: its process ${session.host_pid} cannot be signalled`, {
      cause,
    });
  }
}

export async function stop(typed: string, options: Options): Promise<number> {
  const seconds = options.stopTimeout === undefined ? DEFAULT_TIMEOUT_S : secondsOf('--timeout', options.stopTimeout);
  const session = sessionNamed(typed);
  const id = session.session_id;
  if (session.status === 'exited') throw overError(session, 'has ended already');
  signal(session, 'SIGTERM');
  // A stopped host takes no signal but this one.
  signal(session, 'SIGCONT');
  if (!(await gone(session, seconds * 1000))) {
    if (!options.stopForce)
      throw new NonoError('session-state', `${id} has not ended within ${seconds} s`, {
        hint: `nono stop --force ${id} kills it`,
      });
    // The supervisor sees its socket closed, denies what is held and kills everything inside.
    signal(session, 'SIGKILL');
    if (!(await gone(session, KILL_WAIT_MS))) throw new NonoError('session-state', `${id} does not end, even killed`);
  }
  answer(`stopped ${id}\n`);
  return 0;
}

export function prune(options: Options): number {
  const age = options.olderThan === undefined ? 0 : ageOf('--older-than', options.olderThan);
  const keep = options.keep === undefined ? 0 : countOf('--keep', options.keep);
  const state = ownState(nonoDirectories(process.env).state);
  const now = Date.now();
  const old = listSessions(state)
    .filter((session) => session.status === 'exited' && !mayLiveElsewhere(session))
    .slice(keep)
    .filter((session) => now - Date.parse(session.ended ?? session.started) >= age);
  if (!options.pruneDryRun) for (const { session_id } of old) removeSession(state, session_id);
  if (options.sessionJson) {
    answer(
      `${JSON.stringify(
        old.map((session) => session.session_id),
        null,
        2,
      )}\n`,
    );
    return 0;
  }
  const what = `${old.length} session${old.length === 1 ? '' : 's'}`;
  const list = old.map((session) => `  ${session.session_id}\n`).join('');
  answer(options.pruneDryRun ? `would forget ${what}\n${list}` : `forgot ${what}\n`);
  return 0;
}
