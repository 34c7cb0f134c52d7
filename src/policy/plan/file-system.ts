/** The few questions policy code asks the file system, so that resolving and compiling stay pure and can be tested on any tree. */
import {
  accessSync,
  constants,
  type Dirent,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { currentlyAsked } from '../../platform/asked.ts';
import { childOf, parentOf } from '../paths.ts';
import { nativeSearch, type TypedMeanwhile } from '../pattern/native-search.ts';
import { type Mount, parseMounts, slowPlaces } from '../resolve/mounts.ts';

const LIST_AFTER = 24;
const LONG_DIRECTORY = 65_536;
const mayLack = { throwIfNoEntry: false } as const;
const CLOSED_DIRECTORY = constants.S_IFDIR | 0o700;

export type NodeKind = 'file' | 'directory' | 'symlink' | 'char-device' | 'block-device' | 'socket' | 'fifo';

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: NodeKind;
}

/** One walk for patterns over whole trees. */
export interface TreeSearch {
  /** Absolute, and the same with literal components as a file system that ignores case has them. */
  readonly patterns: readonly { readonly text: string; readonly folded: string; readonly guard: boolean | 'deep' }[];
  /** Directories that guards do not look into: a name, or two with a slash. Each is reported where it ends the look. */
  readonly bulk: readonly string[];
  /** Those of them that deep guards do not look into either. */
  readonly closed: readonly string[];
  readonly roots: readonly string[];
  /** Directories not to enter, without a word. */
  readonly skip: readonly string[];
  /** Directories not to enter, each reported. */
  readonly slow: readonly string[];
  /** Entries after which the rest is given up. */
  readonly most: number;
}

/** A name that the patterns may be concerned with, or a directory whose names are not known. */
export interface FoundEntry {
  readonly path: string;
  readonly kind: NodeKind;
  readonly state: 'unlisted' | 'too-deep' | 'slow' | 'too-large' | undefined;
}

export interface FileSystem {
  /** What lies at this path, links not followed; undefined when nothing does or this user cannot see it. */
  kind(path: string): NodeKind | undefined;
  readLink(path: string): string | undefined;
  /** Entries of a directory; undefined when this user cannot list it. */
  list(path: string): readonly DirectoryEntry[] | undefined;
  /** As `list`, for walks over whole trees: nothing is remembered. */
  scan?(path: string): readonly DirectoryEntry[] | undefined;
  /** As walking with `scan`, but only what the patterns may be concerned with, sorted by path. Undefined: it has to be walked. */
  search?(search: TreeSearch): { readonly entries: readonly FoundEntry[]; readonly searched: number } | undefined;
  /** Whether this user can reach what is in a directory by its name, or can come to: whoever owns it, or the one above that keeps it from being looked at, changes the mode. */
  enterable?(path: string): boolean;
  /** What is mounted where; undefined where the kernel cannot be asked. */
  mounts?(): readonly Mount[] | undefined;
  /** Whether a directory belongs to this user and is closed to all others, as `mkdtemp` makes it. */
  closedToOthers?(path: string): boolean;
  /** Where file systems are mounted that may never answer: network, FUSE, automount. Walks do not enter them. */
  slowMounts?(): ReadonlySet<string>;
  /** Which object lies at a path, and how many names it has; links not followed. */
  identity?(path: string): { readonly id: string; readonly links: number } | undefined;
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
  } catch (error) {
    // Of the system only: an engine without memory, or a mistake, is no answer about a path.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    // Not visible to this user: nothing can be granted there by inode, so it counts as absent. Deny rules are kept by name.
    return undefined;
  }
}

function mounted(): readonly Mount[] | undefined {
  const text = attempt(() => readFileSync('/proc/self/mountinfo', 'utf8'));
  if (text === undefined) currentlyAsked()?.doubt();
  else currentlyAsked()?.ask('content', '/proc/self/mountinfo', `=${text}`);
  return text === undefined ? undefined : parseMounts(text);
}

/** The real file system, each question asked once: a policy looks at the same directories hundreds of times. Make one per resolve. `typed` is told what a search
 * took from the terminal. */
export function nodeFileSystem(
  progress = false,
  typed: (keys: TypedMeanwhile) => void = () => {},
): FileSystem & Required<Pick<FileSystem, 'scan'>> {
  const kinds = new Map<string, NodeKind | 'none'>();
  const links = new Map<string, string | undefined>();
  const remember = <T>(memory: Map<string, T>, path: string, ask: () => T): T => {
    const known = memory.get(path);
    if (known !== undefined || memory.has(path)) return known as T;
    const answer = ask();
    memory.set(path, answer);
    return answer;
  };
  let known: readonly Mount[] | undefined;
  const mounts = (): readonly Mount[] | undefined => (known ??= mounted());
  let slow: ReadonlySet<string> | undefined;
  const asked = new Map<string, number>();
  const listed = new Set<string>();
  const list = (path: string): readonly DirectoryEntry[] | undefined =>
    attempt(() => {
      const entries = readdirSync(path, { withFileTypes: true });
      listed.add(path);
      return entries.map((entry) => {
        const kind = kindOf(entry);
        kinds.set(childOf(path, entry.name), kind);
        return { name: entry.name, kind };
      });
    });
  /** Rules ask for a hundred names in /etc and in the home directory: from then on one listing answers them all, unless it would be long. In /dev they ask for a dozen of
   * three hundred, and an entry that is listed costs as much memory as one that is asked for. */
  const fromListing = (path: string): boolean => {
    const parent = parentOf(path);
    if (listed.has(parent)) return true;
    const count = (asked.get(parent) ?? 0) + 1;
    asked.set(parent, count);
    if (count !== LIST_AFTER) return false;
    const size = attempt(() => lstatSync(parent).size);
    // No size: /proc and /dev/pts, which hold what the machine is doing and not what a rule names.
    return size !== undefined && size > 0 && size <= LONG_DIRECTORY && list(parent) !== undefined;
  };
  const look = (path: string): NodeKind | 'none' => {
    // The root stands in no listing, also not in its own.
    if (path !== '/' && fromListing(path)) return kinds.get(path) ?? 'none';
    const stat = attempt(() => lstatSync(path, mayLack));
    return stat === undefined ? 'none' : kindOf(stat);
  };
  return {
    kind: (path) => {
      let kind = kinds.get(path);
      if (kind === undefined) {
        kind = look(path);
        kinds.set(path, kind);
      }
      return kind === 'none' ? undefined : kind;
    },
    readLink: (path) => remember(links, path, () => attempt(() => readlinkSync(path))),
    list,
    scan: (path) =>
      attempt(() =>
        readdirSync(path, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
      ),
    search: (search) => {
      const answer = nativeSearch(search, progress);
      if (answer?.typed !== undefined) typed(answer.typed);
      return answer;
    },
    enterable: (path) =>
      attempt(() => accessSync(path, constants.X_OK) === undefined) === true ||
      attempt(() => lstatSync(path).uid === process.geteuid?.()) !== false,
    mounts,
    slowMounts: () => (slow ??= slowPlaces(mounts() ?? [])),
    closedToOthers: (path) =>
      attempt(() => {
        const { mode, uid } = lstatSync(path);
        return uid === process.geteuid?.() && mode === CLOSED_DIRECTORY;
      }) === true,
    identity: (path) =>
      attempt(() => {
        const stat = lstatSync(path);
        return { id: `${stat.dev}:${stat.ino}`, links: stat.nlink };
      }),
  };
}
