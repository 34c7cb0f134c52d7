/** A policy while it is being resolved: what every source of rules reads, and adds to. */
import { resolve as joinPath } from 'node:path';
import type { Complain } from '../../config/complain.ts';
import { NonoError } from '../../platform/errors.ts';
import type { PolicyRule } from '../model.ts';
import type { Profile, Written } from '../profile/profile.ts';
import type { PolicyContext, PolicyRequest } from './policy-request.ts';
import type { RuleList } from './rule-list.ts';
import { checkPath, PathProblem, type PathVariables } from './variables.ts';

export interface Resolving {
  readonly request: PolicyRequest;
  readonly context: PolicyContext;
  readonly profile: Profile;
  readonly rules: RuleList;
  readonly variables: PathVariables;
  /** Names of the bulk directories, one list for all guards. */
  readonly bulk: readonly string[];
  /** Those that no guard looks into, one list for those that look into the others. */
  readonly closed: readonly string[];
  readonly warnings: string[];
  /** What is not in force because nobody supervises. */
  readonly unsupervised: string[];
  /** For what is wrong with a word of the profile. Does not return, unless somebody collects. */
  readonly complain: Complain;
}

/** Reads what a profile wrote; whatever is wrong with it is said with its place. Undefined after that, too. */
export function locate<T>(r: Resolving, word: Written, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error;
    const code = error.unsupported ? 'not-supported' : 'profile-invalid';
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    r.complain(new NonoError(code, `${word.at}: ${error.message}`, hint));
    return undefined;
  }
}

export function flagPath(r: Resolving, path: string, flag: string): string {
  if (path === '' || path.includes('\0')) throw new NonoError('path-invalid', `${flag} needs a path, not '${path}'`);
  const home = r.variables.get('HOME') as string;
  const whole =
    path === '~' || path.startsWith('~/') ? home + path.slice(1) : joinPath(r.request.cwd ?? r.request.workdir, path);
  try {
    checkPath(whole);
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error;
    throw new NonoError(
      'path-invalid',
      `${flag}: ${error.message}`,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
  return whole;
}

/** Whether somebody asked for this grant by name, rather than a policy group. */
export function isUsers(rule: PolicyRule): boolean {
  return rule.source.startsWith('cli:') || rule.source.startsWith('profile:') || rule.source === 'workdir';
}
