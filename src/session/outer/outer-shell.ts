/** The shell that nono was started from: it gets its terminal back when the user suspends the session, and is asked to draw its prompt again when the relay was killed. */
import { readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat from the third on; the name before them can hold anything. */
function fields(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const PARENT = 1;
const GROUP = 2;
const SESSION = 3;
const FOREGROUND = 5;

/** To be called at the start, while the relay lives; the answer is called after the restore. Shells redraw their prompt when the window changes. */
export function rememberOuterShell(relay: number = process.ppid): () => void {
  let shell = 0;
  try {
    shell = Number(fields(relay)[PARENT]);
  } catch {
    // The relay is gone already.
  }
  return () => {
    if (shell <= 1) return;
    try {
      const group = Number(fields(shell)[FOREGROUND]);
      if (group > 1) process.kill(-group, 'SIGWINCH');
    } catch {
      // Another user's shell, or none: the prompt comes with the next Enter.
    }
  };
}

/** Whether a shell waits for this job, which `fg` would bring back: the first process above it that is not of the job has the same terminal. */
function isSomebodysJob(relay: number): boolean {
  const job = fields(relay);
  let above = fields(Number(job[PARENT]));
  while (above[GROUP] === job[GROUP]) above = fields(Number(above[PARENT]));
  return above[SESSION] === job[SESSION];
}

/** As Ctrl-Z stops a program. The relay stops the rest of the job, which the shell waits for, when the terminal has been given back. Answers why that cannot be. */
export function suspendJob(relay: number): string | undefined {
  try {
    const group = Number(fields(relay)[GROUP]);
    if (!(group > 1) || !isSomebodysJob(relay)) return 'no shell waits outside that could bring this back';
    process.kill(relay, 'SIGTSTP');
    return undefined;
  } catch {
    return 'this session cannot be suspended';
  }
}
