/** Changes a file that a person may be editing at the same moment: nothing half-written is ever seen, and no edit of theirs is lost. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NonoError } from '../platform/errors.ts';
import { cannotWrite } from './cannot-write.ts';
import { makeDirectories } from './make-directories.ts';
import { namesBeside } from './names-beside.ts';
import { readTextFile } from './read-text.ts';

export interface FileUpdate {
  /** The file itself, where links lead. */
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string;
}

const MAX_TRIES = 50;
const LOCK_WAIT_MS = 5000;
const LOCK_STALE_MS = 30_000;

/**
 * Replaces a file's text by `transform(current text)`, which may be called again when somebody else wrote meanwhile. A link is followed and
 * what it leads to is replaced beside itself; mode and owner stay; a new file is for its owner only.
 */
export function updateFile(file: string, transform: (current: string | undefined) => string): FileUpdate {
  try {
    const target = place(file);
    return withLock(target, () => {
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const before = readTextFile(target);
        const after = transform(before);
        if (after === before || replace(target, before, after)) return { file: target, before, after };
      }
      throw new NonoError('io', `${target}: somebody else keeps writing this file`, {
        hint: 'close other programs that write it',
      });
    });
  } catch (error) {
    if (error instanceof NonoError) throw error;
    throw cannotWrite(file, error);
  }
}

/** node:crypto takes milliseconds to load; commands that only read do not need it. */
function randomName(): string {
  return process.getBuiltinModule('node:crypto').randomBytes(6).toString('hex');
}

/** Where the file really is; its directory is made if there is none. */
function place(file: string): string {
  makeDirectories(dirname(file), 0o700);
  try {
    return realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) throw new NonoError('io', `${file}: is a link that leads nowhere`);
    // Somebody made it between the two questions.
    if (found !== undefined) return realpathSync(file);
    return join(realpathSync(dirname(file)), basename(file));
  }
}

/** Writes beside the file and renames over it, unless it is no longer what it was when `after` was made from it. */
function replace(target: string, before: string | undefined, after: string): boolean {
  const temporary = namesBeside(target).fresh;
  // Left by one that was killed: nobody else is here while the lock is held.
  unlinkQuietly(temporary);
  const old = statSync(target, { throwIfNoEntry: false });
  const fd = openSync(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    let written: number;
    try {
      if (old) keepOwnerAndMode(fd, old);
      writeFileSync(fd, after);
      fsyncSync(fd);
      written = fstatSync(fd).ino;
    } finally {
      closeSync(fd);
    }
    if (readTextFile(target) !== before) return false;
    // Another nono took the lock over, because this one was stopped for long: what has the name now is not finished.
    if (lstatSync(temporary, { throwIfNoEntry: false })?.ino !== written) return false;
    // A new file must not replace one that appeared meanwhile: link, unlike rename, refuses.
    if (before === undefined) linkSync(temporary, target);
    else renameSync(temporary, target);
    syncDirectory(dirname(target));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && before === undefined) return false;
    throw error;
  } finally {
    unlinkQuietly(temporary);
  }
}

function keepOwnerAndMode(fd: number, old: Stats): void {
  const mine = fstatSync(fd);
  if (mine.uid !== old.uid || mine.gid !== old.gid) fchownSync(fd, old.uid, old.gid);
  fchmodSync(fd, old.mode & 0o7777);
}

function syncDirectory(dir: string): void {
  const fd = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Renamed or never there.
  }
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

/** One nono at a time. A lock whose owner died, or that is older than any edit takes, is taken over. */
function withLock<T>(target: string, work: () => T): T {
  const { lock } = namesBeside(target);
  const until = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      takeLock(lock);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const stale = staleLock(lock);
      if (stale !== undefined) takeAway(lock, stale);
      else if (Date.now() > until) {
        throw new NonoError('io', `${lock}: another nono has held this lock for ${LOCK_WAIT_MS / 1000} s`, {
          hint: 'try again, or remove the lock file if no nono is running',
        });
      } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  try {
    return work();
  } finally {
    unlinkQuietly(lock);
  }
}

/** The inode of a lock that nobody holds any more. */
function staleLock(lock: string): number | undefined {
  const stat = statSync(lock, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (Date.now() - stat.mtimeMs > LOCK_STALE_MS) return stat.ino;
  let pid: number;
  try {
    pid = Number(readFileSync(lock, 'utf8'));
  } catch {
    return undefined;
  }
  // Damaged: nobody can be asked, so only its age counts.
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
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
