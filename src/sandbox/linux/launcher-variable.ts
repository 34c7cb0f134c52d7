/** How bin/nono's launcher says that it is there (native/start/front.c), and what it has: its word is put where the variable said that there would be one. */
export const VARIABLE = 'NONO_LAUNCHER';
const REMEMBERED = '-cached';
const ASKS = '-asks';

/** Whether the launcher found the plan of this `run` or `shell` in the cache. */
export function hasRememberedLauncher(command: 'run' | 'shell', env: NodeJS.ProcessEnv = process.env): boolean {
  return env[VARIABLE]?.startsWith(`${command}${REMEMBERED}:`) === true;
}

/** The variable of one that says a word first, taken apart. */
export function askingLauncher(
  env: NodeJS.ProcessEnv,
): { readonly name: string; readonly fds: readonly string[] } | undefined {
  const [name, ...fds] = env[VARIABLE]?.split(':') ?? [];
  return name?.endsWith(ASKS) === true ? { name: name.slice(0, -ASKS.length), fds } : undefined;
}

/** `fds`: with the policy's where it has the plan. */
export function launcherHas(env: NodeJS.ProcessEnv, name: string, fds: readonly string[], remembered: boolean): void {
  env[VARIABLE] = [remembered ? `${name}${REMEMBERED}` : name, ...fds].join(':');
}
