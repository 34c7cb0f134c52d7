/** Named lists of hosts: profiles/network.jsonc, and what `network_profile` and `allow_domain` mean by it. */
import { nearest } from '../config/nearest.ts';
import { NonoError } from '../platform/errors.ts';
import type { NetworkGroup, NetworkProfiles } from './network-file.ts';
import type { Written } from './profile.ts';

export type { NetworkGroup, NetworkProfiles } from './network-file.ts';

/** What asks this machine for the hosts of package registries. */
export type RegistryHosts = () => readonly string[];

function hostsOf(one: NetworkGroup, registries: RegistryHosts): readonly string[] {
  return one.from === 'package-managers' ? registries() : one.hosts;
}

/** The groups of a `network_profile`. The error gives the place and the nearest name. */
export function networkProfile(all: NetworkProfiles, name: Written): readonly string[] {
  const members = Object.hasOwn(all.profiles, name.text) ? all.profiles[name.text] : undefined;
  if (members === undefined) {
    const meant = nearest(name.text, Object.keys(all.profiles));
    throw new NonoError('profile-invalid', `${name.at}: there is no network profile '${name.text}'`, {
      hint: meant ? `did you mean '${meant}'?` : `network profiles: ${Object.keys(all.profiles).join(', ')}`,
    });
  }
  return members;
}

/** Its hosts. */
export function networkProfileHosts(all: NetworkProfiles, name: Written, registries: RegistryHosts): readonly string[] {
  const members = networkProfile(all, name);
  return [...new Set(members.flatMap((member) => hostsOf(all.groups[member] as NetworkGroup, registries)))];
}

/** An entry of `allow_domain`: the hosts of a group, or itself. */
export function domainHosts(all: NetworkProfiles, entry: string, registries: RegistryHosts): readonly string[] {
  const found = Object.hasOwn(all.groups, entry) ? all.groups[entry] : undefined;
  return found === undefined ? [entry] : hostsOf(found, registries);
}
