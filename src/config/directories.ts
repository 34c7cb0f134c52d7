/** Where nono keeps its own files. Every one of them is denied to the sandboxed command (src/policy/resolve/protection.ts). */
import { basename, dirname, join } from 'node:path';
import { type Environment, homeDirectory } from '../policy/resolve/variables.ts';

export interface NonoDirectories {
  /** Settings and profiles, edited by the user. */
  readonly config: string;
  readonly profiles: string;
  /** Where a nono looks for its settings that is started without XDG_CONFIG_HOME, or with the account's own HOME. */
  readonly otherConfigs: readonly string[];
  /** Sessions, audit and rollback data, written by nono. */
  readonly state: string;
  /** Where a nono keeps its state that is started without XDG_STATE_HOME, or with the account's own HOME: it takes plans from there (native/cache/cache_key.c). */
  readonly otherStates: readonly string[];
  /** The state directory of the original nono, still read. */
  readonly legacyState: string;
  /** Sockets of running sessions; undefined without XDG_RUNTIME_DIR. */
  readonly runtime: string | undefined;
}

const DEFAULT_STATE = '.local/state';
const LEGACY_STATE = '.nono';

/** The XDG places, for the user whose environment this is. `accountHome`: the home that HOME would name otherwise, where it is known. */
export function nonoDirectories(env: Environment, accountHome?: string): NonoDirectories {
  const home = homeDirectory(env);
  const settings = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const config = join(settings, 'nono');
  const state = join(env['XDG_STATE_HOME'] || join(home, DEFAULT_STATE), 'nono');
  const own = accountHome === undefined || accountHome === home ? [] : [accountHome];
  const configs = [home, ...own].map((place) => join(place, '.config', 'nono'));
  // The settings may be those of another home, where a nono trusts both.
  const homes = [home, ...(basename(settings) === '.config' ? [dirname(settings)] : []), ...own];
  const states = [
    ...homes.map((place) => join(place, DEFAULT_STATE, 'nono')),
    ...own.map((place) => join(place, LEGACY_STATE)),
  ];
  const others = (places: readonly string[], used: string): readonly string[] =>
    [...new Set(places)].filter((place) => place.startsWith('/') && place !== used);
  const runtime = env['XDG_RUNTIME_DIR'];
  return {
    config,
    profiles: join(config, 'profiles'),
    otherConfigs: others(configs, config),
    state,
    otherStates: others(states, state),
    legacyState: join(home, LEGACY_STATE),
    runtime: runtime ? join(runtime, 'nono') : undefined,
  };
}
