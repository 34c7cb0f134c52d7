/** Shared by the policy tests: a seeded generator, file systems in memory and on disk, and policies without a machine around them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { nonoDirectories } from '../../src/config/directories.ts';
import type { BuiltinData } from '../../src/policy/groups/builtin.ts';
import { buildPolicyData } from '../../src/policy/groups/policy-data.ts';
import type { PolicyRule, ResolvedPolicy } from '../../src/policy/model.ts';
import { childOf } from '../../src/policy/paths.ts';
import { type FileSystem, type NodeKind, nodeFileSystem } from '../../src/policy/plan/file-system.ts';
import { createProfileStore } from '../../src/policy/profile/profile-store.ts';
import type { PolicyContext, PolicyRequest } from '../../src/policy/resolve/policy-request.ts';
import { resolvePolicy } from '../../src/policy/resolve/resolve.ts';

export const root = join(import.meta.dirname, '../..');
export const builtin: BuiltinData = buildPolicyData(root);

/** mulberry32: small, seeded, the same everywhere. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What a test puts on disk: text for a file, `-> target` for a link, null for a directory. */
export type Tree = Readonly<Record<string, string | null>>;

/** A directory that is gone after the test. Not below /tmp, which every policy grants. */
export function temporary(t: TestContext, tree: Tree = {}): string {
  const dir = mkdtempSync(join(process.getuid?.() === 0 ? '/var/lib' : homedir(), 'nono-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  plant(dir, tree);
  return dir;
}

export function plant(dir: string, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    if (content === null) mkdirSync(path, { recursive: true });
    else if (content.startsWith('-> ')) symlinkSync(content.slice(3), path);
    else writeFileSync(path, content);
  }
}

/** A file system that exists only in the test: path → kind, or `-> target`. Directories in between are made. */
export function memoryFileSystem(paths: Readonly<Record<string, NodeKind | `-> ${string}`>>): FileSystem {
  const kinds = new Map<string, NodeKind>([['/', 'directory']]);
  const links = new Map<string, string>();
  for (const [path, what] of Object.entries(paths)) {
    for (let dir = dirname(path); dir !== '/'; dir = dirname(dir)) kinds.set(dir, 'directory');
    if (what.startsWith('-> ')) links.set(path, what.slice(3));
    kinds.set(path, what.startsWith('-> ') ? 'symlink' : (what as NodeKind));
  }
  return {
    kind: (path) => kinds.get(path),
    readLink: (path) => links.get(path),
    list: (path) =>
      kinds.get(path) === 'directory'
        ? [...kinds].flatMap(([at, kind]) => {
            const name = at.slice(at.lastIndexOf('/') + 1);
            return at !== '/' && childOf(path, name) === at ? [{ name, kind }] : [];
          })
        : undefined,
  };
}

export function rule(text: string, id: number): PolicyRule {
  const [verdict, kind, access, path] = text.split(' ') as [
    PolicyRule['verdict'],
    PolicyRule['kind'],
    PolicyRule['access'],
    string,
  ];
  return { id, verdict, kind, access, path, raw: path, source: 'test' };
}

/** `allow tree read /a`, one rule each. */
export function rules(...lines: readonly string[]): PolicyRule[] {
  return lines.map(rule);
}

export function contextFor(
  home: string,
  extra: Partial<PolicyContext> & { env?: Record<string, string> } = {},
): PolicyContext {
  const env = { HOME: home, ...extra.env };
  const directories = nonoDirectories(env);
  return {
    fs: nodeFileSystem(),
    builtin,
    store: createProfileStore(builtin, directories.profiles, home),
    directories,
    uid: 0,
    platform: 'linux',
    ...extra,
    env,
  };
}

/** Resolves against a home directory of the test's own. */
export function resolveIn(
  home: string,
  request: Partial<PolicyRequest> = {},
  extra: Parameters<typeof contextFor>[1] = {},
): ResolvedPolicy {
  return resolvePolicy({ workdir: home, ...request }, contextFor(home, extra));
}
