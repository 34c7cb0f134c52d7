/** Random profiles over a real tree, from numbers: what each says, what is asked of it, and what an oracle answers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NonoError } from '../../../src/platform/errors.ts';
import type { PolicyRule, ResolvedPolicy } from '../../../src/policy/model.ts';
import type { PolicyContext } from '../../../src/policy/resolve/policy-request.ts';
import { createRealPathResolver } from '../../../src/policy/resolve/real-path.ts';
import { resolvePolicy } from '../../../src/policy/resolve/resolve.ts';
import { access } from '../../../src/sandbox/linux/constants.ts';
import { makeHome, type TestUser } from '../../helpers/users.ts';
import { contextFor, plant, random } from '../../policy/support.ts';

export const POLICIES = Number(process.env['NONO_TEST_POLICIES'] ?? 1000);
export const SEED = Number(process.env['NONO_TEST_SEED'] ?? 55);
export const QUESTIONS = 12;
/** One in so many is put before the kernel as well, for each user. */
export const SAMPLE = Math.max(50, POLICIES / 100);

export type Random = (below: number) => number;
type Asked = 'read' | 'write' | 'readwrite';

export const pick = <T>(r: Random, from: readonly T[]): T => from[r(from.length)] as T;
const some = <T>(r: Random, most: number, make: () => T): T[] => Array.from({ length: r(most + 1) }, make);

const COMPOSED = 'caf\u00e9';
const DECOMPOSED = 'cafe\u0301';
export const accesses: readonly Asked[] = ['read', 'write', 'readwrite'];

/** One name is another's prefix, another's other case, another's other normal form; links lead in, out, up, in a chain and nowhere. */
export function plantTree(home: string): void {
  plant(join(home, 't'), {
    'a/f': '1',
    'node_modules/p/.npmrc': '15',
    'node_modules/p/.env': '16',
    'a/b/.husky/x': '17',
    'ab/.husky/x': '18',
    'deep/node_modules/.vscode/f': '19',
    'deep/Node_modules/.vscode/f': '20',
    '.git/objects/.husky/f': '21',
    '.git/modules/node_modules/hooks/f': '22',
    'a/b/f': '2',
    'a/b/.env': '3',
    'a/b/Secret': '4',
    'a/b/secret': '5',
    'ab/f': '6',
    'ab/.env.local': '7',
    'Secret/f': '8',
    'secret/f': '9',
    [`${COMPOSED}/f`]: '10',
    [`${DECOMPOSED}/f`]: '11',
    'deep/a/b/a/b/key.pem': '12',
    'deep/漢/with-dash/f': '13',
    '.env': '14',
    'to-a': '-> a',
    'ab/up': '-> ../a/b',
    'deep/absolute': `-> ${home}/t/secret`,
    chain: '-> to-a',
    'a/f-link': '-> b/Secret',
    'ab/pem': '-> ../deep/a/b/a/b/key.pem',
    nowhere: '-> not-there/f',
    'deep/loop': '-> loop',
    'deep/root': '-> ..',
  });
}

/** Every way to walk to something in the tree, through at most two links. */
function spellings(top: string): string[] {
  const found: string[] = [];
  const walk = (dir: string, links: number, depth: number): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      found.push(path);
      const left = links - (entry.isSymbolicLink() ? 1 : 0);
      if (left < 0 || depth === 0 || entry.name === 'loop' || entry.name === 'nowhere') continue;
      if (entry.isDirectory() || lstatSync(realpathSync(path)).isDirectory()) walk(path, left, depth - 1);
    }
  };
  walk(top, 2, 6);
  return found;
}

/** The same place in other words: doubled slashes, `.`, and detours that `..` ends. */
export function respell(r: Random, path: string): string {
  return path
    .split('/')
    .map((name, i, all) => {
      if (i === 0 || i === all.length - 1 || r(5) > 0) return name;
      return pick(r, [`${name}/`, `${name}/.`, `${name}/../${name}`]);
    })
    .join('/');
}

const patterns = [
  '**/.env',
  '**/.env*',
  '*.pem',
  't/**/Secret',
  '~/t/*/f',
  '$HOME/t/**/{a,ab}/f',
  `**/${COMPOSED}`,
  '**/caf?',
  't/a/**',
  '~/t/[ab]/b',
  '~/t/[!as]*/**',
  't/to-a/b/.*',
  '~/t/ab/up/*ecret',
];

export interface World {
  readonly home: string;
  readonly context: PolicyContext;
  /** Existing places, each in many spellings. */
  readonly words: readonly string[];
}

export function world(home: string): World {
  return { home, context: contextFor(home), words: spellings(join(home, 't')) };
}

/** The text of a profile. */
export function profileText(r: Random, { home, words }: World, overrides: boolean): string {
  const place = (): string => {
    const word = pick(r, words);
    const here = r(6) === 0 ? dirname(word) : word;
    const spelled = respell(r, r(8) === 0 ? `${here}/new` : here);
    // Relative ones start at the working directory, which is the home directory.
    return pick(r, [spelled, spelled, spelled.replace(home, '~'), spelled.slice(home.length + 1)]);
  };
  const denied = (): string => (r(3) === 0 ? pick(r, patterns) : place());
  const granted = { allow: some(r, 3, place), read: some(r, 2, place), write: some(r, 1, place) };
  // A deny is lifted only where something is granted, so some denies and overrides are at what is granted, or below it.
  const near = Object.values(granted).flat();
  const denies = [...some(r, 4, denied), ...(near.length > 0 && r(2) === 0 ? [`${pick(r, near)}/b`] : [])];
  const lifted =
    overrides && near.length > 0
      ? some(r, 2, () => pick(r, [...denies.filter((d) => !/[*?[{]/.test(d)), ...near]))
      : [];
  return JSON.stringify({
    filesystem: {
      ...granted,
      allow: r(3) === 0 ? ['~/t', ...granted.allow] : granted.allow,
      allow_file: some(r, 1, place),
      read_file: some(r, 1, place),
      deny: denies,
      bypass_protection: lifted,
      bulk: some(r, 3, () => pick(r, ['node_modules', 'node_modules', 'a', 'a/b', 'ab', 'Secret', COMPOSED])),
    },
    // The guard looks below the working directory, but not into what is bulk.
    groups: { include: r(2) === 0 ? ['persistence_guard', ...(r(2) === 0 ? ['git_bulk'] : [])] : [] },
    workdir: { access: 'none' },
  });
}

/** The same few places are asked about under every profile: what a function of two texts has answered is kept. */
function remembered<T>(make: (pattern: string, path: string) => T): (pattern: string, path: string) => T {
  const patterns = new Map<string, Map<string, T>>();
  return (pattern, path) => {
    const paths = patterns.get(pattern) ?? new Map<string, T>();
    patterns.set(pattern, paths);
    const known = paths.get(path);
    if (known !== undefined) return known;
    const made = make(pattern, path);
    paths.set(path, made);
    return made;
  };
}

/** An oracle of another kind than both implementations: every rule is asked about every directory on the way, one bit at a time. */
const regexps = new Map<string, RegExp>();
function regexp(pattern: string): RegExp {
  const known = regexps.get(pattern);
  if (known) return known;
  const parts = pattern.slice(1).split('/');
  const source = parts.map((part, i) => {
    if (part === '**') return i === parts.length - 1 ? '(?:/[^/]+)+' : '(?:/[^/]+)*';
    const inner = part.replace(/\\(.)|\*+|\?|\[[!^]?\]?[^\]]*\]|[.+^${}()|]/gsu, (token, escaped?: string) => {
      if (escaped !== undefined) return `\\u{${escaped.codePointAt(0)?.toString(16)}}`;
      if (token.startsWith('*')) return '[^/]*';
      if (token === '?') return '[^/]';
      return token.startsWith('[') ? token.replace(/^\[[!^]/, '[^/') : `\\${token}`;
    });
    return `/${inner}`;
  });
  const made = new RegExp(`^${source.join('')}$`, 'u');
  regexps.set(pattern, made);
  return made;
}
const matches = remembered((pattern, path) => regexp(pattern).test(path));

interface Beginnings {
  /** Empty for a pattern that begins at one place: then it matches or not. */
  readonly top: string;
  readonly names: readonly string[];
  /** How many of the names lie before the rest of the pattern, for each way in which the rest matches what follows. */
  readonly at: readonly number[];
}

const beginnings = remembered((pattern, path): Beginnings => {
  const [before = '', ...rest] = pattern.split('/**/');
  const top = before.replace(/\\(.)/g, '$1');
  if (rest.length === 0 || !path.startsWith(`${top}/`))
    return { top, names: [], at: matches(pattern, path) ? [0] : [] };
  const after = regexp(`/${rest.join('/**/')}`);
  const names = path.slice(top.length + 1).split('/');
  return { top, names, at: names.flatMap((_, i) => (after.test(`/${names.slice(i).join('/')}`) ? [i] : [])) };
});

const ways = new Map<string, readonly string[]>();
/** Every directory on the way to a path, and itself; the root aside. */
function wayTo(path: string): readonly string[] {
  const known = ways.get(path);
  if (known) return known;
  const names = path.split('/').slice(1);
  const made = names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`);
  ways.set(path, made);
  return made;
}

/** Where on the way to a path a pattern matches. */
const matchedOn = remembered((pattern, path) => wayTo(path).filter((at) => matches(pattern, at)));
/** The same for a guard's pattern where nothing is bulk, with what it takes to see whether something is. */
const begunOn = remembered((pattern, path) =>
  wayTo(path).flatMap((place) => {
    const begun = beginnings(pattern, place);
    return begun.at.length > 0 ? [{ place, begun }] : [];
  }),
);

/** By trying every directory in which the rest of the pattern could begin: none on the way there may be bulk. */
function guards({ top, names, at }: Beginnings, bulk: readonly string[]): boolean {
  return at.some((count) => {
    for (let i = 1; i <= count; i++) {
      const directory = `${top}/${names.slice(0, i).join('/')}`;
      if (bulk.some((name) => directory.endsWith(`/${name}`))) return false;
    }
    return true;
  });
}

/** What "anywhere" does not mean. */
export const system = /^\/(?:usr|lib|lib32|lib64|libx32|bin|sbin|proc|sys|etc|dev|nix|boot|opt|run|var)(?:\/|$)/;

export function allowed(rules: readonly PolicyRule[], path: string, asked: Asked): boolean {
  const way = wayTo(path);
  const places = (rule: PolicyRule): readonly string[] => {
    if (rule.kind === 'exact') return rule.path === path ? [path] : [];
    if (rule.kind === 'tree') return rule.path === '/' || way.includes(rule.path) ? [rule.path] : [];
    const { bulk } = rule;
    if (bulk === undefined) return matchedOn(rule.path, path);
    return begunOn(rule.path, path).flatMap(({ place, begun }) => (guards(begun, bulk) ? [place] : []));
  };
  const at = rules.flatMap((rule) =>
    places(rule).map((place) => ({ rule, depth: place === '/' ? 0 : place.split('/').length })),
  );
  const has = (rule: PolicyRule, bit: number): boolean => (access[rule.access] & bit) !== 0;
  return [1, 2]
    .filter((bit) => access[asked] & bit)
    .every((bit) => {
      const denies = at.filter(({ rule }) => rule.verdict === 'deny' && has(rule, bit));
      const lifts = at.filter(({ rule }) => rule.verdict === 'override' && has(rule, bit));
      const stands = denies.some(({ rule, depth }) => rule.fixed || !lifts.some((lift) => lift.depth >= depth));
      return !stands && at.some(({ rule }) => rule.verdict === 'allow' && has(rule, bit));
    });
}

interface Case {
  readonly file: string;
  readonly policy: ResolvedPolicy;
  readonly questions: readonly { readonly spelled: string; readonly real: string; readonly asked: Asked }[];
}

export const counts = { overridden: 0, refused: 0, allowed: 0, denied: 0, patterns: 0, guards: 0, unguarded: 0 };

/** The profile with this number, resolved, and what it is asked. An override without its grant is refused, as documented; then without overrides. */
export function makeCase(number: number, { home, context, words }: World): Case {
  const r = random(SEED * 100_003 + number);
  const file = join(home, `profiles/p${number}.json`);
  const resolve = (overrides: boolean): ResolvedPolicy => {
    writeFileSync(file, profileText(r, { home, context, words }, overrides));
    return resolvePolicy({ profile: file, workdir: home }, context);
  };
  let policy: ResolvedPolicy;
  try {
    policy = resolve(true);
  } catch (error) {
    assert.ok(error instanceof NonoError && error.code === 'policy-invalid', `${readFileSync(file, 'utf8')}: ${error}`);
    assert.match(error.message, /has no matching grant/);
    counts.refused++;
    policy = resolve(false);
  }
  if (policy.rules.some(({ verdict }) => verdict === 'override')) counts.overridden++;
  if (policy.rules.some(({ kind, source }) => kind === 'pattern' && source.startsWith('profile:'))) counts.patterns++;
  const real = createRealPathResolver(context.fs);
  const questions = Array.from({ length: QUESTIONS }, () => {
    const spelled = respell(r, r(5) === 0 ? `${pick(r, words)}/new` : pick(r, words));
    return { spelled, real: real(spelled).path, asked: pick(r, accesses) };
  });
  return { file, policy, questions };
}

export function prepareHome(user: TestUser): World {
  const home = makeHome(user);
  plantTree(home);
  mkdirSync(join(home, 'profiles'));
  symlinkSync('t', join(home, 'tree'));
  spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
  return world(home);
}
