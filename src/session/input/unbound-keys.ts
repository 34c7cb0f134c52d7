/** A key after the prefix that does nothing says so: nobody shall wonder whether it was read. */

import { keyFor } from '../keys/key-words.ts';
import { type Keymap, keyLabel } from '../keys/keymap.ts';

/** What these keys are kept for. */
const LATER: Readonly<Record<string, string>> = { s: 'snapshots and rollback', l: 'learning a profile' };

export function unboundText(keymap: Keymap, name: string): string {
  const later = LATER[name];
  if (later !== undefined) return `${later}: not in this version of nono`;
  const help = keyFor(keymap, 'prefix', 'help');
  return `${keyLabel(name)} does nothing after the prefix${help === '' ? '' : `: ${help} lists what does`}`;
}
