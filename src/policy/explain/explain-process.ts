/** What a session is shown of `/proc/<pid>`: no rule holds it, since the same path means another process to each that asks. Pure. */

import type { FileSystem } from '../plan/file-system.ts';
import type { RealPath } from '../resolve/real-path.ts';
import type { Explanation, PathOperation } from './explanation.ts';

/** As `writable` of native/open/broker.c: one's own entries that carry no authority beyond one's own. */
const writable = ['comm', 'oom_score_adj', 'coredump_filter', 'timerslack_ns', 'setgroups', 'uid_map', 'gid_map'];
/** Of another process of the session these stay closed. */
const secret = ['mem', 'environ'];

const AWAY = /^\/proc\/(?:thread-)?self(?:\/task\/[0-9]+)?\/(root|cwd)(\/.*)?$/;

/** The path that is meant by one through the root or the working directory of the process that asks: the kernel decides on that. */
export function throughCaller(path: string, cwd: string | undefined): string | undefined {
  const [, link, below = ''] = AWAY.exec(path) ?? [];
  if (link === 'root') return below || '/';
  return link === 'cwd' && cwd !== undefined ? cwd + below : undefined;
}

function answer(real: RealPath, allowed: boolean, details: string): Explanation & { readonly real: RealPath } {
  return { real, status: allowed ? 'allowed' : 'denied', reason: 'own_process', details };
}

/** `inside`: asked from within the session, which sees a process of its own by number and no other. */
export function explainOfCaller(
  real: RealPath,
  operation: PathOperation,
  fs: FileSystem,
  inside: boolean,
): Explanation & { readonly real: RealPath } {
  const [, , process = '', ...below] = real.path.split('/');
  const name = below.at(-1) ?? '';
  if (/^[0-9]+$/.test(process)) {
    if (!inside) return answer(real, false, 'a process outside is shown to no session: for it the path does not exist');
    // Any process can be seen to be there; only one of the session can be looked into.
    if (fs.list(`/proc/${process}`) === undefined)
      return answer(real, false, 'no process of this session has that number, and no other is shown');
    const read = operation === 'read' && !secret.includes(name);
    return answer(real, read, 'of another process of the session most can be read, and nothing written');
  }
  if (operation === 'read') return answer(real, true, 'names the process that asks, which is shown itself');
  if (below.includes('fd')) return answer(real, true, 'a descriptor of the process that asks, as it was opened');
  return answer(real, writable.includes(name), `of the process that asks only ${writable.join(', ')} are written`);
}
