/** The `environment` section of profiles: read, merged over `extends`, and completed by the flags. */
import type { JsoncDocument, JsonPath } from '../../config/jsonc-document.ts';
import { NonoError } from '../../platform/errors.ts';
import type { EnvironmentRules } from '../resolve/environment.ts';
import type { PathVariables } from '../resolve/variables.ts';
import type { ProfileFile } from './schema.ts';

/** As written, before variables are expanded. */
export type WrittenEnvironment = Omit<EnvironmentRules, 'typed'>;

/** More than a shell can set: `ProgramFiles(x86)` and `BASH_FUNC_f%%` exist. */
const NAME = /^[^=\s\p{C}]+$/u;

function reserved(name: string): boolean {
  return name === 'PATH' || name.startsWith('NONO_');
}

export function readEnvironment(
  document: JsoncDocument,
  section: ProfileFile['environment'],
  prefix: JsonPath,
): WrittenEnvironment {
  const set = section?.set_vars ?? {};
  for (const [name, value] of Object.entries(set)) {
    const where = document.locate([...prefix, 'environment', 'set_vars', name]);
    if (!NAME.test(name) || value.includes('\0'))
      document.complain(new NonoError('profile-invalid', `${where}: '${name}' cannot be set as a variable`));
    if (reserved(name)) {
      document.complain(
        new NonoError('profile-invalid', `${where}: ${name} belongs to nono and cannot be set by a profile`, {
          hint: 'set it outside; PATH is passed on',
        }),
      );
    }
  }
  return {
    allow: section?.allow_vars ?? [],
    deny: section?.deny_vars ?? [],
    caseInsensitive: section?.case_insensitive_vars ?? false,
    set,
  };
}

/** Lists add up; ignoring case, once asked for, stays; of what is set the child's value wins. */
export function mergeEnvironments(base: WrittenEnvironment, child: WrittenEnvironment): WrittenEnvironment {
  return {
    allow: [...new Set([...base.allow, ...child.allow])],
    deny: [...new Set([...base.deny, ...child.deny])],
    caseInsensitive: base.caseInsensitive || child.caseInsensitive,
    set: { ...base.set, ...child.set },
  };
}

function expandValue(value: string, variables: PathVariables): string {
  return value
    .replace(/^~(?=\/|$)/, '$HOME')
    .replace(/\$([A-Z_][A-Z0-9_]*)/g, (whole, name: string) =>
      variables.has(name) ? (variables.get(name) ?? '') : whole,
    );
}

function flagNameProblem(name: string, sets: boolean): string | undefined {
  if (name === '') return 'a name is missing';
  if (name.startsWith('NONO_')) return `${name} belongs to nono`;
  const isName = NAME.test(name) && name !== '__proto__' && !(sets && name.includes('*'));
  return isName ? undefined : `'${name}' cannot be the name of a variable`;
}

/** `flags`: each NAME, or NAME=VALUE with the value taken as it is. */
export function resolveEnvironment(
  written: WrittenEnvironment,
  flags: readonly string[],
  variables: PathVariables,
): EnvironmentRules {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(written.set)) set[name] = expandValue(value, variables);
  const typed: string[] = [];
  for (const flag of flags) {
    const equals = flag.indexOf('=');
    const name = equals < 0 ? flag : flag.slice(0, equals);
    const problem = flagNameProblem(name, equals >= 0);
    if (problem !== undefined) {
      throw new NonoError('usage', `--env ${flag}: ${problem}`, {
        hint: '--env NAME or --env NAME=VALUE, once for each variable',
      });
    }
    if (equals < 0) typed.push(name);
    else set[name] = flag.slice(equals + 1);
  }
  return { ...written, set, typed };
}
