/** What a policy grants, in rows for people: the capability summary of `run`, `shell` and `wrap`. */
import type { RuleAccess } from '../../sandbox/linux/constants.ts';
import type { PolicyRule, ResolvedPolicy } from '../model.ts';
import { isOwnProtection } from '../resolve/protection.ts';

export interface GrantRow {
  /** `r`, `w` or `r+w`, as the original's badges; `c` for connecting to a unix socket. */
  readonly badge: string;
  readonly path: string;
  readonly kind: 'dir' | 'file';
  readonly source: 'user' | 'profile' | 'workdir';
  readonly rule: PolicyRule;
}

export interface PolicySummary {
  readonly rows: readonly GrantRow[];
  /** For `+ N system/group paths`. */
  readonly groupPaths: number;
  readonly denyPaths: number;
  /** What `override_deny` opens, as written. */
  readonly overrides: readonly string[];
}

export const badges = {
  read: 'r',
  write: 'w',
  readwrite: 'r+w',
  connect: 'c',
  readconnect: 'r+c',
  writeconnect: 'w+c',
  all: 'all',
} as const satisfies Record<RuleAccess, string>;

/** Who asked for a rule, in the words of the original: `user`, `profile`, `group:<name>` or `system`. */
export function sourceName(rule: PolicyRule): string {
  if (rule.source.startsWith('cli:') || rule.source === 'workdir') return 'user';
  if (rule.source.startsWith('profile:')) return 'profile';
  if (rule.source === 'session') return 'session';
  return rule.source.startsWith('group:') ? rule.source : 'system';
}

function grantSource(rule: PolicyRule): GrantRow['source'] | undefined {
  if (rule.source === 'workdir') return 'workdir';
  if (rule.source.startsWith('cli:')) return 'user';
  return rule.source.startsWith('profile:') ? 'profile' : undefined;
}

/** The grants that somebody asked for, one row each, and how many rules stand behind them. */
export function describePolicy(policy: ResolvedPolicy): PolicySummary {
  const rows: GrantRow[] = [];
  const groupPaths = new Set<string>();
  const denyPaths = new Set<string>();
  const overrides: string[] = [];
  for (const rule of policy.rules) {
    if (rule.verdict === 'override') overrides.push(rule.raw);
    else if (rule.verdict === 'deny') {
      if (!isOwnProtection(rule)) denyPaths.add(rule.path);
    } else {
      const source = grantSource(rule);
      if (source === undefined) groupPaths.add(rule.path);
      else
        rows.push({
          badge: badges[rule.access],
          path: rule.path,
          kind: rule.kind === 'tree' ? 'dir' : 'file',
          source,
          rule,
        });
    }
  }
  return { rows, groupPaths: groupPaths.size, denyPaths: denyPaths.size, overrides };
}
