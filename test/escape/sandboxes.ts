/** One policy in the words of each sandbox: this one, none at all, and others for comparison. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installationFor, type TestUser } from '../helpers/users.ts';
import type { Policy } from './model.ts';

export interface Sandbox {
  readonly name: string;
  /** The words before `sh -c …`. `files` is a directory for settings that the user can read. */
  readonly command: (user: TestUser, policy: Policy, files: string, flags: readonly string[]) => string[];
  /** It takes no long argument: the script is given as a file instead. */
  readonly shortArguments?: boolean;
  /** Prints its version. */
  readonly version?: readonly string[];
}

let number = 0;

function settings(files: string, value: unknown): string {
  const path = join(files, `settings${number++}.json`);
  writeFileSync(path, JSON.stringify(value), { mode: 0o644 });
  return path;
}

export const nono: Sandbox = {
  name: 'nono',
  command: (user, policy, files, flags) => {
    const { filesystem, network, ...rest } = (policy.profile ?? {}) as Record<string, Record<string, unknown>>;
    const profile = settings(files, {
      filesystem: {
        allow: policy.allow,
        read: policy.read,
        allow_file: policy.allowFile,
        deny: [...(policy.deny ?? []), ...(policy.denyPattern ?? [])],
        ...filesystem,
      },
      network: { block: policy.blockNet ?? false, ...network },
      ...rest,
    });
    const own = join(installationFor(user), 'bin', 'nono');
    return [
      ...user.prefix,
      own,
      'run',
      '--profile',
      profile,
      '--no-diagnostics',
      ...flags,
      ...(policy.flags ?? []),
      '--',
    ];
  },
};

export const none: Sandbox = { name: 'none', command: (user) => [...user.prefix] };

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc'];

const bubblewrap: Sandbox = {
  name: 'bwrap',
  version: ['bwrap', '--version'],
  command: (user, policy) => {
    const args = [
      'bwrap',
      '--unshare-user',
      '--unshare-pid',
      '--unshare-ipc',
      '--new-session',
      '--die-with-parent',
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--tmpfs',
      '/tmp',
    ];
    if (policy.blockNet) args.push('--unshare-net');
    for (const path of SYSTEM)
      if (existsSync(path)) args.push(lstatSync(path).isSymbolicLink() ? '--ro-bind' : '--ro-bind', path, path);
    for (const path of policy.read ?? []) args.push('--ro-bind', path, path);
    for (const path of [...(policy.allow ?? []), ...(policy.allowFile ?? [])]) args.push('--bind', path, path);
    for (const path of policy.deny ?? []) {
      if (!existsSync(path)) continue; // it has no means to deny a path that does not exist
      if (lstatSync(path).isDirectory()) args.push('--tmpfs', path, '--remount-ro', path);
      else args.push('--ro-bind', '/dev/null', path);
    }
    return [...user.prefix, ...args, '--'];
  },
};

/** A profile of its own: on its command line it takes no more than 128 words, none of them longer than 4 KiB. */
const firejail: Sandbox = {
  name: 'firejail',
  shortArguments: true,
  version: ['firejail', '--version'],
  command: (user, policy, files) => {
    const lines = ['caps.drop all', 'nonewprivs', 'seccomp', 'restrict-namespaces'];
    if (policy.blockNet) lines.push('net none');
    for (const path of policy.deny ?? []) lines.push(`blacklist ${path}`);
    for (const path of policy.denyPattern ?? []) lines.push(`blacklist ${path}`);
    for (const path of policy.allow ?? []) lines.push(`blacklist ${join(dirname(path), 'away')}`);
    for (const path of policy.read ?? []) lines.push(`read-only ${path}`);
    const profile = join(files, `firejail${number++}.profile`);
    writeFileSync(profile, `${lines.join('\n')}\n`, { mode: 0o644 });
    return [...user.prefix, 'firejail', '--quiet', `--profile=${profile}`, '--'];
  },
};

const runtime: Sandbox = {
  name: 'sandbox-runtime',
  version: [process.env['NONO_ESCAPE_SRT'] ?? 'srt', '--version'],
  command: (user, policy, files) => {
    const file = settings(files, {
      network: policy.blockNet
        ? { allowedDomains: [], deniedDomains: [] }
        : { allowedDomains: ['example.invalid'], deniedDomains: [] },
      filesystem: {
        denyRead: [
          ...(policy.deny ?? []),
          ...(policy.denyPattern ?? []),
          ...(policy.allow ?? []).map((path) => join(dirname(path), 'away')),
        ],
        allowWrite: [...(policy.allow ?? []), ...(policy.allowFile ?? [])],
        denyWrite: [...(policy.deny ?? []), ...(policy.denyPattern ?? [])],
      },
    });
    return [...user.prefix, process.env['NONO_ESCAPE_SRT'] ?? 'srt', '--settings', file];
  },
};

export interface Peer {
  readonly sandbox: Sandbox;
  /** Its own word for its version, or nothing. */
  readonly version: string;
  /** Why it cannot be asked for this user; absent when it can. */
  readonly missing?: string;
}

/** The others, each with the reason where it does not start a command for the user. */
export function peers(user: TestUser, files: string): Peer[] {
  const env = peerEnvironment(files);
  return [bubblewrap, firejail, runtime].map((sandbox): Peer => {
    const [name = '', ...rest] = sandbox.version ?? [];
    const printed = spawnSync(name, rest, { timeout: 20_000, env, encoding: 'utf8' });
    const version = /\d+(\.\d+)+/.exec(printed.stdout ?? '')?.[0] ?? '';
    if (printed.error) return { sandbox, version, missing: 'not installed' };
    const [program = '', ...args] = [...sandbox.command(user, {}, files, []), '/bin/sh', '-c', 'exit 7'];
    const done = spawnSync(program, args, { timeout: 20_000, env, encoding: 'utf8', cwd: '/' });
    if (done.status === 7) return { sandbox, version };
    const said = done.stderr.trim().split('\n')[0] || (done.error?.message ?? `exit ${done.status}`);
    return { sandbox, version, missing: `does not start for this user: ${said}` };
  });
}

function peerEnvironment(home: string): Record<string, string> {
  return { HOME: home, PATH: process.env['PATH'] ?? '/usr/bin:/bin', TERM: 'xterm', USER: 'tester' };
}
