/** Where nono keeps its own files. Every one of them is denied to the sandboxed command (src/policy/protection.ts). */
import { basename, dirname, join } from 'node:path';
import { type Environment, homeDirectory } from '../policy/variables.ts';

export interface NonoDirectories {
  /** Settings and profiles, edited by the user. */
  readonly config: string;
  readonly profiles: string;
  /** Where a nono looks for its settings that is started without XDG_CONFIG_HOME. */
  readonly otherConfig: string | undefined;
  /** Sessions, audit and rollback data, written by nono. */
  readonly state: string;
  /** Where a nono keeps its state that is started without XDG_STATE_HOME: it takes plans from there (native/cache_key.c). */
  readonly otherStates: readonly string[];
  /** The state directory of the original nono, still read. */
  readonly legacyState: string;
  /** Sockets of running sessions; undefined without XDG_RUNTIME_DIR. */
  readonly runtime: string | undefined;
}

const DEFAULT_STATE = '.local/state';

/** The XDG places, for the user whose environment this is. */
export function nonoDirectories(env: Environment): NonoDirectories {
  const home = homeDirectory(env);
  const settings = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const config = join(settings, 'nono');
  const usual = join(home, '.config', 'nono');
  const state = join(env['XDG_STATE_HOME'] || join(home, DEFAULT_STATE), 'nono');
  // The settings may be those of another home, where a nono trusts both.
  const homes = basename(settings) === '.config' ? [home, dirname(settings)] : [home];
  const states = homes.map((place) => join(place, DEFAULT_STATE, 'nono'));
  const runtime = env['XDG_RUNTIME_DIR'];
  return {
    config,
    profiles: join(config, 'profiles'),
    otherConfig: usual.startsWith('/') && usual !== config ? usual : undefined,
    state,
    otherStates: [...new Set(states)].filter((place) => place.startsWith('/') && place !== state),
    legacyState: join(home, '.nono'),
    runtime: runtime ? join(runtime, 'nono') : undefined,
  };
}
