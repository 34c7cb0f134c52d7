/** A plan that outlives this process for the moment between its exec and the launcher's first read. */
import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { makeDirectories } from '../../config/make-directories.ts';
import { NonoError } from '../../platform/errors.ts';

/** Whether only this user can enter: another user's plan would be another user's policy. Undefined when it does not exist. */
function isPrivate(directory: string): boolean | undefined {
  const stat = statSync(directory, { throwIfNoEntry: false });
  return stat?.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}

function attempt(directory: string, name: string, plan: Buffer): string | undefined {
  try {
    if (isPrivate(directory) === undefined) makeDirectories(directory, 0o700);
    if (isPrivate(directory) !== true) return undefined;
    const file = join(directory, name);
    writeFileSync(file, plan, { flag: 'wx', mode: 0o600 });
    return file;
  } catch {
    return undefined; // not ours to write: the next place
  }
}

/** Whether nobody else can put another file in the place of one that this user has made there: in no directory above it either. */
function keepsFiles(directory: string): boolean {
  for (let at = realpathSync(directory); ; at = dirname(at)) {
    const { uid, mode } = statSync(at);
    const ours = uid === 0 || uid === process.getuid?.();
    if (!ours || ((mode & 0o022) !== 0 && (mode & 0o1000) === 0)) return false;
    if (at === dirname(at)) return true;
  }
}

/** Sessions of this user may write there as well, and put another plan in its place: whoever reads it again is told what was written. */
function attemptShared(directory: string, name: string, plan: Buffer): readonly string[] {
  if (!keepsFiles(directory)) throw new Error(`other users can replace files in ${directory}`);
  // 3 ms to load (decision 15): only here.
  const { createHash, randomUUID } = process.getBuiltinModule('node:crypto');
  const file = join(directory, `nono-${name}-${randomUUID()}`);
  writeFileSync(file, plan, { flag: 'wx', mode: 0o600 });
  return ['--plan', file, '--plan-digest', createHash('sha256').update(plan).digest('hex')];
}

function written(plan: Buffer): readonly string[] {
  const { runtime, state } = nonoDirectories(process.env);
  // The directory is private, and closed to every session; the file must be new: the name only has to differ from those of other starts.
  const name = `plan-${process.pid}-${process.hrtime.bigint().toString(36)}`;
  for (const directory of [runtime, state]) {
    const file = directory === undefined ? undefined : attempt(directory, name, plan);
    if (file !== undefined) return ['--plan', file];
  }
  const { tmpdir } = process.getBuiltinModule('node:os');
  try {
    return attemptShared(tmpdir(), name, plan);
  } catch (cause) {
    throw new NonoError('io', `no private directory for the plan: neither ${state} nor ${tmpdir()} can be written`, {
      cause,
    });
  }
}

/** Writes the plan where no other user can read or change it, and returns the launcher's words: it takes what was written and nothing else, and removes the file. */
export function writePlanFile(plan: Buffer): readonly string[] {
  return [...written(plan), '--unlink-plan'];
}
