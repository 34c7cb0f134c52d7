/** Whose nono's state is. `sudo` may leave HOME as it was: root would signal what that user wrote down as a session, and write where that user put a link. */
import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { NonoError } from '../platform/errors.ts';

/** The directory, and with it `~/.local/state`, `~/.local` and the home: who owns one of them can put another in its place. */
const LEVELS = 4;

/** Of the directory and, where it is a link, of the link. None: it does not exist yet. */
function ownersOf(path: string): readonly number[] {
  return [lstatSync, statSync].flatMap((look) => look(path, { throwIfNoEntry: false })?.uid ?? []);
}

/** `state` itself. Throws where it is another user's, or lies in what is: nothing is read there and nothing written. */
export function ownState(state: string): string {
  const self = process.geteuid?.();
  let path = state;
  for (let level = 0; level < LEVELS; level++) {
    const other = ownersOf(path).find((uid) => uid !== self && (uid !== 0 || level === 0));
    if (other !== undefined)
      throw new NonoError('io', `${state} is not used: ${path} belongs to user ${other}`, {
        hint: 'set HOME to your own, or XDG_STATE_HOME to a directory of yours',
      });
    path = dirname(path);
  }
  return state;
}
