/** Which processes of a session are confined already. */
import { readFileSync } from 'node:fs';

/** Processes under a filter that descend from `pid`. */
export function confinedBelow(pid: number): number[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  } catch {
    return [];
  }
  return text
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .flatMap((child) => {
      try {
        const own = /^Seccomp:\t2$/m.test(readFileSync(`/proc/${child}/status`, 'latin1')) ? [child] : [];
        return [...own, ...confinedBelow(child)];
      } catch {
        return [];
      }
    });
}
