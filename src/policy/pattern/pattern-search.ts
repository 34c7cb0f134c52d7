/**
 * What the deny patterns of a policy match at start. A pattern can only be carved out of the floor where its matches are known, so the granted
 * trees are walked; a directory below which no pattern can match is not entered. What cannot be looked into is named, and stays off the floor.
 */
import { basename } from 'node:path';
import { access as accessBits } from '../../sandbox/linux/constants.ts';
import { type Denied, DenyPatterns } from '../decide/deny-patterns.ts';
import type { PolicyRule } from '../model.ts';
import { childOf, isProcessEntry, isWithin, parentOf } from '../paths.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { createRealPathResolver } from '../resolve/real-path.ts';
import { isSessionTmp } from '../resolve/session-tmp-rule.ts';
import {
  escapePattern,
  foldLiterals,
  type PatternState,
  parsePattern,
  patternBelowName,
  patternStep,
} from './pattern.ts';
import { PatternStates, type StatesAt } from './pattern-states.ts';

/** A walk over more than this is given up: what was not seen is served by the supervisor. */
const MAX_SEARCHED = 2_000_000;
/** Links that lead to links under patterns: each round takes one step. */
const MAX_ROUNDS = 4;
/** Each match is a rule of its own, and its siblings are floor rules. */
export const MAX_MATCHES = 20_000;

/** Below a path of this many bytes nothing is looked for, as in native/search/search_names.c: what lies there could not be named in a plan. */
const MAX_DEPTH_BYTES = 2048;

function isTooDeep(path: string): boolean {
  return path.length > MAX_DEPTH_BYTES / 3 && Buffer.byteLength(path) > MAX_DEPTH_BYTES;
}

export interface PatternSearch {
  /** For every match a DENY on that tree, with the id of the pattern that it belongs to. */
  readonly matches: readonly PolicyRule[];
  /** Not denied by name, but not to be granted by inode either: unlistable, not looked into, or matching if case or normalisation is ignored. */
  readonly unseen: readonly string[];
  /** The same, of patterns that leave reading as it is: only writing is not granted. */
  readonly unseenForWriting: readonly string[];
  /** Patterns that hold because a link leads somewhere; they belong to the pattern whose id they have. */
  readonly derived: readonly PolicyRule[];
  /** Bulk directories that guards did not look into: the outermost ones. */
  readonly bulk: readonly string[];
  readonly searched: number;
  readonly warnings: readonly string[];
}

function withoutBulk({ bulk: _bulk, deep: _deep, ...rule }: PolicyRule): PolicyRule {
  return rule;
}

class Search {
  readonly #fs: FileSystem;
  readonly #denied: readonly Denied[];
  readonly #places: PatternStates;
  readonly #found = new Map<string, PolicyRule>();
  readonly #unseen = new Set<string>();
  readonly #skip: ReadonlySet<string>;
  readonly #scan: FileSystem['list'];
  readonly #slow: ReadonlySet<string>;
  readonly #derived = new Map<string, PolicyRule>();
  readonly #bulk = new Set<string>();
  #searched = 0;
  readonly #warnings: string[] = [];

  constructor(rules: readonly PolicyRule[], denied: readonly Denied[], fs: FileSystem) {
    this.#fs = fs;
    this.#denied = denied;
    this.#places = new PatternStates(denied.map(({ pattern }) => pattern));
    this.#scan = fs.scan ?? fs.list;
    this.#slow = fs.slowMounts?.() ?? new Set();
    // Nothing below a denied directory is on the floor; unless something in it is opened again, there is nothing to find.
    const opened = rules.some((rule) => rule.verdict === 'override');
    this.#skip = new Set(
      opened
        ? []
        : rules.filter((r) => r.verdict === 'deny' && r.kind === 'tree' && r.access === 'all').map((r) => r.path),
    );
  }

  run(rules: readonly PolicyRule[]): PatternSearch {
    const grants = rules.filter((rule) => rule.verdict === 'allow' && rule.kind !== 'pattern');
    const trees = grants.filter((rule) => rule.kind === 'tree').map((rule) => rule.path);
    const roots = new Map<string, StatesAt>();
    for (const rule of grants) {
      const { path, kind } = rule;
      const states = this.#enter(path);
      if (kind !== 'tree' || trees.some((tree) => tree !== path && isWithin(path, tree))) continue;
      // Made for this session, or about to be, so it is empty: and the next start with this plan has another one.
      if (isSessionTmp(rule)) continue;
      if (states !== undefined && this.#fs.kind(path) === 'directory') roots.set(path, states);
    }
    if (roots.size > 0 && !this.#searchAll(roots)) for (const [path, states] of roots) this.#walk(path, states);
    return {
      matches: [...this.#found.values()],
      unseen: [...this.#unseen],
      unseenForWriting: [],
      derived: [...this.#derived.values()],
      bulk: [...this.#bulk],
      searched: this.#searched,
      warnings: this.#warnings,
    };
  }

  /** The states at a granted path; what matches on the way there is found as well. */
  #enter(path: string): StatesAt | undefined {
    const here = this.#places.at(path);
    for (let slash = path.indexOf('/', 1); path !== '/'; slash = path.indexOf('/', slash + 1)) {
      const at = slash < 0 ? path : path.slice(0, slash);
      const [matched] = this.#places.at(at).matched;
      if (matched !== undefined) this.#noteMatch(at, matched);
      if (slash < 0) break;
    }
    return path === '/' || here.reaches ? here : undefined;
  }

  #noteMatch(path: string, i: number): void {
    const { rule } = this.#denied[i] as Denied;
    this.#match(path, rule);
    // A link that matches protects what it leads to as well, as a denied path does.
    if (this.#fs.kind(path) === 'symlink') {
      const target = createRealPathResolver(this.#fs)(path);
      if (target.kind !== undefined && !target.ofCaller && target.path !== '/') this.#match(target.path, rule);
    }
  }

  #match(path: string, rule: PolicyRule): void {
    this.#found.set(path, { ...withoutBulk(rule), kind: 'tree', path });
  }

  /** What is in there is not known: it stays off the floor, and where it is, since moved onto the floor it would be open. */
  #hide(path: string): void {
    const { rule } = this.#denied[0] as Denied;
    this.#unseen.add(path);
    this.#found.set(path, { ...withoutBulk(rule), kind: 'exact', access: 'writeconnect', path });
  }

  /** Known in part is not known: nothing of this tree goes on the floor. */
  #giveUp(root: string): void {
    this.#warnings.push(
      `${root} is too large to search for patterns; all of it is served by the supervisor, which is slower`,
    );
    this.#hide(root);
  }

  /** The walk as one question to the file system: it answers with more than is needed, and each answer is looked at as a walk would. */
  #searchAll(roots: ReadonlyMap<string, StatesAt>): boolean {
    const answer = this.#fs.search?.({
      patterns: this.#denied.map(({ rule, pattern }) => ({
        text: pattern.text,
        folded: foldLiterals(pattern),
        guard: rule.deep ? 'deep' : rule.bulk !== undefined,
      })),
      bulk: [...new Set(this.#denied.flatMap(({ rule }) => rule.bulk ?? []))],
      closed: [...new Set(this.#denied.flatMap(({ rule }) => (rule.deep && rule.bulk) || []))],
      roots: [...roots.keys()],
      skip: [...this.#skip],
      slow: [...this.#slow],
      most: MAX_SEARCHED,
    });
    if (answer === undefined) return false;
    this.#searched += answer.searched;
    const known = new Map<string, StatesAt | undefined>(roots);
    for (const { path, kind, state } of answer.entries) {
      if (state === 'too-large') this.#giveUp(path);
      else if (state === 'unlisted') this.#unlisted(path);
      // A root that lies too deep has no directory above it to look from.
      else if (state === 'too-deep') this.#hide(path);
      else {
        const dir = parentOf(path);
        const states = this.#statesAt(dir, known);
        if (states !== undefined) this.#look(dir, states, basename(path), kind === 'directory', []);
      }
    }
    for (const root of roots.keys()) if (this.#found.size > MAX_MATCHES) this.#giveUp(root);
    return true;
  }

  /** The states in a directory below a root; undefined where a walk would not have come. */
  #statesAt(dir: string, known: Map<string, StatesAt | undefined>): StatesAt | undefined {
    if (known.has(dir)) return known.get(dir);
    const parent = parentOf(dir);
    const before = dir === '/' ? undefined : this.#statesAt(parent, known);
    const stepped = before && this.#places.step(before, basename(dir), parent);
    const entered =
      stepped !== undefined && !this.#skip.has(dir) && !dir.includes('\uFFFD') && stepped.matched.length === 0;
    const states = entered ? stepped : undefined;
    known.set(dir, states);
    return states;
  }

  /** Not listable: a name in it can be opened by whoever knows it and may search it, or may let itself. */
  #unlisted(path: string): void {
    if (this.#fs.enterable?.(path) !== false) this.#hide(path);
  }

  #walk(root: string, from: StatesAt): void {
    const queue: { path: string; states: StatesAt }[] = [{ path: root, states: from }];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const { path, states } = next;
      if (this.#searched > MAX_SEARCHED || this.#found.size > MAX_MATCHES) {
        this.#giveUp(root);
        return;
      }
      const entries = this.#scan(path);
      if (entries === undefined) {
        this.#unlisted(path);
        continue;
      }
      this.#searched += entries.length;
      for (const entry of entries) this.#look(path, states, entry.name, entry.kind === 'directory', queue);
    }
  }

  #look(
    dir: string,
    before: StatesAt,
    name: string,
    directory: boolean,
    queue: { path: string; states: StatesAt }[],
  ): void {
    const child = childOf(dir, name);
    if (isProcessEntry(child) || this.#skip.has(child)) return;
    const next = this.#places.step(before, name, dir);
    const { reaches: reached } = next;
    const { states } = before;
    const [matched] = next.matched;
    if (matched !== undefined) {
      this.#noteMatch(child, matched);
      return;
    }
    // Bytes that are no UTF-8 come back as another name: what it is, and what is in it, cannot be said.
    if (name.includes('\uFFFD')) {
      this.#hide(child);
      return;
    }
    const concerns = this.#places.concern(dir, name);
    if (directory && concerns && this.#isBulk(states, dir, name)) this.#bulk.add(child);
    if (concerns && this.#couldMatch(states, next.states, name, dir)) this.#unseen.add(child);
    if (directory && reached && this.#slow.has(child)) {
      this.#warnings.push(
        `${child} is not searched for patterns: its file system may never answer; it is served by the supervisor`,
      );
      this.#hide(child);
      return;
    }
    if (directory && reached && isTooDeep(child)) {
      this.#hide(child);
      return;
    }
    if (directory && reached) queue.push({ path: child, states: next });
    else if (!directory && concerns) this.#leadsPast(child, states, name, dir === '/');
  }

  /**
   * A link or a file where a pattern names a directory (`.git`) says that the directory is elsewhere. It must not come to say something else, and what a
   * link leads to now is under the rest of the pattern.
   */
  #leadsPast(path: string, states: readonly PatternState[], name: string, atRoot: boolean): void {
    for (const [i, state] of states.entries()) {
      if (state === 0) continue;
      const { rule, pattern } = this.#denied[i] as Denied;
      const rests = patternBelowName(pattern, state, name, atRoot);
      if (rests.length === 0) continue;
      this.#found.set(path, { ...withoutBulk(rule), kind: 'exact', access: 'writeconnect', path });
      if (this.#fs.kind(path) !== 'symlink') continue;
      const target = createRealPathResolver(this.#fs)(path);
      if (target.ofCaller) continue;
      for (const rest of rests) {
        const text = `${target.path === '/' ? '' : escapePattern(target.path)}/${rest}`;
        // What a guard's directory leads to is one of its places: nothing below it is bulk.
        this.#derived.set(text, { ...withoutBulk(rule), path: parsePattern(text).text });
      }
    }
  }

  #isBulk(states: readonly PatternState[], dir: string, name: string): boolean {
    return this.#denied.some(({ pattern }, i) => states[i] !== 0 && pattern.bulk?.has(dir, name));
  }

  /** A file system that ignores case or normalisation would call this name by the pattern's: granted by inode it would be open under either. */
  #couldMatch(states: readonly PatternState[], exact: readonly PatternState[], name: string, dir: string): boolean {
    return states.some((state, i) => {
      if (state === 0) return false;
      const { pattern } = this.#denied[i] as Denied;
      return (patternStep(pattern, state, name, dir, true) & ~(exact[i] as PatternState)) !== 0;
    });
  }
}

/** Walks the granted trees for what the deny patterns match now. */
export function searchPatterns(rules: readonly PolicyRule[], patterns: DenyPatterns, fs: FileSystem): PatternSearch {
  if (patterns.empty) return nothing;
  const isPatternOf = (rule: PolicyRule, bit: number): boolean =>
    rule.verdict === 'deny' && rule.kind === 'pattern' && (accessBits[rule.access] & bit) !== 0;
  // Apart, because below what is denied altogether nothing is looked for, while below what only must not be written something may be denied to be read.
  const reading = rules.filter(
    (rule) => rule.kind !== 'pattern' || rule.verdict !== 'deny' || isPatternOf(rule, accessBits.read),
  );
  const writing = rules.filter((rule) => !isPatternOf(rule, accessBits.read) && grantsOrDeniesWriting(rule));
  const first = searchClass(reading, fs);
  const second = searchClass(writing, fs);
  return {
    matches: [...first.matches, ...second.matches],
    unseen: first.unseen,
    unseenForWriting: second.unseen,
    derived: [...first.derived, ...second.derived],
    bulk: second.bulk,
    searched: first.searched + second.searched,
    warnings: [...first.warnings, ...second.warnings],
  };
}

const nothing: PatternSearch = {
  matches: [],
  unseen: [],
  unseenForWriting: [],
  derived: [],
  bulk: [],
  searched: 0,
  warnings: [],
};

/** Where nothing may be written, nothing has to be kept from being written. */
function grantsOrDeniesWriting(rule: PolicyRule): boolean {
  return rule.verdict !== 'allow' || (accessBits[rule.access] & accessBits.write) !== 0;
}

function searchClass(rules: readonly PolicyRule[], fs: FileSystem): PatternSearch {
  if (new DenyPatterns(rules).empty) return nothing;
  let all = rules;
  for (let round = 0; ; round++) {
    const search = new Search(all, new DenyPatterns(all).all(), fs).run(all);
    const known = new Set(all.map((rule) => rule.path));
    const fresh = search.derived.filter((rule) => !known.has(rule.path));
    all = [...all, ...fresh];
    if (fresh.length === 0) return { ...search, derived: all.slice(rules.length) };
    if (round < MAX_ROUNDS) continue;
    const warnings = [
      ...search.warnings,
      'links under patterns lead to links, too many in a row: what the last ones match already was not searched',
    ];
    return { ...search, derived: all.slice(rules.length), warnings };
  }
}
