/** Keys of the profile that mean something else here than what they say, or nothing; and what the network is under them. */
import { NonoError } from '../../platform/errors.ts';
import type { PolicyNetRule } from '../model.ts';
import { networkProfile } from '../profile/network-profiles.ts';
import { oldSpellingWarning } from '../profile/old-keys.ts';
import { profileNotes } from '../profile/profile.ts';
import { resolveNetwork } from './resolve-network.ts';
import { flagPath, locate, type Resolving } from './resolving.ts';
import { expandPath } from './variables.ts';

export function noteKeys(r: Resolving): void {
  const wanted = r.profile.settings['network.network_profile'];
  if (wanted?.value) {
    try {
      networkProfile(r.context.builtin.network, { text: wanted.value, at: wanted.at });
    } catch (error) {
      if (!(error instanceof NonoError)) throw error;
      r.complain(error);
    }
  }
  const old = oldSpellingWarning(r.profile.name, r.profile.oldSpellings);
  if (old !== undefined) r.warnings.push(old);
  for (const { key, effect, why, at } of profileNotes(r.profile))
    if (effect === 'not-in-force') r.warnings.push(`${key} is not in force in this version: ${why} (${at})`);
  const byName = restrictedByName(r);
  if (byName.length === 0) return;
  const keys = byName.join(', ');
  r.warnings.push(
    r.request.allowNetwork
      ? `${keys}: not in force in this version, and --allow-net opens the whole network`
      : `${keys}: not in force in this version, so the network is blocked as a whole; --allow-connect ADDRESS:PORT opens single addresses`,
  );
}

export function neverOffered(r: Resolving): string[] {
  const setting = r.profile.settings['filesystem.suppress_save_prompt'];
  const written = (setting?.value ?? []).flatMap((entry) => {
    const text = typeof entry === 'string' ? entry : entry.path;
    const path = locate(r, { text, at: setting?.at ?? '' }, () => expandPath(text, r.variables));
    return path === undefined ? [] : [path];
  });
  const given = (r.request.neverOffered ?? []).map((path) => flagPath(r, path, '--suppress-save-prompt'));
  return [...written, ...given].map((path) => r.rules.real(path).path);
}

/** Keys that restrict the network in a way that only a proxy could: without one, all of it is blocked. */
function restrictedByName(r: Resolving): readonly string[] {
  return profileNotes(r.profile).flatMap(({ key, effect }) => (effect === 'blocks-network' ? [key] : []));
}

export function networkBlocked(r: Resolving): boolean {
  if (r.request.blockNetwork && r.request.allowNetwork)
    throw new NonoError('policy-invalid', '--block-net and --allow-net contradict each other', { hint: 'give one' });
  if (r.request.allowNetwork) return false;
  return r.profile.blockNetwork || restrictedByName(r).length > 0 || (r.request.blockNetwork ?? false);
}

/** While the network is free, grants add nothing; of the command line that is worth a word. */
export function networkRules(r: Resolving): readonly PolicyNetRule[] {
  const flags = r.request.network ?? [];
  const source = `profile:${r.profile.name}`;
  const blocked = networkBlocked(r);
  if (!blocked && flags.length + r.profile.network.length === 0) return [];
  const { rules, warnings } = resolveNetwork([
    ...flags.map(({ flag, form, text }) => ({ form, text, at: flag, source: `cli:${flag}` })),
    ...r.profile.network.map(({ form, text, at }) => ({ form, text, at, source })),
  ]);
  if (blocked) {
    r.warnings.push(...warnings);
    return rules;
  }
  for (const flag of new Set(flags.map((one) => one.flag)))
    r.warnings.push(`${flag} adds nothing: the network is open (--block-net blocks it)`);
  return [];
}
