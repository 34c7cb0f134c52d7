/** Whether a name is taken, whatever is there. `existsSync` follows links: one that leads to itself would pass for no file, and what the user wrote for nothing. */
import { lstatSync } from 'node:fs';
import { currentlyAsked } from '../platform/asked.ts';

/** What cannot be asked counts as there: reading it says why it cannot be read. */
export function isThere(path: string): boolean {
  try {
    const there = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    currentlyAsked()?.ask('there', path, there ? '1' : '0');
    return there;
  } catch {
    currentlyAsked()?.doubt();
    return true;
  }
}
