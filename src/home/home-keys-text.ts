/** The keys of the home, a line each. Pure. */
import { type Keymap, keyLabel } from '../session/keys/keymap.ts';

const KEYS = 20;

export function keysText(keymap: Keymap): string {
  const home = keymap.bindings.filter((one) => one.in === 'home' && one.keys.length > 0);
  return home.map((one) => `${one.keys.map(keyLabel).join(' ').padEnd(KEYS)} ${one.help}`).join('\n');
}
