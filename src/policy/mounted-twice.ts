/**
 * What is denied stays denied under its other paths: a directory that is mounted at a second place (a bind mount, a subvolume beside its whole file system) lies at both,
 * and a rule on one path holds neither the other nor what the floor grants there.
 */
import type { Complain } from '../config/complain.ts';
import { NonoError } from '../platform/errors.ts';
import type { FileSystem } from './file-system.ts';
import type { PolicyRule } from './model.ts';
import { otherNamesIn } from './mounts.ts';
import { escapePattern, literalPrefix } from './pattern.ts';
import type { RuleList, RuleOrigin } from './rule-list.ts';

/** Adds the denies of other paths, each under its own name, so that an override can lift it alone. To be called before overrides are looked at. */
export function denyOtherNames(rules: RuleList, fs: FileSystem, complain: Complain): void {
  const mounts = fs.mounts === undefined ? [] : fs.mounts();
  if (mounts === undefined) {
    complain(
      new NonoError(
        'policy-invalid',
        '/proc/self/mountinfo cannot be read, so what is denied could be seen at a second place',
        {
          hint: 'mount proc at /proc',
        },
      ),
    );
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
