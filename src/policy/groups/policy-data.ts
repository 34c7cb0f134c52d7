/** Makes the built-in data from the JSONC sources: for the build, and for what runs from the sources. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NonoError } from '../../platform/errors.ts';
import { loadNetworkProfiles } from '../profile/network-file.ts';
import { parseProfile } from '../profile/parse-profile.ts';
import type { Profile } from '../profile/profile.ts';
import type { BuiltinData } from './builtin.ts';
import { parseGroupFile } from './group-files.ts';
import type { PolicyGroups } from './groups.ts';

/** Parses and checks every file of profiles/. The build script writes the result to dist/policy-data.json. */
export function buildPolicyData(root: string): BuiltinData {
  const groups: Record<string, PolicyGroups[string]> = {};
  for (const file of sources(join(root, 'profiles', 'groups'))) {
    for (const [name, group] of Object.entries(parseGroupFile(readFileSync(file, 'utf8'), shown(root, file)))) {
      if (Object.hasOwn(groups, name)) throw new NonoError('installation', `${file}: group '${name}' exists already`);
      groups[name] = group;
    }
  }
  const profiles: Record<string, Profile> = {};
  for (const file of sources(join(root, 'profiles', 'builtin'))) {
    const name = file.slice(file.lastIndexOf('/') + 1, -'.jsonc'.length);
    profiles[name] = parseProfile(readFileSync(file, 'utf8'), shown(root, file), name);
  }
  return { groups, profiles, network: loadNetworkProfiles(root) };
}

function shown(root: string, file: string): string {
  return file.slice(root.length + 1);
}

function sources(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.jsonc'))
      .sort()
      .map((name) => join(dir, name));
  } catch (cause) {
    throw new NonoError('installation', `${dir} cannot be read`, { cause, hint: 'install nono again' });
  }
}

/** When the newest of them was changed. */
export function newestSource(root: string): number {
  let newest = statSync(join(root, 'profiles', 'network.jsonc'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const part of ['groups', 'builtin']) {
    for (const file of sources(join(root, 'profiles', part))) newest = Math.max(newest, statSync(file).mtimeMs);
  }
  return newest;
}
