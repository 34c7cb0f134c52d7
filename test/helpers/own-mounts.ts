/** A mount namespace for one test process. What is mounted is part of each plan, and other files of tests mount while this one runs. */
import { spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';

let enter: readonly string[] | undefined;

/** Words before a command that give it these mounts, and `cwd` among them. None where this process cannot make them: those who cannot mount disturb nobody. */
export function withOwnMounts(cwd: string): readonly string[] {
  enter ??= begin();
  return enter.length === 0 ? [] : [...enter, 'env', '-C', cwd];
}

function begin(): readonly string[] {
  if (process.getuid?.() !== 0 || spawnSync('unshare', ['--mount', 'true']).status !== 0) return [];
  // Ends with its input, and so with this process.
  const holder = spawn('unshare', ['--mount', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
  holder.unref();
  (holder.stdin as unknown as { unref(): void }).unref();
  const mounts = (whose: number | 'self'): string => readlinkSync(`/proc/${whose}/ns/mnt`);
  const { pid } = holder;
  if (pid === undefined) throw new Error('unshare cannot be started');
  while (mounts(pid) === mounts('self')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  return ['nsenter', `--mount=/proc/${pid}/ns/mnt`];
}
