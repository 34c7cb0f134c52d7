/** Everything that can be said about a profile without running anything under it. */
import { resolve } from 'node:path';
import { readTextFile } from '../../config/read-text.ts';
import { NonoError } from '../../platform/errors.ts';
import { findGroup } from '../groups/groups.ts';
import type { PolicyContext } from '../resolve/policy-request.ts';
import { resolvePolicy } from '../resolve/resolve.ts';
import { requiredGroup } from '../resolve/resolve-groups.ts';
import type { Profile } from './profile.ts';

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

/** What was found, each thing once: a group that does not exist is met by more than one check. */
class Findings {
  readonly list: Finding[] = [];
  readonly #errors = new Set<string>();

  add(level: 'ok' | 'warn', text: string): void {
    this.list.push({ level, text });
  }

  readonly error = ({ message, hint }: NonoError): void => {
    if (this.#errors.has(message)) return;
    this.#errors.add(message);
    this.list.push({ level: 'err', text: hint === undefined ? message : `${message} (${hint})` });
  };

  get failed(): boolean {
    return this.#errors.size > 0;
  }

  attempt<T>(ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof NonoError)) throw error;
      this.error(error);
      return undefined;
    }
  }
}

const levels = ['ok', 'err', 'warn'] as const;

/** What is well, then what is wrong in the order of the file (keys, types and meaning are looked at one after the other), what is wrong elsewhere, and warnings. */
function inOrder(findings: readonly Finding[], file: string): readonly Finding[] {
  const placed = findings.map((finding) => {
    const own = finding.level === 'err' && finding.text.startsWith(`${file}:`);
    const [, line = Infinity, column = 0] = /^(\d+):(\d+): /.exec(own ? finding.text.slice(file.length + 1) : '') ?? [];
    return { finding, level: levels.indexOf(finding.level), line: Number(line), column: Number(column) };
  });
  const apart = (a: number, b: number): number => (a === b ? 0 : a - b);
  placed.sort((a, b) => apart(a.level, b.level) || apart(a.line, b.line) || a.column - b.column);
  return placed.map((one) => one.finding);
}

/** `file` as `--profile` takes it. Everything that is wrong, not only what would stop a start first. */
export function validateProfile(file: string, context: PolicyContext, cwd: string): Validation {
  const found = new Findings();
  const done = (deprecated = 0): Validation => ({
    file,
    findings: inOrder(found.list, resolve(cwd, file)),
    deprecated,
  });
  if (found.attempt(() => missing(file)) === undefined) return done();
  const loaded = found.attempt(() => context.store.load(file, cwd, [], found.error));
  if (loaded === undefined) return done();
  const { profile } = loaded;
  if (!found.failed) {
    found.add('ok', 'JSON syntax and keys valid');
    const bases = profile.extends.map((one) => one.text).join(', ');
    if (bases !== '') found.add('ok', `Inheritance valid (extends ${bases})`);
  }
  checkGroups(profile, context, found);
  const incomplete = found.failed;
  const policy = found.attempt(() =>
    resolvePolicy(
      { profile: file, workdir: cwd, cwd },
      { ...context, store: { ...context.store, load: () => loaded } },
      (error) => {
        // Whether something fits the rest is not known while a part of that is missing.
        if (!incomplete || error.code !== 'policy-invalid') found.error(error);
      },
    ),
  );
  if (!found.failed)
    for (const text of policy?.warnings ?? []) if (!text.includes('uses old spellings')) found.add('warn', text);
  for (const { key, now, at } of profile.oldSpellings)
    found.add('warn', `${at}: '${key}' is an old spelling; it is now '${now}'`);
  return done(profile.oldSpellings.length);
}

/** A file that is not there is an answer, not a profile of that name. */
function missing(file: string): true {
  if (file.includes('/') && readTextFile(file) === undefined)
    throw new NonoError('profile-not-found', `there is no profile file ${file}`);
  return true;
}

function checkGroups(profile: Profile, context: PolicyContext, found: Findings): void {
  const { groups } = context.builtin;
  const named = [...profile.groups, ...profile.excludedGroups];
  const bad = named.filter((word) => found.attempt(() => findGroup(groups, word)) === undefined);
  if (named.length > 0 && bad.length === 0) found.add('ok', `All ${named.length} group references valid`);
  for (const word of profile.excludedGroups) {
    if (Object.hasOwn(groups, word.text) && groups[word.text]?.required) found.error(requiredGroup(word));
  }
}
