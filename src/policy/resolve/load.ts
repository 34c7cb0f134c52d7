/** The edge: what resolving a policy rests on in this process: the real file system, environment and installation. */
import { nonoDirectories } from '../../config/directories.ts';
import { accountHome } from '../../platform/account-home.ts';
import { currentlyAsked } from '../../platform/asked.ts';
import { installationRoot } from '../../platform/installation.ts';
import { type BuiltinData, loadBuiltinData } from '../groups/builtin.ts';
import type { TypedMeanwhile } from '../pattern/native-search.ts';
import { askedFileSystem } from '../plan/asked-file-system.ts';
import { nodeFileSystem } from '../plan/file-system.ts';
import { createProfileStore, type ProfileStore } from '../profile/profile-store.ts';
import type { PolicyContext } from './policy-request.ts';
import { type Environment, homeDirectory } from './variables.ts';

let builtin: BuiltinData | undefined;

/** The installation's data, read once per process. */
export function builtinData(): BuiltinData {
  builtin ??= loadBuiltinData(installationRoot());
  return builtin;
}

/** Read before it is known where the installation is: by what is run ahead of every start (src/planner/main.ts). */
export function keepBuiltinData(data: BuiltinData): void {
  builtin = data;
}

/** The user's and the built-in profiles, as `--profile` finds them. */
export function profileStore(env: Environment = process.env): ProfileStore {
  return createProfileStore(builtinData(), nonoDirectories(env).profiles, homeDirectory(env));
}

/** Everything that resolving asks of this machine. Make one per resolve: it remembers what it saw. `progress`: long searches may be told on a terminal; `typed` hears what
 * was typed there meanwhile. */
export function policyContext(
  env: Environment = process.env,
  progress = false,
  supervised = true,
  typed?: (keys: TypedMeanwhile) => void,
): PolicyContext {
  const asked = currentlyAsked();
  const uid = process.getuid?.() ?? 0;
  const fs = nodeFileSystem(progress, typed);
  return {
    fs: asked === undefined ? fs : askedFileSystem(fs, asked, supervised),
    builtin: builtinData(),
    store: profileStore(env),
    directories: nonoDirectories(env, accountHome(uid)),
    env,
    uid,
    platform: process.platform === 'darwin' ? 'macos' : 'linux',
    installation: installationRoot(),
    interpreter: process.execPath,
  };
}
