/** The session registry: `<state>/sessions/<id>.json`, one writer each (the session's host), read by `ps` and the commands beside it. The directory is
 * nono's own state, which no sandboxed program reads, writes or connects to (src/policy/resolve/protection.ts). */
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../config/make-directories.ts';
import { ownState } from '../config/own-state.ts';
import { bootId, isStopped, isZombie, pidNamespace, startTimeOf } from '../platform/process-identity.ts';
import { olderOutput } from './kept-output.ts';
import { isSessionId, parseRecord, type SessionRecord } from './session-record.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const MAX_RECORD = 1024 * 1024;

export interface SessionFiles {
  readonly record: string;
  /** The record while it is written; left behind only by a host that was killed then. */
  readonly recordDraft: string;
  /** Where `nono attach` connects. */
  readonly socket: string;
  readonly events: string;
  /** What became of the events before those. */
  readonly olderEvents: string;
  /** What the command of a detached `run` has printed (kept-output.ts). */
  readonly output: string;
  readonly olderOutput: string;
}

export function sessionsDirectory(state: string): string {
  return join(state, 'sessions');
}

export function sessionFiles(state: string, id: string): SessionFiles {
  if (!isSessionId(id)) throw new TypeError(`not a session id: ${id}`);
  const base = join(sessionsDirectory(state), id);
  return {
    record: `${base}.json`,
    recordDraft: `${base}.json.tmp`,
    socket: `${base}.sock`,
    events: `${base}.events.ndjson`,
    olderEvents: `${base}.events.1.ndjson`,
    output: `${base}.output`,
    olderOutput: olderOutput(`${base}.output`),
  };
}

/** Makes the directory, for its owner only, also where it was left wider. Throws where it is not this user's. */
export function openRegistry(state: string): void {
  const directory = sessionsDirectory(ownState(state));
  makeDirectories(directory, DIRECTORY_MODE);
  if ((statSync(directory).mode & 0o077) !== 0) chmodSync(directory, DIRECTORY_MODE);
}

/** Atomic for readers; what cannot be written whole leaves the one before. Not synced to the disk: after a crash of the machine the session is gone as well. */
export function writeRecord(state: string, record: SessionRecord): void {
  const { record: file, recordDraft } = sessionFiles(state, record.session_id);
  try {
    writeFileSync(recordDraft, `${JSON.stringify(record, null, 2)}\n`, { mode: FILE_MODE });
    renameSync(recordDraft, file);
  } catch (error) {
    rmSync(recordDraft, { force: true });
    throw error;
  }
}

/** Whether the process that wrote the record still lives: the same number is not enough. */
export function hostLives(record: SessionRecord, boot: string = bootId()): boolean {
  const { host_pid, host_start, pid_namespace = pidNamespace() } = record;
  return (
    record.boot_id === boot &&
    pid_namespace === pidNamespace() &&
    startTimeOf(host_pid) === host_start &&
    !isZombie(host_pid)
  );
}

/** Not known to have ended: its host, which cannot be found here, may live in another container with the same state. Until the machine starts again, what is kept of it stays. */
export function mayLiveElsewhere(record: SessionRecord, boot: string = bootId()): boolean {
  const { ended, boot_id, pid_namespace } = record;
  return ended === null && boot_id === boot && pid_namespace !== undefined && pid_namespace !== pidNamespace();
}

/** A record as it holds now, whatever was last written. */
function asItIs(record: SessionRecord, boot: string): SessionRecord {
  if (record.status === 'exited') return record;
  if (!hostLives(record, boot)) return { ...record, status: 'exited', attachment: 'detached' };
  const stopped = record.child_pid !== null && isStopped(record.child_pid);
  return { ...record, status: stopped ? 'paused' : 'running' };
}

function readRecord(state: string, id: string, boot: string): SessionRecord | undefined {
  const { record: file } = sessionFiles(state, id);
  try {
    const { size, uid } = statSync(file);
    if (size > MAX_RECORD || uid !== process.geteuid?.()) return undefined;
    const found = parseRecord(readFileSync(file, 'utf8'));
    return found?.session_id === id ? asItIs(found, boot) : undefined;
  } catch {
    return undefined;
  }
}

function sessionIds(state: string): string[] {
  let names: readonly string[];
  try {
    names = readdirSync(sessionsDirectory(ownState(state)));
  } catch {
    return [];
  }
  return names.flatMap((name) => (name.endsWith('.json') && isSessionId(name.slice(0, -5)) ? [name.slice(0, -5)] : []));
}

/** All sessions, the newest first. */
export function listSessions(state: string): readonly SessionRecord[] {
  const boot = bootId();
  return sessionIds(state)
    .flatMap((id) => readRecord(state, id, boot) ?? [])
    .sort((a, b) => (a.started < b.started ? 1 : a.started > b.started ? -1 : b.host_pid - a.host_pid));
}

/** Takes away what is kept of a session that has ended. Throws where something of it stays. */
export function removeSession(state: string, id: string): void {
  // The record last: by it the rest is found another time.
  const { record, ...others } = sessionFiles(state, id);
  for (const file of [...Object.values(others), record]) rmSync(file, { force: true });
}

/**
 * Takes away what has ended of all sessions but the newest `keep`, once there are `slack` more. By their ids, which begin with their time: reading a
 * hundred records at the end of every session took longer than the rest of it.
 */
export function removeOldSessions(state: string, keep: number, slack: number): void {
  const ids = sessionIds(state);
  if (ids.length < keep + slack) return;
  const boot = bootId();
  for (const id of ids.sort().slice(0, -keep)) {
    const record = readRecord(state, id, boot);
    if (record?.status === 'exited' && !mayLiveElsewhere(record, boot)) removeSessionQuietly(state, id);
  }
}

/** The end of a session must not fail by one that ended long ago. */
export function removeSessionQuietly(state: string, id: string): void {
  try {
    removeSession(state, id);
  } catch {
    // Tried again at the end of the next one.
  }
}
