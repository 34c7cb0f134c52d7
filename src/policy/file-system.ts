/** The few questions policy code asks the file system, so that resolving and compiling stay pure and can be tested on any tree. */
import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { childOf } from './paths.ts';

export type NodeKind = 'file' | 'directory' | 'symlink' | 'char-device' | 'block-device' | 'socket' | 'fifo';

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: NodeKind;
}

export interface FileSystem {
  /** What lies at this path, links not followed; undefined when nothing does or this user cannot see it. */
  kind(path: string): NodeKind | undefined;
  readLink(path: string): string | undefined;
  /** Entries of a directory; undefined when this user cannot list it. */
  list(path: string): readonly DirectoryEntry[] | undefined;
}

function kindOf(entry: Stats | Dirent): NodeKind {
  if (entry.isDirectory()) return 'directory';
  if (entry.isFile()) return 'file';
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isCharacterDevice()) return 'char-device';
  if (entry.isBlockDevice()) return 'block-device';
  if (entry.isSocket()) return 'socket';
  return 'fifo';
}

function attempt<T>(question: () => T): T | undefined {
  try {
    return question();
  } catch {
    // Not visible to this user: nothing can be granted there by inode, so it counts as absent. Deny rules are kept by name.
    return undefined;
  }
}

/** The real file system, each question asked once: a policy looks at the same directories hundreds of times. Make one per resolve. */
export function nodeFileSystem(): FileSystem {
  const kinds = new Map<string, NodeKind | undefined>();
  const links = new Map<string, string | undefined>();
  const remember = <T>(memory: Map<string, T>, path: string, ask: () => T): T => {
    const known = memory.get(path);
    if (known !== undefined || memory.has(path)) return known as T;
    const answer = ask();
    memory.set(path, answer);
    return answer;
  };
  return {
    kind: (path) =>
      remember(kinds, path, () =>
        attempt(() => {
          const stat = lstatSync(path, { throwIfNoEntry: false });
          return stat && kindOf(stat);
        }),
      ),
    readLink: (path) => remember(links, path, () => attempt(() => readlinkSync(path))),
    list: (path) =>
      attempt(() => {
        const entries = readdirSync(path, { withFileTypes: true });
        return entries.map((entry) => {
          const kind = kindOf(entry);
          kinds.set(childOf(path, entry.name), kind);
          return { name: entry.name, kind };
        });
      }),
  };
}
