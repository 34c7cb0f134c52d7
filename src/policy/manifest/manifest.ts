/** What a profile comes to, in the original's format for other programs (capability manifest 0.1.0): absolute paths, nothing left to look up. Pure. */
import { NonoError } from '../../platform/errors.ts';
import type { PolicyRule, ResolvedPolicy } from '../model.ts';
import { isPattern } from '../pattern/pattern.ts';
import type { Profile } from '../profile/profile.ts';
import type { NetWord } from '../profile/profile-network.ts';
import { isOwnProtection } from '../resolve/protection.ts';
import type { ManifestDeny, ManifestFile, ManifestGrant, ManifestMoreGrant } from './manifest-schema.ts';

/** Whose rule it is, where that is a group: read back, it is no grant that the user named. */
function sourceOf(rule: PolicyRule): { source?: string } {
  return rule.source.startsWith('group:') ? { source: rule.source } : {};
}

/** A reader would take the name of the variable for its value. */
const readsAsVariable = (path: string): boolean => /\$[A-Za-z_]/.test(path);

function isPlain(access: string): access is ManifestGrant['access'] {
  return access === 'read' || access === 'write' || access === 'readwrite';
}

/** One entry for a path. What the user named as well stays the user's. */
function together(before: ManifestGrant | undefined, more: ManifestGrant): ManifestGrant {
  if (before === undefined) return more;
  const { path, type, source } = before;
  return {
    path,
    access: before.access === more.access ? before.access : 'readwrite',
    type,
    ...(source !== undefined && more.source !== undefined ? { source } : {}),
  };
}

/** The format's own words where it has them; what it has not goes to `more`, which only this version reads. */
function grantsOf(
  policy: ResolvedPolicy,
  isDirectory: (path: string) => boolean,
): { grants: ManifestGrant[]; more: ManifestMoreGrant[] } {
  const grants = new Map<string, ManifestGrant>();
  const more: ManifestMoreGrant[] = [];
  for (const rule of policy.rules) {
    // A path that nothing can be read back from is left out: that grants less.
    if (rule.verdict !== 'allow' || rule.kind === 'pattern' || rule.path.includes('*') || readsAsVariable(rule.path))
      continue;
    const { path, access, kind } = rule;
    // A directory's own entries: the format knows only the whole tree, which would be more.
    const sayable = kind === 'tree' || !isDirectory(path);
    if (isPlain(access) && sayable) {
      const grant: ManifestGrant = { path, access, type: kind === 'tree' ? 'directory' : 'file', ...sourceOf(rule) };
      const key = `${kind} ${path}`;
      grants.set(key, together(grants.get(key), grant));
    } else more.push({ path, access, type: kind === 'tree' ? 'tree' : 'itself', ...sourceOf(rule) });
  }
  const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  return { grants: [...grants.values()].sort(byPath), more: more.sort(byPath) };
}

/** Without `access`, `type` or `guard` a reader denies the whole path, which is more. */
function deniesOf(policy: ResolvedPolicy): ManifestDeny[] {
  const lifted = new Set(policy.rules.filter((rule) => rule.verdict === 'override').map((rule) => rule.path));
  const denies: ManifestDeny[] = [];
  for (const rule of policy.rules) {
    if (rule.verdict !== 'deny' || isOwnProtection(rule) || lifted.has(rule.path)) continue;
    if (readsAsVariable(rule.path)) {
      throw new NonoError('not-supported', `the deny of '${rule.path}' cannot be written in a manifest`, {
        hint: "a '$' there would be read as a variable",
      });
    }
    const { access, kind } = rule;
    denies.push({
      path: rule.path,
      ...(access === 'writeconnect' || access === 'write' ? { access: 'write' as const } : {}),
      ...(access === 'connect' ? { access } : {}),
      ...(kind === 'exact' ? { type: 'itself' as const } : {}),
      // A name that looks like a pattern.
      ...(kind === 'tree' && isPattern(rule.path) ? { type: 'tree' as const } : {}),
      ...(rule.bulk === undefined
        ? {}
        : { guard: rule.deep ? ('outside_closed' as const) : ('outside_bulk' as const) }),
      ...sourceOf(rule),
    });
  }
  return denies.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
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

const filled = <T extends object>(lists: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(lists).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== undefined)),
  ) as Partial<T>;

function networkOf(policy: ResolvedPolicy, words: readonly NetWord[]): NonNullable<ManifestFile['network']> {
  if (!policy.blockNetwork) return { mode: 'unrestricted', dns: true };
  const spread = (form: NetWord['form']): number[] =>
    ports(words, form).flatMap((entry) =>
      isPort(entry) ? entry : Array.from({ length: entry[1] - entry[0] + 1 }, (_, i) => entry[0] + i),
    );
  const texts = (form: NetWord['form']): string[] => words.filter((word) => word.form === form).map(({ text }) => text);
  const open = ports(words, 'open');
  const found = filled({
    connect: spread('connect-port'),
    bind: spread('listen').filter((port) => port > 0),
    localhost: open.filter(isPort),
    localhost_range: open.filter((entry) => !isPort(entry)) as [number, number][],
  });
  // A port of the kernel's choice is no number in the format.
  const anyPort = spread('listen').includes(0) ? ['*:0'] : [];
  return {
    mode: 'blocked',
    dns: false,
    ...(Object.keys(found).length > 0 ? { ports: found } : {}),
    ...filled({ allow_connect: texts('connect'), allow_listen: [...anyPort, ...texts('bind')] }),
  };
}

function environmentOf({ environment }: ResolvedPolicy): ManifestFile['environment'] {
  if (environment === undefined) return undefined;
  const { allow, deny, caseInsensitive, set } = environment;
  if (allow.length + deny.length + Object.keys(set).length === 0 && !caseInsensitive) return undefined;
  return {
    ...filled({ allow_vars: [...allow], deny_vars: [...deny] }),
    ...(caseInsensitive ? { case_insensitive_vars: true } : {}),
    ...(Object.keys(set).length > 0 ? { set_vars: { ...set } } : {}),
  };
}

/** What the original's format has no word for stands under words that were added here; docs/policy.md lists them. */
export function manifestOf(
  policy: ResolvedPolicy,
  profile: Profile,
  isDirectory: (path: string) => boolean,
): ManifestFile {
  const { grants, more } = grantsOf(policy, isDirectory);
  const overrides = policy.rules.filter((rule) => rule.verdict === 'override').map((rule) => rule.path);
  const guarded = policy.rules.some((rule) => rule.bulk !== undefined);
  const bulk = guarded ? (policy.bulk ?? []).map(({ name, closed }) => ({ name, ...(closed ? { closed } : {}) })) : [];
  const { memory, processes, cpuSeconds, fileSize } = policy.limits ?? {};
  const resources = filled({
    memory_bytes: memory,
    max_processes: processes,
    cpu_seconds: cpuSeconds,
    max_file_bytes: fileSize,
  });
  const rollback = filled({
    exclude_patterns: profile.settings['rollback.exclude_patterns']?.value ?? undefined,
    exclude_globs: profile.settings['rollback.exclude_globs']?.value ?? undefined,
  });
  return {
    version: '0.1.0',
    filesystem: {
      grants,
      deny: deniesOf(policy),
      ...filled({ more_grants: more, bypass_protection: overrides, bulk }),
    },
    network: networkOf(policy, profile.network),
    process: {
      exec_strategy: 'supervised',
      signal_mode: profile.signalMode ?? 'isolated',
      process_info_mode: 'isolated',
      ipc_mode: profile.ipcMode ?? 'shared_memory_only',
      ...filled({
        allowed_commands: [...policy.allowedCommands],
        blocked_commands: [...policy.blockedCommands],
        refused_commands: [...(policy.refusedCommands ?? [])],
      }),
    },
    ...filled({ environment: environmentOf(policy) }),
    ...(Object.keys(resources).length > 0 ? { resources } : {}),
    ...(Object.keys(rollback).length > 0 ? { rollback } : {}),
    ...(policy.unixRules === false ? { linux: { af_unix_mediation: 'off' as const } } : {}),
    ...(policy.privateTmp ? { private_tmp: true } : {}),
    ...(policy.strict ? { strict_deny: true } : {}),
  };
}
