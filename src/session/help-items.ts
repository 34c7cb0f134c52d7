/** The lines of the help: what can be pressed where it was opened, filtered by what was typed. */
import { type Keymap, keyLabel } from './keymap.ts';
import type { Binding, KeyContext } from './keys/binding.ts';

export function helpItems(keymap: Keymap, about: KeyContext, filter: string): readonly Binding[] {
  const wanted = filter.toLowerCase();
  const places: readonly KeyContext[] = about === 'prefix' ? ['shell', 'prefix'] : [about];
  return keymap.bindings
    .filter((one) => places.includes(one.in) && one.keys.length > 0)
    .filter((one) => `${one.keys.map(keyLabel).join(' ')} ${one.help}`.toLowerCase().includes(wanted));
}
