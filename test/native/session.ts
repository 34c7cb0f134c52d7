/** One sandboxed session driven by a test: nono-launch under a plan, its events as a list, and an actor inside that performs system calls on demand. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants as constants_,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApprovalMode,
  FLOOR_READ_TREE,
  FLOOR_WRITE_TREE,
  floorRight,
  optionFlag,
  type RuleAccess,
  type RuleKind,
  type RuleVerdict,
} from '../../src/sandbox/linux/constants.ts';
import { encodePlan, type FloorRule, type Plan } from '../../src/sandbox/linux/plan-format.ts';
import {
  EventDecoder,
  encodeCommand,
  type SupervisorCommand,
  type SupervisorEvent,
} from '../../src/sandbox/linux/wire.ts';
import { fixture as compile } from '../helpers/compile.ts';
import { removeAtEnd } from '../helpers/left-behind.ts';
import { root, type TestUser } from '../helpers/users.ts';

const programs = new Map<string, string>();
/** test/fixtures/NAME.c, compiled once. */
export function fixture(name: string): string {
  const known = programs.get(name) ?? compile(name);
  programs.set(name, known);
  return known;
}

/** Errno by number, as the tests name it. */
export const errnoName = (n: number): string =>
  Object.entries(constants.errno).find(([, v]) => v === n)?.[0] ?? String(n);

const READ_ROOTS = ['/usr', '/lib', '/lib64', '/bin', '/sbin', '/etc/ld.so.cache'];

let copied: string | undefined;

/** The launcher under test, where every user can execute it. NONO_TEST_LAUNCHER names another build (the sanitizer one). */
export function launcher(): string {
  if (copied === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'nono-native-'));
    chmodSync(dir, 0o755);
    removeAtEnd(dir);
    copied = join(dir, 'nono-launch');
    copyFileSync(process.env['NONO_TEST_LAUNCHER'] ?? join(root, 'native/build/nono-launch'), copied);
    chmodSync(copied, 0o755);
  }
  return copied;
}

/** A world for one test: /work is granted, /secret is not; the names are the directories' real paths. */
export interface World {
  readonly base: string;
  readonly work: string;
  readonly outside: string;
  write(path: string, text: string, mode?: number): string;
  /** Everything in it becomes the user's, however it was made. */
  own(): void;
}

/** A directory in memory, where this machine has one: ten thousands of directories are there and gone at once, which on a disk takes most of a minute. */
export function inMemory(): string {
  const shared = '/dev/shm';
  try {
    accessSync(shared, constants_.W_OK | constants_.X_OK);
    return shared;
  } catch {
    return tmpdir();
  }
}

/** For what makes and removes files by the thousand, as each of them costs most on a disk: in memory; on the disk with another launcher, as the sanitizers' run of `npm run test:fuzz` has it. */
export const quickly = (): string => (process.env['NONO_TEST_LAUNCHER'] === undefined ? inMemory() : tmpdir());

/** Directories owned by the user, removed when the test process ends. `floor`: on the Landlock floor; `work`: granted but off the floor, so brokered. */
export function makeWorld(user: TestUser, above: string = tmpdir()): World {
  const base = realpathSync(mkdtempSync(join(above, 'nono-world-')));
  chmodSync(base, 0o755);
  const own = (path: string): string => {
    if (user.uid !== process.getuid?.()) chownSync(path, user.uid, user.uid);
    return path;
  };
  own(base);
  removeAtEnd(base);
  const dir = (name: string): string => {
    mkdirSync(join(base, name), { recursive: true });
    return own(join(base, name));
  };
  const write = (path: string, text: string, mode = 0o644): string => {
    const full = join(base, path);
    mkdirSync(dirname(full), { recursive: true });
    for (let at = dirname(full); at !== base; at = dirname(at)) own(at);
    writeFileSync(full, text, { mode });
    return own(full);
  };
  const ownAll = (): void => {
    if (user.uid !== process.getuid?.()) spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, base]);
  };
  return { base, work: dir('work'), outside: dir('outside'), write, own: ownAll };
}

let library: string | undefined;

/** The fast path's library as it is installed, where every user can read it. */
export function fastPathLibrary(): string {
  if (library === undefined) {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'nono-fast-path-')));
    chmodSync(dir, 0o755);
    removeAtEnd(dir);
    library = join(dir, 'nono-fast-path.so');
    copyFileSync(join(root, 'native/build/nono-fast-path.so'), library);
    mkdirSync(join(dir, 'libasan.so'));
  }
  return library;
}

export interface RuleText {
  readonly verdict: RuleVerdict;
  readonly access?: RuleAccess;
  readonly kind?: RuleKind;
  readonly path: string;
}

export interface PlanText {
  readonly rules?: readonly RuleText[];
  /** Paths on the floor with everything but devices, besides what programs need to run. */
  readonly floor?: readonly string[];
  readonly readFloor?: readonly string[];
  /** On the floor with these rights and no others. */
  readonly floorRights?: readonly FloorRule[];
  readonly mode?: ApprovalMode;
  readonly flags?: number;
  readonly capabilities?: bigint;
  readonly env?: readonly string[];
  readonly cwd?: string;
  /** True: calls on the floor are not trapped, by the library that is built. A path: another library. */
  readonly fastPath?: boolean | string;
}

/** The capabilities that a root command keeps in these tests: file ownership and identity, nothing over the machine. */
export const TEST_CAPABILITIES = 0xffn;

export function plan(text: PlanText): Plan {
  const preload = text.fastPath === true ? fastPathLibrary() : text.fastPath || undefined;
  const built = preload === library && preload !== undefined ? [preload] : [];
  const read = [...READ_ROOTS, dirname(fixture('actor')), ...built, ...(text.readFloor ?? [])];
  const flags = text.flags ?? optionFlag.supervise | optionFlag.scopeSignal | optionFlag.scopeAbstractUnix;
  return {
    options: {
      flags: flags | (preload === undefined ? 0 : optionFlag.fastPath),
      mode: text.mode ?? 'deny',
      minimumAbi: 1,
      capabilities: text.capabilities ?? TEST_CAPABILITIES,
    },
    floor: [
      ...read.map((path) => ({ path: realpathSync(path), rights: FLOOR_READ_TREE })),
      { path: '/dev/null', rights: floorRight.readFile | floorRight.writeFile },
      ...(text.floor ?? []).map((path) => ({ path, rights: FLOOR_READ_TREE | FLOOR_WRITE_TREE })),
      ...(text.floorRights ?? []),
    ],
    rules: [
      ...READ_ROOTS.map((path): RuleText => ({ verdict: 'allow', access: 'read', path })),
      ...(text.floor ?? []).map((path): RuleText => ({ verdict: 'allow', access: 'readwrite', path })),
      ...(text.rules ?? []),
    ].map((r, id) => ({
      id,
      verdict: r.verdict,
      kind: r.kind ?? 'tree',
      access: r.access ?? 'readwrite',
      path: r.path,
    })),
    env: text.env ?? ['PATH=/usr/bin:/bin'],
    cwd: text.cwd,
    preload,
  };
}

/** What one call inside answered. */
export interface Answer {
  readonly ret: number;
  /** Name of the errno, or '' when the call succeeded. */
  readonly error: string;
  readonly data: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function parseAnswer(line: string): Answer {
  const [ret = '', err = '', ...data] = line.split(' ');
  const failed = Number(ret) === -1 && err !== '0';
  return { ret: Number(ret), error: failed ? errnoName(Number(err)) : '', data: decodeURIComponent(data.join(' ')) };
}

/** Sessions that a failed test left behind must not keep the runner waiting. */
const started = new Set<Session>();
after(() => {
  for (const session of started) session.abandon();
});

export class Session {
  readonly events: SupervisorEvent[] = [];
  readonly guardian: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #wire: Duplex;
  readonly #answers: string[] = [];
  readonly #async: string[] = [];
  #stdout = '';
  #stderr = '';
  #closed = false;
  #changed: (() => void)[] = [];

  constructor(user: TestUser, planned: Plan | Buffer, argv: readonly string[], detached = false) {
    const [program = '', ...rest] = [...user.prefix, launcher(), '--plan-fd', '4', '--events-fd', '3', '--', ...argv];
    this.guardian = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: { ASAN_OPTIONS: 'detect_leaks=0' },
      detached,
    });
    const child = this.guardian;
    started.add(this);
    this.#wire = child.stdio[3] as Duplex;
    const decoder = new EventDecoder();
    this.#wire.on('data', (chunk: Buffer) => {
      this.events.push(...decoder.push(chunk));
      this.#wake();
    });
    for (const stream of [this.#wire, child.stdio[4] as Duplex, child.stdin]) stream?.on('error', () => {});
    (child.stdio[4] as Duplex).end(Buffer.isBuffer(planned) ? planned : encodePlan(planned));
    if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
    child.stderr.on('data', (chunk) => {
      this.#stderr += chunk;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#stdout += `${line}\n`;
      if (line.startsWith('async ')) this.#async.push(line.slice(6));
      else this.#answers.push(line);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        started.delete(this);
        this.#closed = true;
        this.#wake();
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  #wake(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }

  /** Waits until `look` answers something. Fails with what the session said so far; its last words can be read after its guardian is seen to have ended. */
  async until<T>(what: string, look: () => T | undefined, timeout = 30_000): Promise<T> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (Date.now() > deadline || this.#closed) {
        throw new Error(
          `${what} never came: ${JSON.stringify(this.events, (_, v) => (typeof v === 'bigint' ? String(v) : v))} ${this.#stderr}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#changed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
  event<K extends SupervisorEvent['type']>(type: K, nth = 0): Promise<Extract<SupervisorEvent, { type: K }>> {
    return this.until(`event ${type}`, () => this.all(type)[nth]);
  }
  all<K extends SupervisorEvent['type']>(type: K): Extract<SupervisorEvent, { type: K }>[] {
    return this.events.filter((e): e is Extract<SupervisorEvent, { type: K }> => e.type === type);
  }

  get output(): string {
    return this.#stdout;
  }
  send(command: SupervisorCommand): void {
    this.#wire.write(encodeCommand(command));
  }
  sendBytes(bytes: Buffer): void {
    this.#wire.write(bytes);
  }
  abandon(): void {
    this.#wire.destroy();
    this.guardian.kill('SIGKILL');
  }
  hangUp(): void {
    this.#wire.destroy();
  }

  tell(...words: (string | number)[]): void {
    this.guardian.stdin?.write(`${words.join('\t')}\n`);
  }
  async answer(timeout?: number): Promise<Answer> {
    return parseAnswer(await this.until('an answer', () => this.#answers.shift(), timeout));
  }
  async asyncAnswer(timeout?: number): Promise<Answer> {
    return parseAnswer(await this.until('the thread’s answer', () => this.#async.shift(), timeout));
  }
  ask(...words: (string | number)[]): Promise<Answer> {
    this.tell(...words);
    return this.answer();
  }
  /** One system call inside, performed by the actor's main thread. */
  sys(name: string, ...args: (string | number)[]): Promise<Answer> {
    return this.ask('sys', name, ...args);
  }
  /** Opens by an absolute path; text outside ASCII or with separators is escaped. */
  open(path: string, flags: number, mode = 0): Promise<Answer> {
    return this.sys('openat', AT_FDCWD, text(path), flags, mode);
  }
  async read(path: string): Promise<string> {
    const opened = await this.open(path, constants_.O_RDONLY);
    if (opened.error !== '') return opened.error;
    const got = await this.sys('read', opened.ret, 'buf', 4096);
    await this.sys('close', opened.ret);
    return got.error === '' ? got.data : got.error;
  }

  async finish(): Promise<Ended> {
    this.guardian.stdin?.end();
    return this.ended;
  }
}

export const AT_FDCWD = -100;

export const O = {
  ...constants_,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
  O_TMPFILE: 0o20000000 | constants_.O_DIRECTORY,
} as const;
export const RESOLVE = { noXdev: 1, noMagiclinks: 2, noSymlinks: 4, beneath: 8, inRoot: 16 } as const;

/** A string argument for the actor. */
export function text(value: string | Buffer): string {
  const bytes = Buffer.from(value);
  return `s:${[...bytes].map((b) => (b <= 32 || b >= 127 || b === 37 ? `%${b.toString(16).padStart(2, '0')}` : String.fromCharCode(b))).join('')}`;
}

/** A session with an actor inside; ended by the test with finish(). */
export function actor(user: TestUser, planned: PlanText): Session {
  return new Session(user, plan(planned), [fixture('actor')]);
}

/** True while a process with this pid exists and is no zombie. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const children = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** True when the process has the file open. */
function opens(pid: number, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
  } catch {
    return false; // it has ended
  }
}

/** The process beside the command that the supervisor has made and that has `path` open. */
export async function worker(supervisorPid: number, childPid: number, path: string): Promise<number> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(1)) {
    const found = children(supervisorPid).find((pid) => pid !== childPid && opens(pid, path));
    if (found !== undefined) return found;
  }
  throw new Error(`it never happened: a process has ${path} open`);
}
