/** The edge of package-registries.ts: this machine's files and programs. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Environment, homeDirectory } from '../resolve/variables.ts';
import { packageRegistries } from './package-registries.ts';

/** A manager that takes longer is not waited for; its registries are then not let through. */
const PATIENCE_MS = 10_000;

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Hosts by manager. Runs programs of the user's PATH, outside any sandbox and away from the project, whose settings could name others. */
export function askPackageManagers(env: Environment): ReadonlyMap<string, readonly string[]> {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const home = homeDirectory(env);
  return packageRegistries({
    env,
    home,
    read: (file) => attempt(() => readFileSync(file, 'utf8')),
    list: (directory) => attempt(() => readdirSync(directory)) ?? [],
    ask: ([program = '', ...args]) => {
      const done = spawnSync(program, args, {
        cwd: '/',
        env,
        encoding: 'utf8',
        timeout: PATIENCE_MS,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return done.status === 0 ? done.stdout : undefined;
    },
  });
}
