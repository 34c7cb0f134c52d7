/** What a profile comes to, in the original's format for other programs (capability manifest 0.1.0): absolute paths, nothing left to look up. Pure. */
import type { PolicyRule, ResolvedPolicy } from './model.ts';
import type { Profile } from './profile.ts';
import type { NetWord } from './profile-network.ts';
import { isOwnProtection } from './protection.ts';

const VERSION = '0.1.0';

type Grant = { path: string; access: 'read' | 'write' | 'readwrite'; type: 'file' | 'directory' };
/** `access` is ours: a reader that does not know it denies more than we do, never less. */
type Deny = { path: string; access?: 'write' };

/** Connecting has no word in the format. */
function pathAccess(rule: PolicyRule): Grant['access'] | undefined {
  if (rule.access === 'all' || rule.access === 'readwrite') return 'readwrite';
  if (rule.access.startsWith('read')) return 'read';
  return rule.access.startsWith('write') ? 'write' : undefined;
}

function merged(access: Grant['access'], more: Grant['access'] | undefined): Grant['access'] {
  return more === undefined || more === access ? access : 'readwrite';
}

function grantsOf(policy: ResolvedPolicy, isDirectory: (path: string) => boolean): Grant[] {
  const grants = new Map<string, Grant>();
  for (const rule of policy.rules) {
    const access = pathAccess(rule);
    if (rule.verdict !== 'allow' || access === undefined) continue;
    // A directory's own entries: the format knows only the whole tree, which would be more.
    if (rule.kind === 'exact' && isDirectory(rule.path)) continue;
    const type = rule.kind === 'tree' ? 'directory' : 'file';
    const before = grants.get(rule.path);
    if (before?.type === 'directory' && type === 'file') continue;
    const together = before?.type === type ? merged(access, before.access) : access;
    grants.set(rule.path, { path: rule.path, access: together, type });
  }
  return [...grants.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function deniesOf(policy: ResolvedPolicy): Deny[] {
  const lifted = new Set(policy.rules.filter((rule) => rule.verdict === 'override').map((rule) => rule.path));
  const denies = new Map<string, Deny>();
  for (const rule of policy.rules) {
    if (rule.verdict !== 'deny' || isOwnProtection(rule) || lifted.has(rule.path)) continue;
    const access = pathAccess(rule);
    if (access === undefined) continue;
    const whole = access !== 'write' || (denies.has(rule.path) && denies.get(rule.path)?.access === undefined);
    denies.set(rule.path, whole ? { path: rule.path } : { path: rule.path, access: 'write' });
  }
  return [...denies.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Single ports as numbers, ranges as `[first, last]`. */
function ports(words: readonly NetWord[], form: NetWord['form']): (number | [number, number])[] {
  return words
    .filter((word) => word.form === form)
    .map(({ text }) => {
      const [first = '', last] = text.split('-');
      return last === undefined ? Number(first) : [Number(first), Number(last)];
    });
}

const isPort = (entry: number | [number, number]): entry is number => typeof entry === 'number';

function portsOf(words: readonly NetWord[]): Record<string, unknown> {
  const spread = (form: NetWord['form']): number[] =>
    ports(words, form).flatMap((entry) =>
      isPort(entry) ? entry : Array.from({ length: entry[1] - entry[0] + 1 }, (_, i) => entry[0] + i),
    );
  const open = ports(words, 'open');
  const found = {
    connect: spread('connect-port'),
    bind: spread('listen').filter((port) => port > 0),
    localhost: open.filter(isPort),
    localhost_range: open.filter((entry) => !isPort(entry)),
  };
  return Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0));
}

/** Endpoints by address, unix sockets and the environment have no place in the format; who reads it for enforcement is then narrower than a session. */
export function manifestOf(
  policy: ResolvedPolicy,
  profile: Profile,
  isDirectory: (path: string) => boolean,
): Readonly<Record<string, unknown>> {
  const open = policy.blockNetwork ? portsOf(profile.network) : {};
  const { memory, processes } = policy.limits ?? {};
  const patterns = profile.settings['rollback.exclude_patterns']?.value;
  const globs = profile.settings['rollback.exclude_globs']?.value;
  const rollback = {
    ...(patterns?.length ? { exclude_patterns: patterns } : {}),
    ...(globs?.length ? { exclude_globs: globs } : {}),
  };
  return {
    version: VERSION,
    filesystem: { grants: grantsOf(policy, isDirectory), deny: deniesOf(policy) },
    network: {
      mode: policy.blockNetwork ? 'blocked' : 'unrestricted',
      dns: !policy.blockNetwork,
      ...(Object.keys(open).length > 0 ? { ports: open } : {}),
    },
    process: {
      exec_strategy: 'supervised',
      signal_mode: profile.signalMode ?? 'isolated',
      process_info_mode: 'isolated',
      ipc_mode: profile.ipcMode ?? 'shared_memory_only',
      ...(policy.allowedCommands.length > 0 ? { allowed_commands: policy.allowedCommands } : {}),
      ...(policy.blockedCommands.length > 0 ? { blocked_commands: policy.blockedCommands } : {}),
    },
    ...(memory === undefined && processes === undefined
      ? {}
      : {
          resources: {
            ...(memory === undefined ? {} : { memory_bytes: memory }),
            ...(processes === undefined ? {} : { max_processes: processes }),
          },
        }),
    ...(Object.keys(rollback).length > 0 ? { rollback } : {}),
  };
}
