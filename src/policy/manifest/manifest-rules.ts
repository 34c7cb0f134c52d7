/** The rules of a capability manifest. It is complete: nothing of `default` is added to it but the required groups, and nono's own protection. */
import { readTextFile } from '../../config/read-text.ts';
import { NonoError } from '../../platform/errors.ts';
import { lazyModule } from '../../platform/lazy-module.ts';
import { childOf, parentOf } from '../paths.ts';
import type { BulkName } from '../pattern/bulk.ts';
import { isPattern } from '../pattern/pattern.ts';
import type { Written } from '../profile/profile.ts';
import { locate, type Resolving } from '../resolve/resolving.ts';
import type { RuleOrigin } from '../resolve/rule-list.ts';
import { expandPath, expandPattern } from '../resolve/variables.ts';
import type { ManifestDeny, ManifestGrant, ManifestMoreGrant } from './manifest-schema.ts';
import type { ParsedManifest } from './parse-manifest.ts';

/** With the place of its path. */
type Placed<T> = T & { readonly at: string };

export interface ManifestRules {
  readonly grants: readonly Placed<ManifestGrant>[];
  readonly moreGrants: readonly Placed<ManifestMoreGrant>[];
  readonly denies: readonly Placed<ManifestDeny>[];
  readonly overrides: readonly Written[];
  readonly bulk: readonly { readonly name: string; readonly closed?: boolean | undefined; readonly at: string }[];
  /** Refused as the first command, not below it. */
  readonly blockedCommands: readonly string[];
  /** It wants hosts let through by name. */
  readonly proxied: boolean;
}

/** Reads a manifest. Throws NonoError for one that is not there or not understood. */
export function loadManifest(file: string): ParsedManifest {
  const text = readTextFile(file);
  if (text === undefined)
    throw new NonoError('profile-not-found', `there is no manifest ${file}`, { hint: 'check the path after --config' });
  const parser = lazyModule<typeof import('../profile/parse-profile.ts')>(
    import.meta.url,
    '../profile/parse-profile.ts',
  );
  return parser.parseManifest(text, file, file.slice(file.lastIndexOf('/') + 1));
}

export function manifestBulk(name: string, rules: ManifestRules): readonly BulkName[] {
  return rules.bulk.map((one) => ({
    name: one.name,
    source: `profile:${name}`,
    at: one.at,
    ...(one.closed ? { closed: true } : {}),
  }));
}

function originOf(r: Resolving, entry: Placed<{ path: string; source?: string | undefined }>): RuleOrigin {
  return { source: entry.source ?? `profile:${r.profile.name}`, raw: entry.path, at: entry.at };
}

function expand(r: Resolving, { path, at }: Placed<{ path: string }>): string | undefined {
  return locate(r, { text: path, at }, () => expandPath(path, r.variables));
}

/** Of a deny with a `type`, or of a socket: a name that looks like a pattern is that name. */
function literal(r: Resolving, deny: Placed<ManifestDeny>): string | undefined {
  return deny.path.startsWith('/') && !deny.path.includes('$') ? deny.path : expand(r, deny);
}

function addGrants(r: Resolving, rules: ManifestRules): void {
  for (const grant of rules.grants) {
    const path = expand(r, grant);
    if (path === undefined) continue;
    r.rules.allow(path, grant.access, originOf(r, grant), grant.type === 'file' ? 'itself' : 'all');
  }
  for (const grant of rules.moreGrants) {
    const path = expand(r, grant);
    if (path === undefined) continue;
    const { access, type } = grant;
    const origin = originOf(r, grant);
    if (access === 'read' || access === 'write' || access === 'readwrite')
      r.rules.allow(path, access, origin, type === 'itself' ? 'itself' : 'all');
    else if (access === 'connect' || access === 'writeconnect')
      r.rules.connect(path, type === 'tree' ? 'tree' : 'one', access === 'writeconnect', origin);
    else {
      // Two rules say the same as one.
      r.rules.allow(path, access === 'all' ? 'readwrite' : 'read', origin, type === 'itself' ? 'itself' : 'all');
      r.rules.connect(path, type === 'tree' ? 'tree' : 'one', false, origin);
    }
  }
}

function addDenies(r: Resolving, rules: ManifestRules): void {
  for (const deny of rules.denies) {
    const { guard, type, access } = deny;
    const looks =
      guard === undefined ? {} : guard === 'outside_bulk' ? { bulk: r.bulk } : { bulk: r.closed, deep: true as const };
    const origin: RuleOrigin = { ...originOf(r, deny), ...looks };
    if (access === 'connect' || type === 'itself') {
      const path = literal(r, deny);
      if (path === undefined) continue;
      const denied = access === undefined ? 'all' : access === 'write' ? 'writeconnect' : 'connect';
      // The name itself, which may be a link's: what it leads to has an entry of its own.
      const named = childOf(r.rules.real(parentOf(path)).path, path.slice(path.lastIndexOf('/') + 1));
      if (type === 'itself') r.rules.add('deny', 'exact', denied, path === '/' ? path : named, origin);
      else r.rules.add('deny', 'tree', denied, r.rules.real(path).path, origin);
      continue;
    }
    const word = { text: deny.path, at: deny.at };
    const kind = access === 'write' ? 'write' : 'readwrite';
    if (type === undefined && isPattern(deny.path)) {
      const supervised = r.request.supervised !== false;
      // As of a profile's: nobody is left to refuse new names.
      if (guard !== undefined && !supervised) continue;
      const pattern = locate(r, word, () => expandPattern(deny.path, r.variables));
      if (pattern !== undefined) locate(r, word, () => r.rules.denyPattern(pattern, origin, kind));
      continue;
    }
    const path = literal(r, deny);
    if (path !== undefined) r.rules.deny(path, kind, origin);
  }
}

/** Adds what the file says. The groups that are required come after it. */
export function addManifest(r: Resolving, rules: ManifestRules): void {
  addGrants(r, rules);
  addDenies(r, rules);
  if (r.request.supervised === false && rules.denies.some((deny) => deny.guard !== undefined)) {
    r.unsupervised.push('guarded patterns of the manifest');
    r.warnings.push('guarded patterns of the manifest are not in force under wrap: nobody is left to refuse new names');
  }
  if (rules.proxied && !r.request.allowNetwork)
    r.warnings.push(
      'hosts are let through by name only by a proxy, which is not in this version: the network is blocked as a whole',
    );
}
