/** One nono at a time at a file. A lock whose owner died, or that is older than any edit takes, is taken over. */
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { NonoError } from '../platform/errors.ts';

const WAIT_MS = 5000;
const STALE_MS = 30_000;
const AGAIN_MS = 10;

/** What is done while another nono has the lock. */
export interface WhileLocked {
  /** It is waited for from now on; called once, with the number of its process where that can be read. */
  readonly waiting: (pid: number | undefined) => void;
  /** Nobody waits any more: nothing is written. */
  readonly signal: AbortSignal;
}

export function withLock<T>(lock: string, work: () => T, waitMs: number = WAIT_MS): T {
  const until = Date.now() + waitMs;
  while (!taken(lock)) {
    if (Date.now() > until) throw tooLong(lock, waitMs);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
  }
  return held(lock, work);
}

export async function withLockPatiently<T>(lock: string, work: () => T, wait: WhileLocked): Promise<T> {
  const until = Date.now() + WAIT_MS;
  for (let said = false; !taken(lock); said = true) {
    if (Date.now() > until) throw tooLong(lock, WAIT_MS);
    if (!said) wait.waiting(ownerOf(lock));
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    if (wait.signal.aborted) throw new NonoError('io', 'you gave up waiting for another nono');
  }
  return held(lock, work);
}

function held<T>(lock: string, work: () => T): T {
  try {
    return work();
  } finally {
    unlinkQuietly(lock);
  }
}

function tooLong(lock: string, waitMs: number): NonoError {
  return new NonoError('io', `${lock}: another nono has held this lock for ${waitMs / 1000} s`, {
    hint: 'try again, or remove the lock file if no nono is running',
  });
}

/** Whether it is ours now; one that nobody holds any more is taken away first. */
function taken(lock: string): boolean {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      takeLock(lock);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const stale = staleLock(lock);
    if (stale === undefined) return false;
    takeAway(lock, stale);
  }
  return false;
}

/** node:crypto takes milliseconds to load; commands that only read do not need it. */
function randomName(): string {
  return process.getBuiltinModule('node:crypto').randomBytes(6).toString('hex');
}

/**
 * The lock appears with its owner's number in it: made in two steps, one that was killed between them, or for whose number the disk had no room, would be nobody's, and
 * every save would wait for it to grow old.
 */
function takeLock(lock: string): void {
  const temporary = `${lock}.${process.pid}.${randomName()}`;
  try {
    writeFileSync(temporary, String(process.pid), { flag: 'wx', mode: 0o600 });
    linkSync(temporary, lock);
  } finally {
    unlinkQuietly(temporary);
  }
}

/** Undefined when it cannot be read, or is damaged: nobody can be asked, so only its age counts. */
function ownerOf(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The inode of a lock that nobody holds any more. */
function staleLock(lock: string): number | undefined {
  const stat = statSync(lock, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (Date.now() - stat.mtimeMs > STALE_MS) return stat.ino;
  const pid = ownerOf(lock);
  if (pid === undefined) return undefined;
  try {
    process.kill(pid, 0);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? stat.ino : undefined;
  }
}

/** Renamed before it is removed: if another waiter was faster, what was renamed is its new lock, and is put back. */
function takeAway(lock: string, stale: number): void {
  const grave = `${lock}.${process.pid}.${randomName()}`;
  try {
    renameSync(lock, grave);
    if (statSync(grave).ino !== stale) linkSync(grave, lock);
  } catch {
    // Gone, or a third one holds it now: the caller tries again.
  }
  unlinkQuietly(grave);
}

export function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Renamed or never there.
  }
}
