/** `copy_command` of the settings: what the user copies goes to a program of the user's own, outside the sandbox. Bounded in time; the size is bounded by who calls. */

import type { ChildProcessByStdio } from 'node:child_process';
import type { Writable } from 'node:stream';

const MOST_MS = 5000;

/** Resolves with what went wrong, undefined when the program has taken the text. */
export function runCopyCommand(
  argv: readonly string[],
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  mostMs = MOST_MS,
): Promise<string | undefined> {
  const [program = '', ...args] = argv;
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('NONO_')));
  return new Promise((resolve) => {
    // Loaded for this only: a start does without.
    const { spawn } = process.getBuiltinModule('node:child_process');
    // From `/`: nothing in a project stands in for it. A session of its own: it cannot reach the terminal, and ends as a whole.
    let child: ChildProcessByStdio<Writable, null, null>;
    try {
      child = spawn(program, args, { cwd: '/', env: own, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
      // Where too many files are open there is a child without streams, and no error yet.
      if (child.stdin === undefined) throw new Error('too many open files');
    } catch (error) {
      resolve(`cannot be started: ${(error as Error).message}`);
      return;
    }
    const done = (problem: string | undefined): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    const timer = setTimeout(() => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended in this moment.
      }
      done(`did not end within ${mostMs / 1000} s, and was ended`);
    }, mostMs);
    child.on('error', (error: NodeJS.ErrnoException) => done(error.code === 'ENOENT' ? 'is not there' : error.message));
    // Not `close`: such programs stay behind to serve the text.
    child.on('exit', (code, signal) => done(code === 0 ? undefined : `ended with ${signal ?? code}`));
    // A reader that is gone: how it ended says more.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
}
