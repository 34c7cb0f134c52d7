/** The data that ships with nono: groups and built-in profiles, from the JSONC sources or from the one file the build makes of them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NonoError } from '../platform/errors.ts';
import { type PolicyGroups, parseGroupFile } from './groups.ts';
import { loadNetworkProfiles, type NetworkProfiles } from './network-profiles.ts';
import { type Profile, parseProfile } from './profile.ts';

export interface BuiltinData {
  readonly groups: PolicyGroups;
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly network: NetworkProfiles;
}

/**
 * The installation's policy data. The product reads dist/policy-data.json, which one build makes together with the code that reads it. What runs from
 * the sources uses it only when it is newer than they are.
 */
export function loadBuiltinData(root: string): BuiltinData {
  const bundle = join(root, 'dist', 'policy-data.json');
  if (import.meta.dirname === join(root, 'dist')) return readBuilt(bundle);
  const built = statSync(bundle, { throwIfNoEntry: false });
  if (built === undefined || built.mtimeMs < newestSource(root)) return buildPolicyData(root);
  return readBuilt(bundle);
}

function readBuilt(bundle: string): BuiltinData {
  try {
    return JSON.parse(readFileSync(bundle, 'utf8')) as BuiltinData;
  } catch (cause) {
    throw new NonoError('installation', `${bundle} cannot be read`, {
      cause,
      hint: 'run `npm run build` or install nono again',
    });
  }
}

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

function newestSource(root: string): number {
  let newest = statSync(join(root, 'profiles', 'network.jsonc'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const part of ['groups', 'builtin']) {
    for (const file of sources(join(root, 'profiles', part))) newest = Math.max(newest, statSync(file).mtimeMs);
  }
  return newest;
}
