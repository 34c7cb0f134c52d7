/** Everything that can be said about a profile without running anything under it. */
import { readTextFile } from '../config/read-text.ts';
import { NonoError } from '../platform/errors.ts';
import { lazyModule } from '../platform/lazy-module.ts';
import { findGroup } from './groups.ts';
import type { PolicyContext } from './policy-request.ts';
import { type Profile, profileNotes, type Written } from './profile.ts';
import { resolvePolicy } from './resolve.ts';

export interface Finding {
  readonly level: 'ok' | 'warn' | 'err';
  readonly text: string;
}

export interface Validation {
  readonly file: string;
  readonly findings: readonly Finding[];
  /** Old spellings of keys that are in use. */
  readonly deprecated: number;
}

function attempt<T>(findings: Finding[], ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof NonoError)) throw error;
    const text = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
    findings.push({ level: 'err', text });
    return undefined;
  }
}

function emptyPaths(profile: Profile): readonly Written[] {
  return [...profile.grants, ...profile.denies, ...profile.overrides, ...profile.sockets].filter(
    (one) => one.text === '',
  );
}

/** `file` as `--profile` takes it. Findings come in the order in which they stop a start. */
export function validateProfile(file: string, context: PolicyContext, cwd: string): Validation {
  const findings: Finding[] = [];
  const done = (deprecated = 0): Validation => ({ file, findings, deprecated });
  if (attempt(findings, () => missing(file)) === undefined) return done();
  const loaded = attempt(findings, () => context.store.load(file, cwd));
  if (loaded === undefined) {
    // A base that fails leaves the file's own words to look at.
    const own = ownWords(file);
    if (own !== undefined) checkOwn(own, context, findings);
    return done();
  }
  findings.push({ level: 'ok', text: 'JSON syntax and keys valid' });
  const { profile } = loaded;
  if (profile.extends.length > 0)
    findings.push({
      level: 'ok',
      text: `Inheritance valid (extends ${profile.extends.map((one) => one.text).join(', ')})`,
    });
  checkOwn(profile, context, findings);
  for (const { key, at, effect, why } of profileNotes(profile))
    if (effect === 'refused')
      findings.push({ level: 'err', text: `${at}: '${key}' cannot be enforced by this version: ${why}` });
  if (!findings.some((one) => one.level === 'err')) {
    const policy = attempt(findings, () => resolvePolicy({ profile: file, workdir: cwd, cwd }, context));
    for (const text of policy?.warnings ?? [])
      if (!text.includes('uses old spellings')) findings.push({ level: 'warn', text });
  }
  for (const { key, now, at } of profile.oldSpellings)
    findings.push({ level: 'warn', text: `${at}: '${key}' is an old spelling; it is now '${now}'` });
  return done(profile.oldSpellings.length);
}

/** A file that is not there is an answer, not a profile of that name. */
function missing(file: string): true {
  if (file.includes('/') && readTextFile(file) === undefined)
    throw new NonoError('profile-not-found', `there is no profile file ${file}`);
  return true;
}

/** The file without what it extends, where it can be read at all. */
function ownWords(file: string): Profile | undefined {
  const text = file.includes('/') ? readTextFile(file) : undefined;
  if (text === undefined) return undefined;
  const parser = lazyModule<typeof import('./parse-profile.ts')>(import.meta.url, './parse-profile.ts');
  try {
    return parser.parseProfile(text, file, file);
  } catch (error) {
    if (error instanceof NonoError) return undefined;
    throw error;
  }
}

function checkOwn(profile: Profile, context: PolicyContext, findings: Finding[]): void {
  checkGroups(profile, context, findings);
  for (const word of emptyPaths(profile)) findings.push({ level: 'err', text: `${word.at}: the path is empty` });
}

function checkGroups(profile: Profile, context: PolicyContext, findings: Finding[]): void {
  const { groups } = context.builtin;
  const named = [...profile.groups, ...profile.excludedGroups];
  const bad = named.filter((word) => attempt(findings, () => findGroup(groups, word)) === undefined);
  if (named.length > 0 && bad.length === 0)
    findings.push({ level: 'ok', text: `All ${named.length} group references valid` });
  for (const word of profile.excludedGroups) {
    if (Object.hasOwn(groups, word.text) && groups[word.text]?.required)
      findings.push({ level: 'err', text: `${word.at}: group '${word.text}' is required and cannot be excluded` });
  }
}
