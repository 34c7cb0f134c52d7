/** The lines of the help: what can be pressed where it was opened, filtered by what was typed. */

import type { Binding, KeyContext } from '../keys/binding.ts';
import { type Keymap, keyLabel } from '../keys/keymap.ts';

/** What somebody may call it: the words of the help, of hints and popups, and of the settings. */
function wordsOf(one: Binding): string {
  return [...one.keys.map(keyLabel), one.help, one.hint, one.short, one.action].join(' ').toLowerCase();
}

/** Each word of the filter is somewhere in a line's. */
export function helpItems(keymap: Keymap, about: KeyContext, filter: string): readonly Binding[] {
  const wanted = filter.toLowerCase().split(' ');
  const places: readonly KeyContext[] = about === 'prefix' ? ['shell', 'prefix'] : [about];
  return keymap.bindings
    .filter((one) => places.includes(one.in) && one.keys.length > 0)
    .filter((one) => wanted.every((word) => wordsOf(one).includes(word)));
}
