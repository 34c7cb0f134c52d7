/**
 * Directories that a test process makes go when it ends; and what a process made that was killed goes when the next one makes any. Each process keeps a list of its own,
 * named by its number and start, so that a number used again is not taken for it; of a process that cannot be seen from here (another boot, another PID namespace) nothing is touched.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bootId, isZombie, startTimeOf } from '../../src/platform/process-identity.ts';

/** What makes a directory one of a test's, beside standing in a list. */
const OURS = /^(?:nono-|config-|door-)[\w.-]+$/;
/** A session that was hung up writes its last words, into a home that would be made again. */
const LAST_WORDS_MS = 500;
const GONE_MS = 3000;

const made: string[] = [];
let list: string | undefined;

/** Whose numbers the processes here have. */
function here(): string {
  return `${bootId()} ${readlinkSync('/proc/self/ns/pid')}`;
}

/** Where the lists are; undefined where another user could have put them there. */
function listsDirectory(above = tmpdir()): string | undefined {
  const directory = join(above, `nono-test-runs-${process.getuid?.()}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const stat = lstatSync(directory);
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0 ? directory : undefined;
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Processes that were started with one of these as their home. */
function inhabitants(homes: ReadonlySet<string>): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const home = readFileSync(`/proc/${name}/environ`, 'latin1')
        .split('\0')
        .find((variable) => variable.startsWith('HOME='));
      return home !== undefined && homes.has(home.slice(5)) && !isZombie(Number(name)) ? [Number(name)] : [];
    } catch {
      return []; // Gone, or another user's.
    }
  });
}

/** rm walks by descriptors: a program that lives on cannot lead it elsewhere. What is mounted there stays. */
function remove(directories: readonly string[]): void {
  if (directories.length > 0) spawnSync('rm', ['-rf', '--one-file-system', '--', ...directories]);
}

/** Until nobody of these lives, or the time is over. */
function untilGone(homes: ReadonlySet<string>, milliseconds: number): readonly number[] {
  for (const deadline = Date.now() + milliseconds; ; pause(20)) {
    const left = inhabitants(homes);
    if (left.length === 0 || Date.now() > deadline) return left;
  }
}

function end(): void {
  const homes = new Set(made);
  for (const pid of untilGone(homes, LAST_WORDS_MS))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {} // Gone meanwhile.
  untilGone(homes, GONE_MS);
  remove(made);
  if (list !== undefined) rmSync(list, { force: true });
}

/** Removes what the dead left, as far as their lists in this directory say; where somebody still lives in it, it is left to a later run. */
function sweep(lists: string): void {
  for (const name of readdirSync(lists)) {
    const [pid = '', start] = name.split('-');
    const file = join(lists, name);
    let lines: readonly string[];
    try {
      lines = readFileSync(file, 'utf8').split('\n');
    } catch {
      continue; // Another run has done it.
    }
    const [where, ...directories] = lines.filter((line) => line !== '');
    if (where !== here() || startTimeOf(Number(pid)) === start) continue;
    const left = directories.filter((path) => OURS.test(basename(path)) && existsSync(path));
    if (inhabitants(new Set(left)).length > 0) continue;
    remove(left);
    if (left.every((path) => !existsSync(path))) rmSync(file, { force: true });
  }
}

/** One listener for all: a file of tests makes more of them than Node takes for a leak. */
export function removeAtEnd(directory: string): void {
  if (made.length === 0) {
    process.on('exit', end);
    const lists = listsDirectory();
    if (lists !== undefined) {
      sweep(lists);
      list = join(lists, `${process.pid}-${startTimeOf('self')}`);
      writeFileSync(list, `${here()}\n`, { mode: 0o600 });
    }
  }
  made.push(directory);
  if (list !== undefined) appendFileSync(list, `${directory}\n`);
}
