/** A name whose bytes are no UTF-8, as text that no other name has: each such byte is a character of its own, U+DC80 to U+DCFF. For eyes only: no path is made from it again. */
import { isUtf8 } from 'node:buffer';

const BYTE = 0xdc00;

function sequenceLength(first: number): number {
  if (first < 0xc2) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

export function spelledName(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const one = bytes.subarray(at, at + sequenceLength(first));
    const known = isUtf8(one);
    text += known ? one.toString('utf8') : String.fromCharCode(BYTE + first);
    at += known ? one.length : 1;
  }
  return text;
}
