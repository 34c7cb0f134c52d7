/** Whether a descriptor is a terminal, without loading node:tty (and with it node:net, 2 ms) for the files, pipes and /dev/null that are none. */
import { fstatSync } from 'node:fs';

/** Major number of /dev/null and its kin. */
const MEMORY_DEVICES = 1;

export function isTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || stat.rdev >> 8 === MEMORY_DEVICES) return false;
  } catch {
    return false; // closed
  }
  return process.getBuiltinModule('node:tty').isatty(fd);
}
