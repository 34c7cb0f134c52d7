/** How each shell is started so that it reads nono's own start-up file, which reads the user's and adds the prompt mark. */
import { basename, join } from 'node:path';

/** What the caller must do for the shell: run this, set these, grant reading these. */
export interface ShellStart {
  readonly argv: readonly string[];
  /** Added to the sandboxed environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Files and directories that the policy must grant for reading. */
  readonly readPaths: readonly string[];
  /** Whether the shell will mark its prompts; without marks asking begins a moment after the start. */
  readonly marks: boolean;
}

const POSIX_SHELLS = ['sh', 'dash', 'ash', 'ksh', 'mksh', 'busybox'];

/** fish wants files of its own before it reads nono's, and says so with each command where it may not have them: two dozen errors, and as many rows of what was denied. */
function fishWithout(
  outer: Readonly<Record<string, string | undefined>>,
  readable: (path: string) => boolean,
): { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const home = outer['HOME'] ?? '';
  const config = join(outer['XDG_CONFIG_HOME'] || join(home, '.config'), 'fish', 'config.fish');
  const history = join(outer['XDG_DATA_HOME'] || join(home, '.local/share'), 'fish', 'fish_history');
  return {
    // Also without variables that are kept across sessions.
    flags: readable(config) ? [] : ['--no-config'],
    // Kept in memory.
    env: readable(history) ? {} : { fish_history: '' },
  };
}

/** `outer` is the user's environment: a start-up file named there is handed on to nono's. `readable` says whether the policy grants a file. */
export function shellStart(
  shell: string,
  rcDir: string,
  outer: Readonly<Record<string, string | undefined>> = {},
  readable: (path: string) => boolean = () => true,
): ShellStart {
  const name = basename(shell);
  const file = (rc: string): string => join(rcDir, rc);
  if (name === 'bash' || name === 'rbash') {
    return { argv: [shell, '--rcfile', file('bash.sh')], env: {}, readPaths: [file('bash.sh')], marks: true };
  }
  if (name === 'zsh') {
    const own = outer['ZDOTDIR'];
    const env = { ZDOTDIR: file('zsh'), ...(own ? { NONO_ZDOTDIR: own } : {}) };
    return { argv: [shell], env, readPaths: [file('zsh')], marks: true };
  }
  if (name === 'fish') {
    const quoted = file('fish.fish').replace(/[\\']/g, '\\$&');
    const { flags, env } = fishWithout(outer, readable);
    return {
      argv: [shell, ...flags, '--init-command', `source '${quoted}'`],
      env,
      readPaths: [file('fish.fish')],
      marks: true,
    };
  }
  if (POSIX_SHELLS.includes(name)) {
    const own = outer['ENV'];
    const env = { ENV: file('sh.sh'), ...(own ? { NONO_ENV: own } : {}) };
    return { argv: [shell], env, readPaths: [file('sh.sh')], marks: true };
  }
  return { argv: [shell], env: {}, readPaths: [], marks: false };
}
