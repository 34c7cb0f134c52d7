/**
 * Sessions' own directories for temporary files ($TMPDIR), among others of the same user. Their names say whose they are: the number of the host, and when that
 * started, in clock ticks after boot, which together name one process among all that ever have that number. native/start/tmpdir.c makes and knows the same names.
 */

import { isWithin } from '../paths.ts';
import type { FileSystem } from '../plan/file-system.ts';

const PID_DIGITS = 7;
const START_DIGITS = 12;

/** Random characters come behind it. Of one length whoever makes it: native/cache/cache.c puts the name of another one in its place. */
export function sessionDirectoryPrefix(host: number, start: string): string {
  return `nono-tmp-${String(host).padStart(PID_DIGITS, '0')}-${start.padStart(START_DIGITS, '0')}-`;
}

export function hasSessionDirectoryName(name: string): boolean {
  return name.startsWith('nono-tmp-') && /^nono-tmp-\d{7}-\d{12}-[A-Za-z0-9]{6}$/.test(name);
}

/** `fs` with a new and empty directory, whatever was asked before it was made. Where a plan is made without Node, it is not made yet. */
export function withEmptyDirectory(fs: FileSystem, directory: string): FileSystem {
  const { scan } = fs;
  const isIn = (path: string): boolean => isWithin(path, directory);
  return {
    ...fs,
    kind: (path) => (path === directory ? 'directory' : isIn(path) ? undefined : fs.kind(path)),
    list: (path) => (isIn(path) ? [] : fs.list(path)),
    ...(scan === undefined ? {} : { scan: (path) => (isIn(path) ? [] : scan(path)) }),
  };
}
