/** What a profile means by `network_profile`: groups of hosts in profiles/network.jsonc. */
import { nearest } from '../../config/nearest.ts';
import { NonoError } from '../../platform/errors.ts';
import type { NetworkProfiles } from './network-file.ts';
import type { Written } from './profile.ts';

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
