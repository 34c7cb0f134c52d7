/**
 * The Landlock floor of a policy: what the kernel grants statically. The invariant is floor ⊆ policy: nothing that a rule denies may be on
 * it, because the supervisor lets calls on the floor pass unseen and only Landlock decides them. Landlock itself cannot deny, so a granted
 * tree that holds a denied path is *carved*: the directories from the tree down to the denied path are left out, their other entries are
 * granted one by one.
 */
import { access as accessBits, FLOOR_READ_TREE, FLOOR_WRITE_TREE, floorRight } from '../../sandbox/linux/constants.ts';
import type { FloorRule } from '../../sandbox/linux/plan-format.ts';
import { decide } from '../decide/decide.ts';
import { DenyPatterns } from '../decide/deny-patterns.ts';
import type { PolicyRule } from '../model.ts';
import { childOf, isProcessEntry, isTerminalEntry, isWithin, parentOf } from '../paths.ts';
import { foldName } from '../pattern/pattern.ts';
import { searchPatterns } from '../pattern/pattern-search.ts';
import { Devices, isDevicePlace } from '../resolve/devices.ts';
import type { FileSystem, NodeKind } from './file-system.ts';

export interface Floor {
  readonly rules: readonly FloorRule[];
  /** Directories that were carved: new names in them go through the supervisor. */
  readonly carved: readonly string[];
  /** What the deny patterns match now, and lead to: a DENY for each, with the pattern's id. */
  readonly matches: readonly PolicyRule[];
  /** How many bulk directories are on it by rules of their own. */
  readonly bulk: number;
  /** Entries that were searched for them. */
  readonly searched: number;
  readonly warnings: readonly string[];
  /** Granted directories that nobody serves and in which only what is granted by a rule of its own is open: something in them is denied, and what else there is cannot be listed. */
  readonly unlisted: readonly string[];
}

/** Above this, listing costs more than it saves, and the kernel's own rule lookup slows down. */
const MAX_CARVED_ENTRIES = 20_000;
/** The same of bulk directories: each is a rule of its own. */
const MAX_BULK = 5000;

type Bit = typeof accessBits.read | typeof accessBits.write;

const fileRights = {
  [accessBits.read]: floorRight.readFile | floorRight.execute,
  [accessBits.write]: floorRight.writeFile,
} as const;
/** What gives an object a name, for the calls that must be seen. */
const NAMING = floorRight.make | floorRight.refer;
const treeRights = { [accessBits.read]: FLOOR_READ_TREE, [accessBits.write]: FLOOR_WRITE_TREE } as const;

/** Denies and overrides of one access, arranged for the two questions that carving asks of every path. */
class Barrier {
  /** Paths denied with everything below. */
  readonly #trees = new Set<string>();
  /** Those of them that no override lifts. */
  readonly #fixed = new Set<string>();
  /** Paths denied themselves only. */
  readonly #points = new Set<string>();
  /** Every directory above one of these. */
  readonly #chain = new Set<string>();
  readonly #overrides: readonly PolicyRule[];
  /** Of the directories of the paths that were asked about. */
  readonly #clear = new Map<string, boolean>();
  /** Closed names and those above them, as a file system that ignores case and normalisation would compare them. */
  readonly #folded = new Set<string>();

  /** Terminals of the user's other shells lie beside those of the session: somebody has to tell them apart. */
  readonly #supervised: boolean;

  constructor(
    rules: readonly PolicyRule[],
    unseen: readonly string[],
    devices: Devices,
    bit: Bit,
    supervised: boolean,
  ) {
    this.#supervised = supervised;
    const concerned = rules.filter((rule) => (accessBits[rule.access] & bit) !== 0);
    this.#overrides = concerned.filter((rule) => rule.verdict === 'override');
    for (const rule of concerned) {
      if (rule.verdict !== 'deny' || rule.kind === 'pattern' || this.#lifted(rule)) continue;
      (rule.kind === 'tree' ? this.#trees : this.#points).add(rule.path);
      if (rule.fixed) this.#fixed.add(rule.path);
      this.#above(rule.path);
    }
    for (const path of unseen) {
      this.#trees.add(path);
      this.#above(path);
    }
    for (const path of [...this.#trees, ...this.#points, ...this.#chain]) this.#folded.add(foldName(path));
    // Entries of processes are never granted by inode: outside processes must stay closed, and pids are used again.
    this.#above('/proc/self');
    for (const path of devices.never) this.#above(path);
    if (supervised) this.#above('/dev/pts/0');
  }

  #above(path: string): void {
    // Whatever is above a directory already in the chain is in it too.
    for (let dir = parentOf(path); path !== '/' && !this.#chain.has(dir); dir = parentOf(dir)) this.#chain.add(dir);
  }

  /** A deny is out of the way only if an override lifts all that it covers. */
  #lifted(deny: PolicyRule): boolean {
    return (
      !deny.fixed &&
      this.#overrides.some((rule) => rule.path === deny.path && (rule.kind === 'tree' || deny.kind === 'exact'))
    );
  }

  /** Whether something strictly below this directory is closed. */
  isAboveClosed(dir: string): boolean {
    return this.#chain.has(dir);
  }

  /** Whether an entry met while walking down from an open directory is closed, whole or itself. */
  closes(path: string): 'tree' | 'point' | undefined {
    if (this.#trees.has(path) || isProcessEntry(path) || this.#isTerminal(path)) return 'tree';
    if (this.#points.has(path)) return 'point';
    // The same object under another spelling, if this directory ignores case: the supervisor finds out, here it is only not granted.
    return !this.#chain.has(path) && this.#folded.has(foldName(path)) ? 'tree' : undefined;
  }

  #isTerminal(path: string): boolean {
    return this.#supervised && isTerminalEntry(path);
  }

  /** Whether no tree is closed at this path or above it, lifted or not. */
  #isClear(path: string): boolean {
    let clear = this.#clear.get(path);
    if (clear === undefined) {
      clear = !this.#trees.has(path) && (path === '/' || this.#isClear(parentOf(path)));
      this.#clear.set(path, clear);
    }
    return clear;
  }

  /** Whether a deny at this path or above it reaches it: then no grant at it may be on the floor. */
  reaches(path: string): boolean {
    if (isProcessEntry(path) || this.#isTerminal(path)) return true;
    if (this.#isClear(path) && !this.#points.has(path)) return false;
    for (let at: string | undefined = path; at !== undefined; at = at === '/' ? undefined : parentOf(at)) {
      if (!this.#trees.has(at) && !(at === path && this.#points.has(at))) continue;
      const closed = at;
      const open =
        !this.#fixed.has(at) &&
        this.#overrides.some(
          (rule) => rule.kind === 'tree' && isWithin(path, rule.path) && isWithin(rule.path, closed),
        );
      if (!open) return true;
    }
    return false;
  }
}

/** Stands for any name. */
const anything = 'nono-any';

/** What is known by its place in /proc and /dev/pts, where it is mounted again, as in a directory that somebody changes the root to. */
function secondPlaces(fs: FileSystem): readonly string[] {
  const again = (fs.mounts?.() ?? []).filter(({ place }) => !isWithin(place, '/proc') && !isWithin(place, '/dev'));
  return again.filter(({ type }) => type === 'proc' || type === 'devpts').map(({ place }) => place);
}

/**
 * Computes the floor. What exists is asked of `fs`; what does not is left to the supervisor. `strict`: nothing is on it that a deny pattern could match once
 * somebody outside gave it another name. `supervised`: there is somebody to tell whose a terminal is.
 */
export function computeFloor(policy: readonly PolicyRule[], fs: FileSystem, strict = false, supervised = true): Floor {
  const search = searchPatterns(policy, new DenyPatterns(policy), fs);
  const found = [...search.matches, ...search.derived];
  const rules = found.length === 0 ? policy : [...policy, ...found];
  const patterns = new DenyPatterns(rules);
  const rights = new Map<string, number>();
  const carved = new Set<string>();
  const warnings: string[] = [...search.warnings];
  const unlisted = new Set<string>();
  const barriers: Barrier[] = [];
  const devices = new Devices(fs);
  const places = secondPlaces(fs);

  const grant = (path: string, kind: NodeKind, bit: Bit): void => {
    let bits = (kind === 'directory' ? treeRights : fileRights)[bit] | deviceRights(path, kind, bit);
    // New names must be seen where a pattern could match one.
    if (kind === 'directory' && bit === accessBits.write && patterns.reach(path)) bits &= ~NAMING;
    rights.set(path, (rights.get(path) ?? 0) | bits);
  };

  for (const bit of [accessBits.read, accessBits.write] as const) {
    const unknown = bit === accessBits.write ? [...search.unseen, ...search.unseenForWriting] : search.unseen;
    const barrier = new Barrier(rules, [...unknown, ...places], devices, bit, supervised);
    barriers.push(barrier);
    const walked = new Set<string>();

    let lenient = !strict || patterns.empty;
    let granting: PolicyRule | undefined;
    const walk = (path: string, kind: NodeKind): void => {
      // What a link leads to is granted, or not, at its own place.
      if (kind === 'symlink') return;
      if (!lenient && !isDevicePlace(path) && patterns.reach(kind === 'directory' ? path : parentOf(path))) {
        // Where only some names lead on to matches, the others are granted one by one.
        if (kind === 'directory' && !patterns.reach(childOf(path, anything))) carve(path);
        return;
      }
      if (kind === 'directory' && barrier.isAboveClosed(path)) carve(path);
      else grant(path, kind, bit);
    };

    const carve = (dir: string): void => {
      if (walked.has(dir)) return;
      walked.add(dir);
      carved.add(dir);
      const listed = fs.list(dir);
      // A supervisor serves it. What groups grant in the system's directories may lack there, what the user grants may not lack unsaid.
      if (listed === undefined && !supervised && granting?.source.startsWith('group:') === false) unlisted.add(dir);
      const entries = listed ?? [];
      if (entries.length > MAX_CARVED_ENTRIES) {
        warnings.push(
          `${dir} holds ${entries.length} entries beside a denied one; they are all served by the supervisor, which is slower`,
        );
        return;
      }
      const matches = patterns.namesIn(dir, bit);
      const access = bit === accessBits.read ? 'read' : 'write';
      for (const entry of entries) {
        // A name that is not UTF-8 would come back as another name.
        if (entry.name.includes('\uFFFD')) continue;
        const child = childOf(dir, entry.name);
        if (!devices.opens(child, entry.kind)) continue;
        const closed = barrier.closes(child);
        // Made by somebody outside since the search: what is not among its matches has no barrier.
        if (
          closed === undefined &&
          matches(entry.name) &&
          decide({ rules }, { path: child, access }).verdict !== 'allow'
        )
          continue;
        if (closed === undefined && entry.kind === 'directory' && devices.holds(child)) carve(child);
        else if (closed === undefined) walk(child, entry.kind);
        // Denied itself, but not what lies in it.
        else if (closed === 'point' && entry.kind === 'directory') carve(child);
      }
    };

    for (const rule of rules) {
      if (
        rule.verdict !== 'allow' ||
        rule.kind === 'pattern' ||
        (accessBits[rule.access] & bit) === 0 ||
        barrier.reaches(rule.path)
      )
        continue;
      const kind = fs.kind(rule.path);
      if (kind === undefined) continue;
      // Landlock has no rule for a directory without what is below it: listing it goes through the supervisor.
      if (rule.kind === 'exact' && kind === 'directory') continue;
      // nono's own files hold nothing of the user's, and the library of the fast path must be there.
      lenient = !strict || patterns.empty || (rule.source === 'nono' && rule.access === 'read');
      granting = rule;
      walk(rule.path, kind);
    }
  }
  let bulk = 0;
  for (const path of search.bulk) {
    // As a whole or not at all: where a deny lies below, or a pattern that is no guard's could match, it stays as the tree around it is.
    if (patterns.reach(path) || barriers.some((barrier) => barrier.isAboveClosed(path) || barrier.reaches(path)))
      continue;
    if (decide({ rules }, { path: childOf(path, anything), access: 'readwrite' }).verdict !== 'allow') continue;
    if (++bulk > MAX_BULK) continue;
    rights.set(path, (rights.get(path) ?? 0) | FLOOR_READ_TREE | FLOOR_WRITE_TREE);
  }
  if (bulk > MAX_BULK)
    warnings.push(`${bulk} bulk directories; ${bulk - MAX_BULK} of them are served by the supervisor, which is slower`);
  return {
    rules: withoutCovered(rights),
    bulk: Math.min(bulk, MAX_BULK),
    carved: [...carved].sort(),
    matches: found,
    searched: search.searched,
    warnings,
    unlisted: [...unlisted],
  };
}

/** What a new tree at this path, readable and writable throughout, may be given on the floor. */
export function newTreeRights(rules: readonly PolicyRule[]): (path: string) => number {
  const patterns = new DenyPatterns(rules);
  return (path) => FLOOR_READ_TREE | (patterns.reach(path) ? FLOOR_WRITE_TREE & ~NAMING : FLOOR_WRITE_TREE);
}

/** ioctl on devices, so that isatty and tcsetattr work on the terminals that are granted. Block devices only with the right to write them. */
function deviceRights(path: string, kind: NodeKind, bit: Bit): number {
  if (kind === 'char-device' || (kind === 'block-device' && bit === accessBits.write)) return floorRight.ioctlDev;
  return kind === 'directory' && isWithin(path, '/dev') ? floorRight.ioctlDev : 0;
}

/** Drops rules whose rights a directory above them grants already: fewer inodes for the kernel to look up. */
function withoutCovered(rights: ReadonlyMap<string, number>): FloorRule[] {
  const kept: FloorRule[] = [];
  for (const path of [...rights.keys()].sort()) {
    const own = rights.get(path) as number;
    let inherited = 0;
    for (let dir = path; dir !== '/'; ) {
      dir = parentOf(dir);
      inherited |= rights.get(dir) ?? 0;
    }
    if ((own & ~inherited) !== 0) kept.push({ path, rights: own });
  }
  return kept;
}
