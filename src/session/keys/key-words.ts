/** The user's own keys in what nono says: a question that names a key which means nothing, or something else, could not be answered. */

import type { Action, KeyContext } from './binding.ts';
import { type Keymap, keyLabel } from './keymap.ts';

/** The key of an action as it stands on the keyboard; its name where the user has left it without one. */
export function keyFor(keymap: Keymap, context: KeyContext, action: Action): string {
  const key = keymap.bindings.find((one) => one.in === context && one.action === action)?.keys[0];
  return key === undefined ? action : keyLabel(key);
}

/** A fixed text in which `{action}` stands for the key of the list, `{prefix:action}` for the prefix and what follows it. Never for text that holds a path: it could have braces of its own. */
export function withKeys(text: string, keymap: Keymap): string {
  return text.replace(/\{(prefix:)?([a-z-]+)\}/g, (_, prefixed: string | undefined, action: string) =>
    prefixed === undefined
      ? keyFor(keymap, 'list', action as Action)
      : `${keyLabel(keymap.prefix)} ${keyFor(keymap, 'prefix', action as Action)}`.trim(),
  );
}
