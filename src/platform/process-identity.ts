/** A process among all that ever have its number: pids are used again, and what is signalled by an old one would be somebody else. */
import { readFileSync, readlinkSync } from 'node:fs';

const STATE = 0;
const START = 19;

/** Fields of /proc/PID/stat from the third on; the name before them can hold anything. */
function fields(pid: number | 'self'): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Clock ticks after boot (proc_pid_stat(5), field 22); undefined when there is no such process. */
export function startTimeOf(pid: number | 'self'): string | undefined {
  return fields(pid)[START];
}

/** Ticks begin anew with every boot. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}

/** Numbers of processes mean something in one such namespace alone: each container mostly has its own. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Whether a signal has stopped it. */
export function isStopped(pid: number): boolean {
  return /^[Tt]/.test(fields(pid)[STATE] ?? '');
}

/** Ended, but not yet waited for: nothing of it runs any more. */
export function isZombie(pid: number): boolean {
  return /^[ZX]/.test(fields(pid)[STATE] ?? '');
}
