/** node:fs, as far as making a plan needs it. A function that is missing here is an error of the build; one that changes something gives up. */
import { type Facts, host } from '../host.ts';
import { resolve } from './path.ts';

/** What may be said of a path, which is an answer (asm-generic/errno-base.h and errno.h). A full table or a broken disk is none: policy code would take it for one. */
const names: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  6: 'ENXIO',
  13: 'EACCES',
  20: 'ENOTDIR',
  21: 'EISDIR',
  22: 'EINVAL',
  36: 'ENAMETOOLONG',
  40: 'ELOOP',
};
const ENOENT = 2;
const ENOTDIR = 20;
const ENAMETOOLONG = 36;
const ELOOP = 40;

function failure(errno: number, call: string, path: string | number): Error {
  const code = names[errno] ?? host.giveUp(`errno ${errno}`);
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code });
}

function answered<T>(answer: T | number, call: string, path: string | number): T {
  if (typeof answer === 'number') throw failure(answer, call, path);
  return answer;
}

const FORMAT = 0o170_000;

/** stat(2), as Stats and Dirent of Node have it. */
class Kinds {
  readonly mode: number;

  constructor(mode: number) {
    this.mode = mode;
  }
  isDirectory(): boolean {
    return (this.mode & FORMAT) === 0o040_000;
  }
  isFile(): boolean {
    return (this.mode & FORMAT) === 0o100_000;
  }
  isSymbolicLink(): boolean {
    return (this.mode & FORMAT) === 0o120_000;
  }
  isCharacterDevice(): boolean {
    return (this.mode & FORMAT) === 0o020_000;
  }
  isBlockDevice(): boolean {
    return (this.mode & FORMAT) === 0o060_000;
  }
  isSocket(): boolean {
    return (this.mode & FORMAT) === 0o140_000;
  }
}

export class Dirent extends Kinds {
  readonly name: string;

  constructor(name: string, mode: number) {
    super(mode);
    this.name = name;
  }
}

export class Stats extends Kinds {
  readonly #facts: Facts;

  constructor(facts: Facts) {
    super(facts[0]);
    this.#facts = facts;
  }
  // Of two hundred only the kind is asked for.
  get dev(): number {
    return this.#facts[1];
  }
  get ino(): number {
    return this.#facts[2];
  }
  get nlink(): number {
    return this.#facts[3];
  }
  get uid(): number {
    return this.#facts[4];
  }
  get size(): number {
    return this.#facts[5];
  }
  get rdev(): number {
    return this.#facts[6];
  }
}

const STDERR = 2;
const never: readonly number[] = [];
const noEntry = [ENOENT];
const nothingThere = [ENOENT, ENOTDIR];

interface Throwing {
  readonly throwIfNoEntry?: boolean;
}

function look(answer: Facts | number, call: string, path: string, absent: readonly number[]): Stats | undefined {
  if (typeof answer !== 'number') return new Stats(answer);
  if (absent.includes(answer)) return undefined;
  throw failure(answer, call, path);
}

/** Below a file there is nothing: Node throws that here, and takes it for an answer in `statSync`. */
export function lstatSync(path: string, options?: Throwing): Stats | undefined {
  return look(host.lstat(path), 'lstat', path, options?.throwIfNoEntry === false ? noEntry : never);
}

export function statSync(path: string, options?: Throwing): Stats | undefined {
  return look(host.stat(path), 'stat', path, options?.throwIfNoEntry === false ? nothingThere : never);
}

export function fstatSync(fd: number): Stats {
  return new Stats(answered(host.fstat(fd), 'fstat', fd));
}

export function existsSync(path: string): boolean {
  const answer = host.access(path, 0);
  if (answer !== true && names[answer] === undefined) host.giveUp(`errno ${answer}`);
  return answer === true;
}

export function accessSync(path: string, mode: number): void {
  answered(host.access(path, mode), 'access', path);
}

export function readlinkSync(path: string): string {
  return answered(host.readLink(path), 'readlink', path);
}

/** Node takes `..` and slashes off the text before it follows a link, and follows more links than the C library does. */
export function realpathSync(path: string): string {
  const answer = host.realPath(resolve(path));
  if (answer === ELOOP || answer === ENAMETOOLONG) host.giveUp('a path that only Node follows');
  return answered(answer, 'realpath', path);
}

export function readdirSync(path: string, options?: { readonly withFileTypes?: boolean }): (string | Dirent)[] {
  const listed = answered(host.readDirectory(path), 'scandir', path);
  const entries: (string | Dirent)[] = [];
  for (let at = 0; at < listed.length; at += 2) {
    const name = listed[at] as string;
    entries.push(options?.withFileTypes ? new Dirent(name, listed[at + 1] as number) : name);
  }
  return entries;
}

/** Text: without an encoding nothing of ours reads a file. */
export function readFileSync(path: string | number, encoding: 'utf8' | 'latin1'): string {
  if (typeof path !== 'string' || encoding === undefined) return host.giveUp('a file as bytes');
  return answered(host.readFile(path, encoding === 'latin1'), 'open', path);
}

export function openSync(path: string, flags: number): number {
  return answered(host.open(path, flags), 'open', path)[0];
}

export function closeSync(fd: number): void {
  host.close(fd);
}

/** Not what the user types: the question would not be on the screen, and the answer gone. */
export function readSync(fd: number, into: Uint8Array, at: number, length: number): number {
  if (fd <= STDERR) return host.giveUp('a question');
  return answered(host.read(fd, into, at, length), 'read', fd)[0];
}

/** What is said on standard error is said by the launcher, with the plan; nothing else is written. */
export function writeSync(fd: number, bytes: Uint8Array): number {
  return fd === STDERR ? bytes.length : host.giveUp('writing');
}

/** Not made: the launcher makes the one of the session, and nothing of it is asked here (src/policy/resolve/session-directory.ts). */
export function mkdtempSync(prefix: string): string {
  return `${prefix}AAAAAA`;
}

const changes = (what: string) => (): never => host.giveUp(what);
export const mkdirSync = changes('mkdir');
export const writeFileSync = changes('writeFile');
export const read = changes('read');

/** Of open(2) and access(2); what Node has beside them is for writing, and gives up in `open`. */
export const constants = {
  X_OK: host.X_OK,
  S_IFDIR: 0o040_000,
  O_RDONLY: host.O_RDONLY,
  O_NONBLOCK: host.O_NONBLOCK,
  O_NOCTTY: host.O_NOCTTY,
  O_WRONLY: 1,
  O_CREAT: 64,
  O_APPEND: 1024,
  O_NOFOLLOW: 131_072,
};
