/** Bulk directories: named by groups and profiles, and not looked into by the patterns of a guard (`protect`), so that they cost nothing. A deny is not weakened by them. */
import type { PolicyRule } from '../model.ts';
import { type Pattern, parsePattern } from './pattern.ts';

/** One name that somebody says is bulk. */
export interface BulkName {
  /** `node_modules`, or with the directory above it: `.git/objects`. */
  readonly name: string;
  readonly source: string;
  readonly at?: string;
  readonly why?: string;
  /** No guard looks into it, not even one that looks into bulk directories: no work tree can lie there. */
  readonly closed?: true;
}

/** The names, arranged for one question per component of a path. */
export class BulkNames {
  /** Last name → the names that the directory above must have; '' for any. */
  readonly #above = new Map<string, readonly string[]>();

  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const slash = entry.indexOf('/');
      const last = entry.slice(slash + 1);
      this.#above.set(last, [...(this.#above.get(last) ?? []), slash < 0 ? '' : entry.slice(0, slash)]);
    }
  }

  /** Whether `name` in the directory `dir` is one of them. Bytewise: another spelling is looked into. */
  has(dir: string, name: string): boolean {
    return this.#above.get(name)?.some((above) => above === '' || dir.endsWith(`/${above}`)) ?? false;
  }
}

/** Resolving gives all patterns of a policy the same list. */
const known = new WeakMap<readonly string[], BulkNames>();

export function bulkNames(entries: readonly string[]): BulkNames {
  const found = known.get(entries) ?? new BulkNames(entries);
  known.set(entries, found);
  return found;
}

/** The pattern of a rule: that of a guard knows where it does not look. */
export function patternOf(rule: PolicyRule): Pattern {
  const pattern = parsePattern(rule.path);
  return rule.bulk === undefined ? pattern : { ...pattern, bulk: bulkNames(rule.bulk) };
}

/** The outermost bulk directory that a path is, or lies in, below where the guards of a policy look; undefined where there is none. */
export function bulkDirectoryOf(
  policy: { readonly rules: readonly PolicyRule[]; readonly bulk?: readonly BulkName[] },
  path: string,
): { readonly directory: string; readonly by: BulkName } | undefined {
  if (!policy.rules.some((rule) => rule.bulk !== undefined)) return undefined;
  for (let slash = path.indexOf('/', 1); ; slash = path.indexOf('/', slash + 1)) {
    const directory = slash < 0 ? path : path.slice(0, slash);
    const by = policy.bulk?.find((one) => directory.endsWith(`/${one.name}`));
    if (by !== undefined) return { directory, by };
    if (slash < 0) return undefined;
  }
}
