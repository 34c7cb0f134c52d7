/** What the policy groups of a profile add. */
import { type Complain, thrown } from '../../config/complain.ts';
import { NonoError } from '../../platform/errors.ts';
import { access as accessBits } from '../../sandbox/linux/constants.ts';
import { appliesTo, findGroup, type PolicyGroup } from '../groups/groups.ts';
import { isWithin } from '../paths.ts';
import type { BulkName } from '../pattern/bulk.ts';
import type { Profile, Written } from '../profile/profile.ts';
import type { PolicyContext } from './policy-request.ts';
import { addDeny, addProtection } from './resolve-denies.ts';
import { networkBlocked } from './resolve-keys.ts';
import type { Resolving } from './resolving.ts';
import { expandPath } from './variables.ts';

/** Of an exclusion that is none. */
export function requiredGroup(word: Written): NonoError {
  return new NonoError('policy-invalid', `${word.at}: group '${word.text}' is required and cannot be excluded`, {
    hint: 'use override_deny for single paths',
  });
}

/** The profile's own groups, then those of `default`, without the excluded ones and those of the other platform. */
export function chosenGroups(
  profile: Profile,
  context: PolicyContext,
  complain: Complain = thrown,
): [string, PolicyGroup][] {
  const { groups, profiles } = context.builtin;
  const find = (word: Written): PolicyGroup | undefined => {
    try {
      return findGroup(groups, word);
    } catch (error) {
      if (!(error instanceof NonoError)) throw error;
      complain(error);
      return undefined;
    }
  };
  const excluded = new Set<string>();
  for (const word of profile.excludedGroups) {
    if (find(word)?.required) complain(requiredGroup(word));
    else excluded.add(word.text);
  }
  const chosen = new Map<string, PolicyGroup>();
  for (const word of [...profile.groups, ...(profiles['default']?.groups ?? [])]) {
    const group = find(word);
    if (group && !excluded.has(word.text) && appliesTo(group, context.platform)) chosen.set(word.text, group);
  }
  return [...chosen];
}

/** What holds whatever a policy is made of. */
export function requiredGroups({ builtin, platform }: PolicyContext): [string, PolicyGroup][] {
  return Object.entries(builtin.groups).filter(([, group]) => group.required && appliesTo(group, platform));
}

/** What groups and the profile call bulk; each name once, with who says so first. */
export function bulkOf(profile: Profile, groups: readonly (readonly [string, PolicyGroup])[]): readonly BulkName[] {
  const written = profile.bulk.map(({ text, at }): BulkName => ({ name: text, source: `profile:${profile.name}`, at }));
  const grouped = groups.flatMap(([group, { rules }]) =>
    rules.flatMap(({ bulk, why, closed }) =>
      (bulk ?? []).map((name): BulkName => ({ name, source: `group:${group}`, why, ...(closed ? { closed } : {}) })),
    ),
  );
  return [...new Map([...written, ...grouped].reverse().map((one) => [one.name, one])).values()].reverse();
}

const grants = ['read', 'write', 'readwrite'] as const;
const none: readonly string[] = [];

export function addGroup(r: Resolving, name: string, group: PolicyGroup): void {
  const source = `group:${name}`;
  if (group.refused || (group.onlyWithNetwork && networkBlocked(r))) {
    closeSockets(r, group, source);
    return;
  }
  if (group.needsSupervisor && r.request.supervised === false) {
    r.unsupervised.push(`patterns of ${name}`);
    r.warnings.push(`patterns of ${name} are not in force under wrap: nobody is left to refuse new names`);
  }
  const ownTmp = privateTmp(r);
  for (const rule of group.rules) {
    const { why } = rule;
    // Most rules have one of these lists, and there are hundreds of rules.
    const each = (paths: readonly string[] | undefined, add: (path: string, raw: string) => void): void => {
      if (paths === undefined) return;
      for (const raw of paths) {
        const path = expandPath(raw, r.variables);
        if (path !== undefined) add(path, raw);
      }
    };
    for (const access of grants) {
      each(rule[access], (path, raw) => {
        if (!ownTmp || !isSharedTmp(r, path)) r.rules.allow(path, access, { source, raw, why });
      });
    }
    each(rule.list, (path, raw) => r.rules.allow(path, 'read', { source, raw, why }, 'itself'));
    each(rule.connect, (path, raw) => {
      const extent = r.rules.real(path).kind === 'directory' ? 'tree' : 'one';
      r.rules.connect(path, extent, false, { source, raw, why });
    });
    for (const raw of rule.deny ?? none) addDeny(r, raw, { source, raw, why });
    for (const raw of rule.protect ?? none) addProtection(r, raw, { source, raw, why }, rule.inBulk);
  }
}

/**
 * Sockets that are open with the network and not without it, or not open at all. Denied rather than left out: the C library asks them in every program, and falls back at
 * once when refused, where a held call would wait in each. Naming one opens it.
 */
function closeSockets(r: Resolving, group: PolicyGroup, source: string): void {
  for (const rule of group.rules)
    for (const raw of rule.connect ?? []) {
      const written = expandPath(raw, r.variables);
      if (written === undefined) continue;
      const { path } = r.rules.real(written);
      const openers = group.refused
        ? r.rules
            .list()
            .filter((one) => one.verdict === 'allow' && (isWithin(one.path, path) || isWithin(path, one.path)))
        : r.rules.covering('allow', path);
      if (openers.some((grant) => (accessBits[grant.access] & accessBits.connect) !== 0)) continue;
      const why = group.refused
        ? rule.why
        : 'left out while the network is blocked: it speaks to the network for its callers';
      r.rules.add('deny', group.refused ? 'tree' : 'exact', 'connect', path, { source, raw, why });
    }
}

export function blockedCommands(r: Resolving, groups: readonly [string, PolicyGroup][]): string[] {
  // A named profile decides by its own list which commands are refused by name; the merged groups of `default` do not add any.
  const own = new Set(r.profile.groups.map((word) => word.text));
  const commands = groups
    .filter(([name]) => own.has(name))
    .flatMap(([, group]) => group.rules.flatMap((rule) => rule.commands ?? []));
  return [...new Set([...commands, ...namedCommands(r)])];
}

export function namedCommands(r: Resolving): string[] {
  return [...new Set([...r.profile.deniedCommands, ...(r.request.blockCommands ?? [])])];
}

export function privateTmp(r: Resolving): boolean {
  return (r.request.privateTmp ?? false) || r.profile.privateTmp;
}

/** What groups grant because the user's other programs use it too. */
function isSharedTmp(r: Resolving, path: string): boolean {
  return sharedTmps(r).includes(r.rules.real(path).path);
}

export function sharedTmps(r: Resolving): string[] {
  const shared = ['/tmp', '/var/tmp', r.variables.get('TMPDIR') ?? '/tmp'];
  return [...new Set(shared.map((tmp) => r.rules.real(tmp).path))];
}
