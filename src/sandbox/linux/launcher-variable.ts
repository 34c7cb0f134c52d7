/** How bin/nono's launcher says that it is there, and what it has (native/front.c). */
export const VARIABLE = 'NONO_LAUNCHER';
const REMEMBERED = '-cached';

/** Whether bin/nono found the plan of this `run` or `shell` in the cache. */
export function hasRememberedLauncher(command: 'run' | 'shell', env: NodeJS.ProcessEnv = process.env): boolean {
  return env[VARIABLE]?.startsWith(`${command}${REMEMBERED}:`) === true;
}
