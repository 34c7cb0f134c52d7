/** Whether a name is taken, whatever is there. `existsSync` follows links: one that leads to itself would pass for no file, and what the user wrote for nothing. */
import { lstatSync } from 'node:fs';

/** What cannot be asked counts as there: reading it says why it cannot be read. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
