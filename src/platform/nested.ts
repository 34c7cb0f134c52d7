/** Whether this process runs inside another session: then that session's supervisor is the only one there can be (seccomp_unotify(2): one listener). */
import { readFileSync } from 'node:fs';
import { currentlyAsked } from './asked.ts';
import { nativeProgram } from './installation.ts';

const SECCOMP_MODE_FILTER = '2';
const UNSET = '0';

/** Nobody supervises who could serve it below `nono wrap`: there it is off the floor. */
function ownStatus(): string | undefined {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return undefined;
  }
}

/** Without a seccomp filter it cannot be; with one, which a container has too, and where that cannot be read, the launcher tries. */
export function insideAnotherSession(): boolean {
  const status = ownStatus() ?? `Seccomp: ${SECCOMP_MODE_FILTER}`;
  const mode = /^Seccomp:\s+(\d)/m.exec(status)?.[1];
  if (mode !== SECCOMP_MODE_FILTER) return false;
  const asked = currentlyAsked();
  // Every session sets it; and the launcher that keeps plans has tried, too, whether somebody listens (native/cache/cache_key.c).
  if (asked !== undefined && /^NoNewPrivs:\s+(\d)/m.exec(status)?.[1] === UNSET) return false;
  asked?.doubt();
  // Asked for here: it takes milliseconds to load, and few starts need it.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const probe = spawnSync(nativeProgram('nono-launch'), ['--probe'], { encoding: 'utf8' });
  return / nested=1\b/.test(probe.stdout ?? '');
}
