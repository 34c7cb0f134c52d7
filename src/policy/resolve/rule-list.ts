/** Collects the rules of a policy on real paths, so that every source of rules treats links, missing files and /proc the same way. */
import type { AccessName, RuleAccess, RuleKind, RuleVerdict } from '../../sandbox/linux/constants.ts';
import type { PolicyRule, RuleSource } from '../model.ts';
import { isWithin, upwards } from '../paths.ts';
import { patternOf } from '../pattern/bulk.ts';
import {
  escapePattern,
  expandBraces,
  isPattern,
  literalPrefix,
  parsePattern,
  patternAt,
  patternMatches,
  unescapePattern,
} from '../pattern/pattern.ts';
import type { RealPath, RealPathResolver } from './real-path.ts';

/** Where a rule is written and why, as it is shown to the user. */
export interface RuleOrigin {
  readonly source: RuleSource;
  readonly raw: string;
  /** `file:line:column`, of what a profile says. */
  readonly at?: string;
  readonly why?: string;
  /** Of a deny: no override lifts it. */
  readonly fixed?: true;
  /** Of a guard's pattern: where it does not look. */
  readonly bulk?: readonly string[];
  readonly deep?: true;
}

function keyOf(verdict: RuleVerdict, kind: RuleKind, access: RuleAccess, path: string): string {
  return `${verdict} ${kind} ${access} ${path}`;
}

export class RuleList {
  readonly #rules: PolicyRule[] = [];
  /** Places in the list. */
  readonly #seen = new Map<string, number>();
  /** Of the rules on each path. */
  readonly #places = new Map<string, number[]>();
  readonly #patterns: number[] = [];
  readonly #resolve: RealPathResolver;
  /** Of each rule: links on the way to what it grants; none when it was written without one, too. */
  readonly #links: (readonly string[] | undefined)[] = [];
  constructor(resolve: RealPathResolver) {
    this.#resolve = resolve;
  }

  real(path: string): RealPath {
    return this.#resolve(path);
  }

  /**
   * Grants a path: a directory with all below it, one file, or with `itself` that one object whatever it is. Paths of the asking process
   * need no rule.
   */
  allow(path: string, access: AccessName, origin: RuleOrigin, extent: 'all' | 'itself' = 'all'): void {
    const real = this.#resolve(path);
    if (real.ofCaller) return;
    const single = extent === 'itself' || (real.kind !== undefined && real.kind !== 'directory');
    const kind = single ? 'exact' : 'tree';
    this.#allowThrough(real, kind, access, origin);
  }

  /** Lets sockets be connected to: one, or `tree`: all in a directory and below it. With `bind` they may be made and removed there too. */
  connect(path: string, extent: 'one' | 'tree', bind: boolean, origin: RuleOrigin): void {
    const real = this.#resolve(path);
    if (real.ofCaller) return;
    this.#allowThrough(real, extent === 'tree' ? 'tree' : 'exact', bind ? 'writeconnect' : 'connect', origin);
  }

  #allowThrough({ path, links }: RealPath, kind: RuleKind, access: RuleAccess, origin: RuleOrigin): void {
    const place = this.add('allow', kind, access, path, origin);
    if (this.#links[place]?.length !== 0) this.#links[place] = links;
  }

  /**
   * Denies a path and all below it, existing or not, and the replacement of every link that leads to it. Connecting goes with writing, as in
   * the permissions of a socket.
   */
  deny(path: string, access: 'write' | 'readwrite', origin: RuleOrigin): void {
    const real = this.#resolve(path);
    this.add('deny', 'tree', access === 'write' ? 'writeconnect' : 'all', real.path, origin);
    for (const link of real.links) this.add('deny', 'exact', 'writeconnect', link, origin);
  }

  /**
   * Denies what a pattern matches, and all below: absolute, braces and all. What a pattern begins with is a directory like any other, so its links are
   * resolved; an alternative without special characters is a path. Throws PathProblem.
   */
  denyPattern(text: string, origin: RuleOrigin, access: 'write' | 'readwrite' = 'readwrite'): void {
    for (const one of expandBraces(text)) {
      if (!isPattern(one)) {
        this.deny(unescapePattern(one), access, origin);
        continue;
      }
      const { prefix, rest } = literalPrefix(one);
      const real = this.#resolve(prefix);
      const pattern = parsePattern(`${real.path === '/' ? '' : escapePattern(real.path)}/${rest}`);
      this.add('deny', 'pattern', access === 'write' ? 'writeconnect' : 'all', pattern.text, origin);
      for (const link of real.links) this.add('deny', 'exact', 'writeconnect', link, origin);
      // A file whose very name looks like a pattern (`[slug]`) is meant too.
      const literal = unescapePattern(one);
      if (this.#resolve(literal).kind !== undefined) this.deny(literal, access, origin);
    }
  }

  /** Lifts the denies at or above a path, for that path and what is below it. */
  override(path: string, origin: RuleOrigin): void {
    this.add('override', 'tree', 'all', this.#resolve(path).path, origin);
  }

  /** Its place in the list. */
  add(verdict: RuleVerdict, kind: RuleKind, access: RuleAccess, path: string, origin: RuleOrigin): number {
    const key = keyOf(verdict, kind, access, path);
    const before = this.#seen.get(key);
    if (before !== undefined) {
      this.#sayToo(before, origin);
      return before;
    }
    const place = this.#rules.length;
    this.#seen.set(key, place);
    const others = this.#places.get(path);
    if (kind === 'pattern') this.#patterns.push(place);
    else if (others === undefined) this.#places.set(path, [place]);
    else others.push(place);
    this.#rules.push(this.#made(verdict, kind, access, path, origin));
    this.#links.push(undefined);
    return place;
  }

  #made(verdict: RuleVerdict, kind: RuleKind, access: RuleAccess, path: string, origin: RuleOrigin): PolicyRule {
    const id = this.#rules.length;
    if (!('bulk' in origin || 'deep' in origin)) return { id, verdict, kind, access, path, ...origin };
    const { bulk, deep, ...rest } = origin;
    const rule = { id, verdict, kind, access, path, ...rest };
    // Only a pattern looks anywhere: a path that is named is meant, wherever it lies.
    if (kind !== 'pattern') return rule;
    return { ...rule, ...(bulk === undefined ? {} : { bulk }), ...(deep === undefined ? {} : { deep }) };
  }

  /** `why` names everybody who grants or denies: whoever takes one line out should know that another stays. */
  #sayToo(place: number, { source, raw, at, why }: RuleOrigin): void {
    const rule = this.#rules[place];
    if (rule === undefined) return;
    const said = [rule, ...(rule.also ?? [])];
    if (said.some((one) => one.source === source && one.raw === raw && one.at === at)) return;
    const statement = { source, raw, ...(at === undefined ? {} : { at }), ...(why === undefined ? {} : { why }) };
    this.#rules[place] = { ...rule, also: [...(rule.also ?? []), statement] };
  }

  /** Rules of a verdict that cover a path, by any access. */
  covering(verdict: RuleVerdict, path: string): PolicyRule[] {
    const places = [...this.#patterns];
    for (const at of upwards(path)) places.push(...(this.#places.get(at) ?? []));
    return places
      .sort((a, b) => a - b)
      .map((place) => this.#rules[place] as PolicyRule)
      .filter((rule) => rule.verdict === verdict && this.#covers(rule, path));
  }

  /** Of a rule on the path, above it, or on a pattern. */
  #covers(rule: PolicyRule, path: string): boolean {
    if (rule.kind === 'tree') return true;
    if (rule.kind === 'exact') return rule.path === path;
    const pattern = patternOf(rule);
    return [...upwards(path)].some((at) => patternMatches(pattern, patternAt(pattern, at)));
  }

  /**
   * Leaves out grants that rest on a link in a directory which the session may write: a session before this one may have put it there, to be granted what it
   * leads to. What is granted there anyway stays. To be called last; says what was left out.
   */
  dropLinksOfSessions(): readonly { readonly rule: PolicyRule; readonly link: string }[] {
    const linked = new Map<PolicyRule, readonly string[]>();
    for (const [place, links] of this.#links.entries()) {
      const rule = this.#rules[place];
      if (rule !== undefined && links !== undefined && links.length > 0) linked.set(rule, links);
    }
    const written = this.#rules.filter(
      (rule) => rule.verdict === 'allow' && rule.kind === 'tree' && rule.access.includes('write') && !linked.has(rule),
    );
    const dropped: { rule: PolicyRule; link: string }[] = [];
    for (const [rule, links] of linked) {
      const link = links.find((at) => written.some((tree) => tree.path !== at && isWithin(at, tree.path)));
      if (link === undefined) continue;
      // Writing does not include connecting.
      if (!rule.access.endsWith('connect') && written.some((tree) => isWithin(rule.path, tree.path))) continue;
      dropped.push({ rule, link });
    }
    if (dropped.length === 0) return dropped;
    dropped.sort((a, b) => a.rule.id - b.rule.id);
    const kept = this.#rules.filter((rule) => !dropped.some((one) => one.rule === rule));
    // Ids are places in the list.
    this.#rules.splice(0, this.#rules.length, ...kept.map((rule, id) => ({ ...rule, id })));
    return dropped;
  }

  list(): readonly PolicyRule[] {
    return [...this.#rules];
  }
}
