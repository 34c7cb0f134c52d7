/** The little world that one attempt is made in: what is granted, what is denied, what is not granted, and a secret that is nowhere else. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { compiled } from '../helpers/compiled.ts';
import { removeAtEnd } from '../helpers/left-behind.ts';
import { installationFor, root, type TestUser } from '../helpers/users.ts';
import type { Attempt, Need, Policy } from './model.ts';
import { type Service, victim } from './outside.ts';
import { Questions } from './questions.ts';

const isRoot = process.getuid?.() === 0;
/** Not below /tmp: policy grants that to everybody. */
const HOMES = isRoot ? '/home' : homedir();

/** A directory that goes when the tests end. */
export function temporary(prefix: string): string {
  const made = realpathSync(mkdtempSync(join(HOMES, prefix)));
  chmodSync(made, 0o755);
  removeAtEnd(made);
  return made;
}

let built: string | undefined;

/** The drivers, one program, where every user can run it. */
export function tools(): string {
  if (built === undefined) {
    const out = temporary('nono-attempts-');
    const from = join(root, 'test/escape/drivers');
    const sources = readdirSync(from)
      .filter((name) => name.endsWith('.c'))
      .map((name) => join(from, name));
    const flags = ['-std=gnu17', '-O1', '-Wall', '-Wextra', '-Wno-unused-result', '-pthread'];
    const cc = (...args: string[]): void => {
      const done = spawnSync('cc', [...flags, ...args], { encoding: 'utf8', cwd: out });
      if (done.status !== 0) throw new Error(`the attempts do not compile: ${done.stderr}`);
    };
    const objects = sources.map((source) => basename(source).replace(/c$/, 'o'));
    for (const [name, how] of [
      ['attempt', []],
      ['attempt-static', ['-static']],
    ] as const)
      compiled(join(out, name), 'cc', [...flags, ...how, ...sources], () => {
        if (!existsSync(join(out, objects[0] ?? ''))) cc('-c', ...sources);
        cc(...how, '-o', name, ...objects);
      });
    for (const object of objects) rmSync(join(out, object), { force: true });
    built = out;
  }
  return built;
}

let asked: Questions | undefined;

/** What the driver prints outside. Not waited for in the thread: the other attempts go on meanwhile. */
export function driverSays(...words: readonly string[]): Promise<string> {
  if (asked === undefined || asked.over) asked = new Questions(join(tools(), 'attempt'));
  return asked.ask(words);
}

const probes: Record<Need, () => boolean> = {
  userns: () =>
    spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', '-Urm', 'true']).status === 0,
  compiler: () => spawnSync('cc', ['--version']).status === 0,
  python3: () => spawnSync('/usr/bin/python3', ['--version']).status === 0,
  busybox: () => spawnSync('/bin/busybox', ['true']).status === 0,
  static: () => true,
  // Version 2, where this process may make one.
  cgroup: () => isRoot && spawnSync('findmnt', ['-n', '-t', 'cgroup2']).status === 0,
  mounts: () => isRoot && spawnSync('unshare', ['-m', 'true']).status === 0,
  'root outside': () => isRoot,
  btrfs: () => spawnSync('mkfs.btrfs', ['--version']).status === 0 && existsSync('/dev/loop-control'),
  // Core files are written where a process works.
  cores: () => /^[^|/@]/.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')),
  ipv6: () => spawnSync(join(tools(), 'attempt'), ['probe-ipv6']).status === 0,
  vsock: () => spawnSync(join(tools(), 'attempt'), ['probe-vsock']).status === 0,
};
const probed = new Map<Need, boolean>();

/** The first thing that this machine lacks for the attempt. */
export function lacks(needs: readonly Need[] | undefined): Need | undefined {
  return needs?.find((need) => {
    const known = probed.get(need) ?? probes[need]();
    probed.set(need, known);
    return !known;
  });
}

export class World {
  readonly base: string;
  readonly user: TestUser;
  readonly secret = `SECRET-${randomBytes(16).toString('hex')}`;
  /** Granted, and holding a denied path: the supervisor answers there. */
  readonly work: string;
  /** Granted, nothing denied below: the kernel answers there. */
  readonly floor: string;
  readonly denied: string;
  /** Denied, and not there. */
  readonly later: string;
  /** Not granted. */
  readonly away: string;
  /** Granted for reading. */
  readonly ro: string;
  /** A directory of the host alone: logs of services. */
  readonly hidden: string;
  readonly variables: Record<string, string>;
  readonly services: Service[] = [];
  /** What must not belong to the user. */
  readonly afterOwning: (() => void)[] = [];
  readonly watched: string[];
  #before = '';
  #victim: Service | undefined;

  /** The user's home in this session. */
  readonly home: string;

  constructor(user: TestUser, base: string, hidden: string, home: string) {
    this.home = home;
    this.user = user;
    this.base = base;
    this.hidden = hidden;
    const dir = (...names: string[]): string => {
      const path = join(base, ...names);
      mkdirSync(path, { recursive: true });
      return path;
    };
    mkdirSync(hidden, { recursive: true });
    this.work = dir('work');
    this.floor = dir('floor');
    this.denied = dir('work', 'sub', 'deep', 'denied');
    this.later = join(this.work, 'later');
    this.away = dir('away');
    this.ro = dir('ro');
    this.write('work/sub/deep/denied/key', this.secret, 0o600);
    this.write('work/sub/deep/denied/tool', `#!/bin/sh\necho ran; cat "$0"\n# ${this.secret}\n`, 0o755);
    this.write('work/plain', 'harmless\n');
    this.write('work/sub/plain', 'harmless\n');
    this.write('floor/plain', 'harmless\n');
    this.write('away/key', this.secret, 0o600);
    this.write('away/dir/key', this.secret, 0o600);
    this.write('ro/file', 'to be read\n');
    this.watched = [this.denied, this.later, this.away, this.ro];
    this.variables = {
      HOME: home,
      B: base,
      W: this.work,
      F: this.floor,
      D: this.denied,
      L: this.later,
      A: this.away,
      R: this.ro,
      T: join(tools(), 'attempt'),
      TS: join(tools(), 'attempt-static'),
      TOOLS: tools(),
      NONOROOT: installationFor(user),
    };
    this.own();
  }

  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.base, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    chmodSync(path, mode);
    return path;
  }
  /** A copy of the driver, as a program of the user's. */
  program(name: string): void {
    const path = this.write(name, '', 0o755);
    copyFileSync(join(tools(), 'attempt'), path);
  }
  /** The nono that the user starts. */
  nono(): string {
    return join(installationFor(this.user), 'bin', 'nono');
  }
  /** Everything in it belongs to the user. */
  own(path = this.base): void {
    if (this.user.uid !== process.getuid?.()) give(path, this.user.uid, this.notMade);
  }

  async prepare(attempt: Attempt): Promise<void> {
    this.#victim = await victim(this);
    this.services.push(this.#victim);
    this.variables['VICTIM'] = this.#victim.said;
    const more = await attempt.setup?.(this);
    await driverSays('keep-attributes', ...this.#toKeep());
    this.own();
    for (const act of this.afterOwning) act();
    Object.assign(this.variables, more ?? {});
    await this.look();
  }
  /** What must keep its extended attributes. */
  #toKeep(): string[] {
    return [this.denied, this.away, this.ro]
      .flatMap((dir) => [
        dir,
        ...readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name)),
      ])
      .filter((path) => !isLink(path));
  }
  /** What is protected is from now on what it must stay. */
  async look(): Promise<void> {
    this.#before = await this.#fingerprint();
  }
  expand(text: string): string {
    return text.replaceAll(/\$([A-Z]+)\b/g, (whole, name: string) => this.variables[name] ?? whole);
  }
  policy(policy: Policy): Policy {
    const all = (texts: readonly string[] | undefined): string[] => (texts ?? []).map((t) => this.expand(t));
    return {
      ...policy,
      allow: [this.work, this.floor, ...all(policy.allow)],
      read: [this.ro, tools(), ...all(policy.read)],
      allowFile: all(policy.allowFile),
      deny: [this.denied, this.later, ...all(policy.deny)],
      denyPattern: all(policy.denyPattern),
      flags: all(policy.flags),
    };
  }

  #fingerprint(): Promise<string> {
    return driverSays('fingerprint', ...this.watched);
  }

  /** Every way in which something got out, in words; empty when nothing did. */
  async breaches(output: string): Promise<string[]> {
    const found: string[] = [];
    if (output.includes(this.secret)) found.push('leak: the secret was printed');
    for (const top of [this.work, this.floor]) {
      const at = this.#search(top);
      if (at !== undefined) found.push(`leak: the secret is in ${at.slice(this.base.length)}`);
    }
    const after = await this.#fingerprint();
    if (after !== this.#before) {
      found.push(
        `changed: ${difference(this.#before, after).replaceAll(this.base, '').replaceAll(this.secret, 'SECRET')}`,
      );
    }
    for (const service of this.services) {
      const heard = await service.heard();
      if (heard !== '') found.push(`${service.kind}: ${heard.slice(0, 120)}`);
    }
    return found;
  }

  /** Where the secret lies in what the session could write, the denied files themselves aside. */
  #search(directory: string): string | undefined {
    let entries: string[];
    try {
      entries = readdirSync(directory);
    } catch {
      return undefined;
    }
    for (const name of entries) {
      const path = join(directory, name);
      if (path === this.denied || this.watched.includes(path) || this.ignored.has(path)) continue;
      const stat = statSync(path, { throwIfNoEntry: false });
      const link = isLink(path);
      if (link || stat === undefined) continue;
      if (stat.isDirectory()) {
        const found = this.#search(path);
        if (found !== undefined) return found;
      } else if (stat.isFile() && stat.size < 1 << 22 && readFileSync(path).includes(this.secret)) return path;
    }
    return undefined;
  }
  /** Files that hold the secret by the set-up's own doing. */
  readonly ignored = new Set<string>();
  /** Mounts that show what was not made for the attempt: the machine's own terminals, devices and processes. */
  readonly notMade = new Set<string>();

  end(): void {
    for (const service of this.services) service.end();
  }
}

/** As chown -hR. What another program removes meanwhile, or a file system that knows no owners, stays what it is. */
function give(path: string, uid: number, except: ReadonlySet<string>): void {
  if (except.has(path)) return;
  try {
    lchownSync(path, uid, uid);
  } catch {}
  let entries: string[] = [];
  try {
    if (lstatSync(path).isDirectory()) entries = readdirSync(path);
  } catch {}
  for (const name of entries) give(join(path, name), uid, except);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return true;
  }
}

/** What differs between two fingerprints, in few words. */
function difference(before: string, after: string): string {
  const lines = (text: string): Map<string, string[]> =>
    new Map(text.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1)]));
  const [was, is] = [lines(before), lines(after)];
  const said: string[] = [];
  for (const path of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(path) ?? ['absent'], is.get(path) ?? ['absent']];
    const gone = old.filter((word) => !now.includes(word));
    const come = now.filter((word) => !old.includes(word));
    if (gone.length + come.length > 0)
      said.push(`${path} ${gone.slice(0, 4).join(' ')} → ${come.slice(0, 4).join(' ')}`);
  }
  return said.slice(0, 4).join(' | ');
}
