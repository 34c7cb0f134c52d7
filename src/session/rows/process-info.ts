/** Who made the blocked call, read from /proc when the user asks. Everything in here is untrusted text; a process that has gone is no error. */
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessInfo {
  readonly argv: readonly string[];
  readonly cwd: string | undefined;
  /** Parents, nearest first, up to the supervisor's child. */
  readonly parents: readonly { readonly pid: number; readonly name: string }[];
}

const MAX_ARGV_BYTES = 16_384;
const MAX_PARENTS = 12;

interface Stat {
  readonly name: string;
  readonly parent: number;
}

/** The name in /proc/PID/stat is in parentheses and can itself hold parentheses: the last one ends it. */
function stat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const end = text.lastIndexOf(')');
    const name = Buffer.from(text.slice(text.indexOf('(') + 1, end), 'latin1').toString('utf8');
    return { name, parent: Number(text.slice(end + 2).split(' ')[1]) };
  } catch {
    return undefined;
  }
}

function argv(pid: number): readonly string[] | undefined {
  try {
    const bytes = readFileSync(`/proc/${pid}/cmdline`).subarray(0, MAX_ARGV_BYTES);
    return bytes.toString('utf8').replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Undefined when the process has ended. `stopAt` is the pid whose parents are none of the user's business (the supervisor's). */
export function readProcess(pid: number, stopAt: number | undefined): ProcessInfo | undefined {
  const args = argv(pid);
  if (args === undefined) return undefined;
  const parents: { pid: number; name: string }[] = [];
  for (let at = pid; at !== stopAt && parents.length < MAX_PARENTS; ) {
    const parent = stat(at)?.parent ?? 0;
    if (parent <= 1) break;
    parents.push({ pid: parent, name: stat(parent)?.name ?? '?' });
    at = parent;
  }
  return { argv: args, cwd: link(`/proc/${pid}/cwd`), parents };
}
