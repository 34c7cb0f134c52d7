/** What `extends` means: bases left to right, then the child. */
import { mergeSettings } from './key-effects.ts';
import type { Profile, Written } from './profile.ts';
import { mergeEnvironments } from './profile-environment.ts';

/** By what makes two the same: a profile may have a hundred thousand. */
function union<T extends Written>(base: readonly T[], child: readonly T[], same = (one: T): string => one.text): T[] {
  if (child.length === 0) return [...base];
  const merged = [...base];
  const seen = new Set(base.map(same));
  for (const item of child) {
    const key = same(item);
    if (seen.has(key)) continue;
    seen.add(key);
    merged.push(item);
  }
  return merged;
}

/** `base` with `child` over it. Lists add up, a set scalar of the child wins, blocking the network cannot be undone. */
export function mergeProfiles(base: Profile, child: Profile): Profile {
  return {
    name: child.name,
    description: child.description,
    extends: child.extends,
    groups: union(base.groups, child.groups),
    excludedGroups: union(base.excludedGroups, child.excludedGroups),
    grants: union(base.grants, child.grants, (one) => `${one.access} ${one.expect} ${one.text}`),
    denies: union(base.denies, child.denies),
    bulk: union(base.bulk, child.bulk),
    overrides: union(base.overrides, child.overrides),
    allowedCommands: [...new Set([...base.allowedCommands, ...child.allowedCommands])],
    deniedCommands: [...new Set([...base.deniedCommands, ...child.deniedCommands])],
    blockNetwork: base.blockNetwork || child.blockNetwork,
    network: union(base.network, child.network, (one) => `${one.form} ${one.text}`),
    sockets: union(base.sockets, child.sockets, (one) => `${one.extent} ${one.bind} ${one.text}`),
    unixMediation: child.unixMediation ?? base.unixMediation,
    // Unlike in the original, a child may lower it, to none too.
    workdirAccess: child.workdirAccess ?? base.workdirAccess,
    signalMode: child.signalMode ?? base.signalMode,
    ipcMode: child.ipcMode ?? base.ipcMode,
    limits: { ...base.limits, ...child.limits },
    privateTmp: base.privateTmp || child.privateTmp,
    strict: base.strict || child.strict,
    environment: mergeEnvironments(base.environment, child.environment),
    settings: mergeSettings(base.settings, child.settings),
    oldSpellings: [...base.oldSpellings, ...child.oldSpellings],
  };
}
