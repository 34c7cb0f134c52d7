/** Turns a path as written into the path the kernel decides on: every link resolved, as far as the path exists. */

import { childOf, isProcessEntry, parentOf } from '../paths.ts';
import type { FileSystem, NodeKind } from '../plan/file-system.ts';

export interface RealPath {
  /** Links resolved as far as the path exists, the rest appended as written. */
  readonly path: string;
  /** What lies there; undefined when nothing does. */
  readonly kind: NodeKind | undefined;
  /** Every link met on the way, as a real path: a deny must keep them too, or one could be replaced to lead elsewhere. */
  readonly links: readonly string[];
  /** Names the asking process (`/proc/self`, `/dev/stdin` …): what it means differs per caller, so no rule can hold it. */
  readonly ofCaller: boolean;
}

/** As the kernel counts (fs/namei.c, MAXSYMLINKS): all links of one resolution, however they nest. A link to itself twice over would double at each. */
const MAX_LINKS = 40;

interface LinkBudget {
  left: number;
}

export type RealPathResolver = (path: string) => RealPath;

/** A resolver that remembers every prefix: rules share most of their directories. */
export function createRealPathResolver(fs: FileSystem): RealPathResolver {
  const known = new Map<string, RealPath>([['/', { path: '/', kind: 'directory', links: [], ofCaller: false }]]);

  const enter = (parent: RealPath, name: string, budget: LinkBudget): RealPath => {
    const path = childOf(parent.path, name);
    if (parent.ofCaller || isProcessEntry(path)) return { path, kind: undefined, links: parent.links, ofCaller: true };
    if (parent.kind !== 'directory') return { path, kind: undefined, links: parent.links, ofCaller: false };
    const kind = fs.kind(path);
    if (kind !== 'symlink') return { path, kind, links: parent.links, ofCaller: false };
    const target = fs.readLink(path);
    // A loop or an unreadable link leads nowhere: the link itself is the object.
    if (target === undefined || budget.left <= 0) return { path, kind, links: parent.links, ofCaller: false };
    budget.left -= 1;
    const found = resolve(target.startsWith('/') ? target : `${parent.path}/${target}`, budget, false);
    return { ...found, links: [...parent.links, path, ...found.links] };
  };

  const resolve = (written: string, budget: LinkBudget, remember: boolean): RealPath => {
    const path = written.length > 1 && written.endsWith('/') ? written.replace(/\/+$/, '') || '/' : written;
    const memory = known.get(path);
    if (memory) return memory;
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    const parent = resolve(slash <= 0 ? '/' : path.slice(0, slash), budget, remember);
    let found: RealPath;
    if (name === '' || name === '.') found = parent;
    // `..` leaves the directory that the links led to, not the one that was written.
    else if (name === '..') found = { ...resolve(parentOf(parent.path), budget, false), links: parent.links };
    else found = enter(parent, name, budget);
    if (remember) known.set(path, found);
    return found;
  };

  return (path) => known.get(path) ?? resolve(path, { left: MAX_LINKS }, true);
}
