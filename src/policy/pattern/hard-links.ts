/**
 * Other names of denied files. A hard link is the file itself, so no rule on paths can hold it: what is there at start is found, within bounds, and
 * named. New ones cannot be made from inside.
 */
import { access as accessBits } from '../../sandbox/linux/constants.ts';
import type { PolicyRule } from '../model.ts';
import { childOf, isProcessEntry, isWithin } from '../paths.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { isOwnProtection } from '../resolve/protection.ts';

/** Files below denied directories that are looked at, each a system call. */
const MAX_DENIED = 4_000;
/** Files in granted trees that are compared; only ever when a denied file has another name. */
export const MAX_COMPARED = 200_000;

export interface HardLink {
  readonly denied: string;
  /** The other name, in a granted tree. Undefined: there is one, and it was not found. */
  readonly granted: string | undefined;
  readonly rule: PolicyRule;
}

export interface HardLinks {
  readonly links: readonly HardLink[];
  /** Whether everything denied was looked at. */
  readonly complete: boolean;
}

/** Every file at or below a path, links not followed, until `visit` says stop. */
export function filesBelow(fs: FileSystem, root: string, visit: (path: string) => boolean): void {
  const kind = fs.kind(root);
  if (kind === 'file') visit(root);
  if (kind !== 'directory') return;
  const slow = fs.slowMounts?.() ?? new Set();
  const queue = [root];
  for (let dir = queue.pop(); dir !== undefined; dir = queue.pop()) {
    for (const entry of (fs.scan ?? fs.list)(dir) ?? []) {
      const path = childOf(dir, entry.name);
      if (isProcessEntry(path)) continue;
      // Another file system holds no other name of the file, and one of these may never answer.
      if (entry.kind === 'directory' && !slow.has(path)) queue.push(path);
      else if (entry.kind === 'file' && !visit(path)) return;
    }
  }
}

/** Looks for names in granted trees of files that a rule denies to read. */
export function findHardLinks(rules: readonly PolicyRule[], fs: FileSystem): HardLinks {
  const identity = fs.identity;
  if (identity === undefined) return { links: [], complete: true };
  const every = rules.filter((rule) => rule.verdict === 'deny' && rule.kind === 'tree' && rule.access === 'all');
  // nono's own records change with every session, and no other program gives them names; a cached plan with two is not taken (native/cache/cache_store.c).
  const denies = every.filter((rule) => !isOwnProtection(rule));
  const isDenied = (path: string): boolean => denies.some((rule) => isWithin(path, rule.path));
  const wanted = new Map<string, { path: string; rule: PolicyRule; names: number }>();
  let looked = 0;
  for (const rule of denies) {
    filesBelow(fs, rule.path, (path) => {
      const found = identity(path);
      if (found !== undefined && found.links > 1) {
        const known = wanted.get(found.id);
        if (known === undefined) wanted.set(found.id, { path, rule, names: found.links - 1 });
        else known.names--;
      }
      return ++looked < MAX_DENIED;
    });
    if (looked >= MAX_DENIED) break;
  }
  const links: HardLink[] = [];
  for (const [id, { names }] of wanted) if (names <= 0) wanted.delete(id);
  if (wanted.size > 0) {
    const named = new Set<string>();
    let compared = 0;
    // In the system's own trees only root can have made such a name, and they are large: searched is what the user granted, and what can be written.
    const grants = rules.filter(
      (rule) =>
        rule.verdict === 'allow' &&
        rule.kind !== 'pattern' &&
        (!rule.source.startsWith('group:') || (accessBits[rule.access] & accessBits.write) !== 0),
    );
    const trees = grants.filter((rule) => rule.kind === 'tree').map((rule) => rule.path);
    // A directory granted by itself opens nothing in it.
    const alone = grants
      .filter((rule) => rule.kind === 'exact' && fs.kind(rule.path) === 'file')
      .map((rule) => rule.path);
    for (const tree of new Set([...trees, ...alone])) {
      const kernels = isWithin(tree, '/sys') || isWithin(tree, '/proc') || isWithin(tree, '/dev');
      if (kernels || trees.some((other) => other !== tree && isWithin(tree, other))) continue;
      filesBelow(fs, tree, (path) => {
        const found = identity(path);
        const denied = found && found.links > 1 ? wanted.get(found.id) : undefined;
        if (found !== undefined && denied !== undefined && !isDenied(path)) {
          links.push({ denied: denied.path, granted: path, rule: denied.rule });
          named.add(found.id);
          if (--denied.names === 0) wanted.delete(found.id);
        }
        return ++compared < MAX_COMPARED && wanted.size > 0;
      });
    }
    // A name outside every grant is no way in; but an incomplete search cannot say so.
    if (compared >= MAX_COMPARED)
      for (const [id, { path, rule }] of wanted)
        if (!named.has(id)) links.push({ denied: path, granted: undefined, rule });
  }
  return { links, complete: looked < MAX_DENIED };
}

/** Each of them, to be said unless nono is silent. */
export function linkFindings(rules: readonly PolicyRule[], fs: FileSystem): readonly string[] {
  return findHardLinks(rules, fs).links.map(({ denied, granted, rule }) =>
    granted === undefined
      ? `${denied} is denied by ${rule.source}, and has another name that was not found: reading that one is not denied`
      : `${granted} is the same file as ${denied}, which ${rule.source} denies: no rule on paths can hold that name`,
  );
}
