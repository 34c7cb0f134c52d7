/** The keys of the home, a line each. Pure. */
import { type Keymap, keyLabel } from '../session/keys/keymap.ts';

const KEYS = 20;

export function keysText(keymap: Keymap): string {
  const home = keymap.bindings.filter((one) => one.in === 'home' && one.keys.length > 0);
  const lines = home.map((one) => `${one.keys.map(keyLabel).join(' ').padEnd(KEYS)} ${one.help}`);
  const filter = keymap.bindings.find((one) => one.in === 'home-page' && one.action === 'filter')?.keys[0];
  // In the help of a session what is typed filters at once; here letters are keys.
  if (filter !== undefined) lines.unshift(`${keyLabel(filter)} and a word: only the lines that hold it`, '');
  return lines.join('\n');
}
