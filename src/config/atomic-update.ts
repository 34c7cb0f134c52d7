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
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NonoError } from '../platform/errors.ts';
import { cannotWrite } from './cannot-write.ts';
import { unlinkQuietly, type WhileLocked, withLock, withLockPatiently } from './file-lock.ts';
import { makeDirectories } from './make-directories.ts';
import { namesBeside } from './names-beside.ts';
import { readTextFile } from './read-text.ts';

export interface FileUpdate {
  /** The file itself, where links lead. */
  readonly file: string;
  readonly before: string | undefined;
  /** Undefined: there is no file. */
  readonly after: string | undefined;
}

const MAX_TRIES = 50;
/** For what may as well be lost: nobody at a screen is kept from working for it. */
export const A_MOMENT_MS = 100;

type Transform = (current: string | undefined) => string | undefined;

/**
 * Replaces a file's text by `transform(current text)`, which may be called again when somebody else wrote meanwhile; undefined takes the file away. A link is followed and
 * what it leads to is replaced beside itself; mode and owner stay; a new file is for its owner only. Another nono that writes it is waited for, and nothing else goes on
 * in this process meanwhile.
 */
export function updateFile(file: string, transform: Transform, waitMs?: number): FileUpdate {
  try {
    const target = place(file);
    return withLock(namesBeside(target).lock, () => update(target, transform), waitMs);
  } catch (error) {
    throw toldAbout(file, error);
  }
}

/** The same for one who has a screen to keep alive: everything else goes on while another nono is waited for, and the wait can be given up. */
export async function updateFilePatiently(file: string, transform: Transform, wait: WhileLocked): Promise<FileUpdate> {
  try {
    const target = place(file);
    return await withLockPatiently(namesBeside(target).lock, () => update(target, transform), wait);
  } catch (error) {
    throw toldAbout(file, error);
  }
}

function toldAbout(file: string, error: unknown): unknown {
  return error instanceof NonoError ? error : cannotWrite(file, error);
}

/** The lock is held. */
function update(target: string, transform: Transform): FileUpdate {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const before = readTextFile(target);
    const after = transform(before);
    if (after === before || (after === undefined ? takeAway(target, before) : replace(target, before, after)))
      return { file: target, before, after };
  }
  throw new NonoError('io', `${target}: somebody else keeps writing this file`, {
    hint: 'close other programs that write it',
  });
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

/** Renamed before it is removed: if it is no longer what it was when that was decided, it is put back. */
function takeAway(target: string, before: string | undefined): boolean {
  const grave = namesBeside(target).fresh;
  unlinkQuietly(grave);
  try {
    renameSync(target, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  let same = false;
  try {
    same = readTextFile(grave) === before;
    if (!same) linkSync(grave, target);
  } catch (error) {
    // Somebody wrote a new one since: that one stays.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  unlinkQuietly(grave);
  syncDirectory(dirname(target));
  return same;
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
