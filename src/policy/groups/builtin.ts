/** The data that ships with nono: groups and built-in profiles, from the JSONC sources or from the one file the build makes of them. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NonoError } from '../../platform/errors.ts';
import { lazyModule } from '../../platform/lazy-module.ts';
import type { NetworkProfiles } from '../profile/network-file.ts';
import type { Profile } from '../profile/profile.ts';
import type { PolicyGroups } from './groups.ts';

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
  const { buildPolicyData, newestSource } = lazyModule<typeof import('./policy-data.ts')>(
    import.meta.url,
    './policy-data.ts',
  );
  const built = statSync(bundle, { throwIfNoEntry: false });
  if (built === undefined || built.mtimeMs < newestSource(root)) return buildPolicyData(root);
  return readBuilt(bundle);
}

export function readBuilt(bundle: string): BuiltinData {
  try {
    return JSON.parse(readFileSync(bundle, 'utf8')) as BuiltinData;
  } catch (cause) {
    throw new NonoError('installation', `${bundle} cannot be read`, {
      cause,
      hint: 'run `npm run build` or install nono again',
    });
  }
}
