/**
 * Patterns in rules, the twin of native/rules/pattern.c: the same text matches the same paths on both sides (test/native/rules/pattern.test.ts). A pattern is
 * matched component by component, all positions at once, so no pattern can make a decision slow.
 */
import { PathProblem } from '../resolve/path-problem.ts';

/** Positions are bits of a 32-bit number, the last one the match. */
const MAX_PATTERN_COMPONENTS = 30;
const MAX_ALTERNATIVES = 64;

type Token =
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'one' }
  | { readonly kind: 'run' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

export type Component =
  | { readonly kind: 'depth' }
  | { readonly kind: 'literal'; readonly name: string; readonly folded: string }
  | { readonly kind: 'glob'; readonly tokens: readonly Token[] };

export interface Pattern {
  readonly text: string;
  readonly components: readonly Component[];
  /** The positions of `**` that are not the last: each stands for no directory as well. */
  readonly depths: PatternState;
  /** The position of the first `**`, -1 without one. */
  readonly firstDepth: number;
  /** Of a guard: the first `**` does not stand for these directories, so what would begin in one of them is not found. */
  readonly bulk?: { has(dir: string, name: string): boolean };
}

/** A set of positions in a pattern. 0: nothing at or below can match. */
export type PatternState = number;

const star = 0x2a;
const question = 0x3f;
const open = 0x5b;
const close = 0x5d;
const backslash = 0x5c;

/** Whether a written path is a pattern: an unescaped `*`, `?`, `[` or `{`. */
export function isPattern(text: string): boolean {
  return /[*?[{]/.test(text.includes('\\') ? text.replace(/\\./gs, '') : text);
}

/** Text that a pattern takes literally. */
export function escapePattern(text: string): string {
  return text.replace(/[*?[\]{}\\]/g, '\\$&');
}

/** What a pattern without special characters names. */
export function unescapePattern(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

/** `{a,b}` multiplied out; nested and several of them too. A brace without a comma or an end is itself. Throws PathProblem for too many. */
export function expandBraces(text: string): readonly string[] {
  if (!text.includes('{')) return [text];
  let depth = 0;
  let from = -1;
  let commas: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\\') i++;
    else if (c === '{' && depth++ === 0) {
      from = i;
      commas = [];
    } else if (c === ',' && depth === 1) commas.push(i);
    else if (c === '}' && depth > 0 && --depth === 0 && commas.length > 0) {
      const ends = [from, ...commas, i];
      const found: string[] = [];
      for (let j = 1; j < ends.length; j++) {
        const middle = text.slice((ends[j - 1] as number) + 1, ends[j]);
        found.push(...expandBraces(text.slice(0, from) + middle + text.slice(i + 1)));
        if (found.length > MAX_ALTERNATIVES)
          throw new PathProblem(`'${text}' stands for more than ${MAX_ALTERNATIVES} patterns`, {
            hint: 'write several entries with fewer braces',
          });
      }
      return found;
    }
  }
  // What is left of braces is literal, for both matchers.
  return [text];
}

function parseClass(
  codes: readonly number[],
  at: number,
): { readonly token: Token; readonly next: number } | undefined {
  let i = at + 1;
  const negated = codes[i] === 0x21 || codes[i] === 0x5e;
  if (negated) i++;
  const ranges: [number, number][] = [];
  const one = (): number => (codes[i] === backslash && i + 1 < codes.length ? codes[++i] : codes[i]) as number;
  for (let first = true; i < codes.length && (first || codes[i] !== close); first = false) {
    const low = one();
    i++;
    let high = low;
    if (codes[i] === 0x2d && i + 1 < codes.length && codes[i + 1] !== close) {
      i++;
      high = one();
      i++;
    }
    ranges.push([low, high]);
  }
  return i < codes.length ? { token: { kind: 'class', negated, ranges }, next: i + 1 } : undefined;
}

function parseComponent(text: string): Component {
  if (text === '**') return { kind: 'depth' };
  const codes = [...text].map((c) => c.codePointAt(0) as number);
  const tokens: Token[] = [];
  for (let i = 0; i < codes.length; ) {
    const code = codes[i] as number;
    if (code === star) {
      if (tokens.at(-1)?.kind !== 'run') tokens.push({ kind: 'run' });
      i++;
    } else if (code === question) {
      tokens.push({ kind: 'one' });
      i++;
    } else if (code === open) {
      const found = parseClass(codes, i);
      if (found === undefined)
        throw new PathProblem(`'[' without ']' in the pattern component '${text}'`, {
          hint: 'write \\[ for the character',
        });
      tokens.push(found.token);
      i = found.next;
    } else {
      if (code === backslash && i + 1 < codes.length) i++;
      tokens.push({ kind: 'char', code: codes[i] as number });
      i++;
    }
  }
  if (tokens.every((token) => token.kind === 'char')) {
    const name = String.fromCodePoint(...tokens.map((token) => (token as { code: number }).code));
    return { kind: 'literal', name, folded: foldName(name) };
  }
  return { kind: 'glob', tokens };
}

const MAX_REMEMBERED = 5000;
/** Resolving, the floor, its proof and the search parse the same patterns. */
const remembered = new Map<string, Pattern>();

/** Parses an absolute pattern without braces. Throws PathProblem. */
export function parsePattern(text: string): Pattern {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const parsed = parse(text);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(text, parsed);
  return parsed;
}

function parse(text: string): Pattern {
  const parts = text.slice(1).split('/');
  if (!text.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new PathProblem(`the pattern '${text}' is not a normalised absolute path`);
  // Two in a row mean the same as one, and would double the positions.
  const kept = parts.filter((part, i) => part !== '**' || parts[i - 1] !== '**');
  if (kept.length > MAX_PATTERN_COMPONENTS)
    throw new PathProblem(`the pattern '${text}' has more than ${MAX_PATTERN_COMPONENTS} components`);
  const components = kept.map(parseComponent);
  let depths = 0;
  for (const [i, component] of components.entries())
    if (component.kind === 'depth' && i < components.length - 1) depths |= 1 << i;
  const firstDepth = components.findIndex((component) => component.kind === 'depth');
  return { text: `/${kept.join('/')}`, components, depths, firstDepth };
}

/** As a file system that ignores case would compare: only ever used to grant less. */
export function foldName(name: string): string {
  // ASCII; with a regular expression it takes ten times as long.
  if (Buffer.byteLength(name) === name.length) return name.toLowerCase();
  return name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
}

/** The pattern with its literal components as `foldName` has them; what would not stay one component stays what it is. */
export function foldLiterals(pattern: Pattern): string {
  const parts = pattern.text.slice(1).split('/');
  const folded = pattern.components.map((component, i) => {
    if (component.kind !== 'literal' || /[/\0]|^\.{0,2}$/.test(component.folded)) return parts[i] as string;
    return escapePattern(component.folded);
  });
  return `/${folded.join('/')}`;
}

function one(token: Token, code: number): boolean {
  if (token.kind === 'char') return token.code === code;
  if (token.kind !== 'class') return true;
  return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated;
}

/** One star to go back to is enough, since a later star makes every earlier one settled: never more than length × tokens. */
function matchesGlob(tokens: readonly Token[], name: string): boolean {
  const codes = [...name].map((c) => c.codePointAt(0) as number);
  let t = 0;
  let starAt = -1;
  let resume = 0;
  for (let i = 0; i < codes.length; ) {
    const token = tokens[t];
    if (token?.kind === 'run') {
      starAt = t++;
      resume = i;
    } else if (token !== undefined && one(token, codes[i] as number)) {
      t++;
      i++;
    } else if (starAt >= 0) {
      t = starAt + 1;
      i = ++resume;
    } else return false;
  }
  while (tokens[t]?.kind === 'run') t++;
  return t === tokens.length;
}

function matchesComponent(component: Component, name: string): boolean {
  if (component.kind === 'literal') return component.name === name;
  return component.kind === 'depth' || matchesGlob(component.tokens, name);
}

/** What a component asks of a name in any case: these characters, and at least so many of them. */
export function componentNeeds(component: Component): { readonly characters: string; readonly least: number } {
  if (component.kind === 'depth') return { characters: '', least: 0 };
  if (component.kind === 'literal') return { characters: component.folded, least: component.folded.length };
  const codes = component.tokens.flatMap((token) => (token.kind === 'char' ? [token.code] : []));
  return {
    characters: String.fromCodePoint(...codes),
    least: component.tokens.filter(({ kind }) => kind !== 'run').length,
  };
}

/** Whether a name could be the component's to a file system that ignores case. Wide on purpose. */
export function couldBeComponent(component: Component, name: string): boolean {
  if (component.kind === 'literal') return component.folded === foldName(name);
  if (component.kind === 'depth') return true;
  // Both spellings of the name against both spellings of the pattern: a class or a letter may be written in either case.
  return [name, foldName(name), foldName(name).toUpperCase()].some((variant) => matchesGlob(component.tokens, variant));
}

/** With what a `**` that stands for no directory adds; two of them never stand side by side. */
function close0(pattern: Pattern, state: PatternState): PatternState {
  return state | ((state & pattern.depths) << 1);
}

/** The positions at the root. */
export function patternStart(pattern: Pattern): PatternState {
  return close0(pattern, 1);
}

/**
 * Top directories that hold the kernel's and the distribution's files and nobody's own: a pattern that begins with `**` does not mean them. Searching
 * them takes seconds from a cold disk, and denying certificates or samples in them breaks programs. A grant of the user in one of them is meant.
 */
const systemDirectories: ReadonlySet<string> = new Set([
  'proc',
  'sys',
  'usr',
  'bin',
  'sbin',
  'lib',
  'lib32',
  'lib64',
  'libx32',
]);

/** Whether this name in this directory is one of them. */
export function isSystemDirectory(dir: string, name: string): boolean {
  return dir === '/' && systemDirectories.has(name);
}

/** Whether a path lies in one of those. */
export function isInSystemDirectory(path: string): boolean {
  return systemDirectories.has(path.split('/')[1] ?? '');
}

/** The positions one component further, at `name` in the directory `dir`. `folded`: as a file system that ignores case would match. */
export function patternStep(
  pattern: Pattern,
  state: PatternState,
  name: string,
  dir: string,
  folded = false,
): PatternState {
  const { components, firstDepth } = pattern;
  if (firstDepth === 0 && isSystemDirectory(dir, name)) return 0;
  const last = components.length - 1;
  let next = 0;
  // Bit by bit: of the position behind the last component nothing goes on.
  for (let left = state & ((2 << last) - 1); left !== 0; left &= left - 1) {
    const i = 31 - Math.clz32(left & -left);
    const component = components[i] as Component;
    if (component.kind === 'depth') {
      // Bytewise also where case is ignored: another spelling is looked into.
      if (i === firstDepth && pattern.bulk?.has(dir, name)) continue;
      next |= (1 << i) | (i === last ? 2 << i : 0);
    } else if (folded ? couldBeComponent(component, name) : matchesComponent(component, name)) next |= 2 << i;
  }
  return close0(pattern, next);
}

/** `**`, or `*` alone. */
export function isEveryName(component: Component): boolean {
  return (
    component.kind === 'depth' || (component.kind === 'glob' && component.tokens.every(({ kind }) => kind === 'run'))
  );
}

/**
 * The positions one component further at a name that no component is, in any case, but for those that every name is; and that is neither a system directory nor
 * bulk.
 */
export function patternStepOther(pattern: Pattern, state: PatternState): PatternState {
  const last = pattern.components.length - 1;
  let next = 0;
  for (const [i, component] of pattern.components.entries()) {
    if ((state & (1 << i)) === 0 || !isEveryName(component)) continue;
    next |= component.kind === 'depth' ? (1 << i) | (i === last ? 2 << i : 0) : 2 << i;
  }
  return close0(pattern, next);
}

/**
 * The rests of the pattern below a name that one of its literal components is on the way to the matches: `hooks/**` for `.git` of a pattern for its
 * hooks. Names that only wildcards stand for are none.
 */
export function patternBelowName(
  pattern: Pattern,
  state: PatternState,
  name: string,
  atRoot: boolean,
): readonly string[] {
  const { components } = pattern;
  if (atRoot && components[0]?.kind === 'depth' && systemDirectories.has(name)) return [];
  const rests: string[] = [];
  for (let i = 0; i + 1 < components.length; i++) {
    const component = components[i] as Component;
    if ((state & (1 << i)) === 0 || component.kind !== 'literal' || component.name !== name) continue;
    rests.push(
      pattern.text
        .slice(1)
        .split('/')
        .slice(i + 1)
        .join('/'),
    );
  }
  return rests;
}

/** Whether the path that led to this state is matched itself. */
export function patternMatches(pattern: Pattern, state: PatternState): boolean {
  return (state & (1 << pattern.components.length)) !== 0;
}

/** Whether something below the path that led to this state can match. */
export function patternReaches(pattern: Pattern, state: PatternState): boolean {
  return (state & ((1 << pattern.components.length) - 1)) !== 0;
}

/** The state at an absolute, real path. */
export function patternAt(pattern: Pattern, path: string): PatternState {
  let state = patternStart(pattern);
  if (path === '/') return state;
  for (let slash = 0; slash >= 0 && state !== 0; ) {
    const next = path.indexOf('/', slash + 1);
    const name = path.slice(slash + 1, next < 0 ? undefined : next);
    state = patternStep(pattern, state, name, slash === 0 ? '/' : path.slice(0, slash));
    slash = next;
  }
  return state;
}

/** The directory that every match lies below: the components before the first special one, unescaped. */
export function literalPrefix(text: string): { readonly prefix: string; readonly rest: string } {
  const parts = text.slice(1).split('/');
  let i = 0;
  while (i < parts.length - 1 && !isPattern(parts[i] as string) && parts[i] !== '**') i++;
  return { prefix: `/${parts.slice(0, i).map(unescapePattern).join('/')}`, rest: parts.slice(i).join('/') };
}
