/**
 * What is denied stays denied under its other paths: a directory that is mounted at a second place (a bind mount, a subvolume beside its whole file system) lies at both,
 * and a rule on one path holds neither the other nor what the floor grants there.
 */
import type { Complain } from '../../config/complain.ts';
import { NonoError } from '../../platform/errors.ts';
import type { PolicyRule } from '../model.ts';
import { escapePattern, literalPrefix } from '../pattern/pattern.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { otherNamesIn } from './mounts.ts';
import type { RuleList, RuleOrigin } from './rule-list.ts';

const MOUNTS = '/proc/self/mountinfo';

/**
 * Adds the denies of other paths, each under its own name, so that an override can lift it alone. To be called before overrides are looked at. Where the kernel cannot be
 * asked nothing is started. Inside another sandbox it is there and closed: what that one denies holds at all its places, and about this one's own a warning is said.
 */
export function denyOtherNames(rules: RuleList, fs: FileSystem, warnings: string[], complain: Complain): void {
  const mounts = fs.mounts === undefined ? [] : fs.mounts();
  if (mounts === undefined) {
    const why = `${MOUNTS} cannot be read, so what is denied could be seen at a second place`;
    if (fs.kind(MOUNTS) === undefined) complain(new NonoError('policy-invalid', why, { hint: 'mount proc at /proc' }));
    else warnings.push(`${why}; what the sandbox around this one denies, it denies there too`);
    return;
  }
  const otherNames = otherNamesIn(mounts);
  if (otherNames === undefined) return;
  for (const rule of rules.list()) {
    if (rule.verdict !== 'deny') continue;
    const { prefix, rest } = rule.kind === 'pattern' ? literalPrefix(rule.path) : { prefix: rule.path, rest: '' };
    // Such a pattern looks everywhere.
    if (rule.kind === 'pattern' && prefix === '/') continue;
    for (const { path, part } of otherNames(prefix)) {
      if (rule.kind === 'exact' && part) continue;
      if (rule.kind !== 'pattern') rules.add('deny', rule.kind, rule.access, path, origin(rule, path));
      // Below a part of what it begins with, only `**` means the same as before.
      else if (!part || rest.startsWith('**/'))
        rules.denyPattern(
          `${path === '/' ? '' : escapePattern(path)}/${rest}`,
          origin(rule, path),
          rule.access === 'all' ? 'readwrite' : 'write',
        );
    }
  }
}

function origin(rule: PolicyRule, path: string): RuleOrigin {
  const { source, at, fixed, bulk, deep } = rule;
  return {
    source,
    raw: path,
    why: `${rule.raw} is mounted here too`,
    ...(at === undefined ? {} : { at }),
    ...(fixed === undefined ? {} : { fixed }),
    ...(bulk === undefined ? {} : { bulk }),
    ...(deep === undefined ? {} : { deep }),
  };
}
