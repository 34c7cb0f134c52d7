/** The prefix key as terminals send it, by the name in the key table. `''`: there is none, and a click reaches the chrome. */
import type { PrefixKey } from '../../terminal/input-router.ts';
import { functionKey } from '../../terminal/key-names.ts';

/** What the router looks for. */
export function prefixKey(name: string): PrefixKey {
  return { byte: name.startsWith('C-') ? controlByte(name) : undefined, name };
}

/** What the shell gets for `prefix prefix`. */
export function prefixBytes(name: string): Uint8Array {
  return name.startsWith('C-') ? Uint8Array.of(controlByte(name)) : Buffer.from(functionKey(name) ?? '');
}

function controlByte(name: string): number {
  return (name.codePointAt(2) ?? 0) & 0x1f;
}
