/** The shell that nono was started from. When the relay is killed it prints its prompt before the screen is restored; it is asked to draw it again. */
import { readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat from the third on; the name before them can hold anything. */
function fields(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const PARENT = 1;
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
