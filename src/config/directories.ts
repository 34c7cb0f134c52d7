/** Where nono keeps its own files. Every one of them is denied to the sandboxed command (src/policy/protection.ts). */
import { join } from 'node:path';
import { type Environment, homeDirectory } from '../policy/variables.ts';

export interface NonoDirectories {
  /** Settings and profiles, edited by the user. */
  readonly config: string;
  readonly profiles: string;
  /** Sessions, audit and rollback data, written by nono. */
  readonly state: string;
  /** The state directory of the original nono, still read. */
  readonly legacyState: string;
  /** Sockets of running sessions; undefined without XDG_RUNTIME_DIR. */
  readonly runtime: string | undefined;
}

/** The XDG places, for the user whose environment this is. */
export function nonoDirectories(env: Environment): NonoDirectories {
  const home = homeDirectory(env);
  const config = join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'nono');
  const runtime = env['XDG_RUNTIME_DIR'];
  return {
    config,
    profiles: join(config, 'profiles'),
    state: join(env['XDG_STATE_HOME'] || join(home, '.local/state'), 'nono'),
    legacyState: join(home, '.nono'),
    runtime: runtime ? join(runtime, 'nono') : undefined,
  };
}
