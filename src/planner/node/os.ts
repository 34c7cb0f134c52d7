/** node:os, as far as making a plan needs it. */
import { host } from '../host.ts';

export function tmpdir(): string {
  const { TMPDIR, TMP, TEMP } = host.environment;
  const path = TMPDIR || TMP || TEMP || '/tmp';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Asked where /etc/passwd does not say it. */
export function userInfo(): never {
  return host.giveUp('an account that is not in /etc/passwd');
}

/** Of the running kernel. */
export function release(): string {
  return host.release;
}
