/** Splits raw terminal input into whole units: one escape sequence, one control byte, or a run of plain bytes. Pure; knows nothing of focus. */

export type TokenKind =
  | 'plain' // bytes without ESC and without C0 controls other than those typed as text: a run, or one character
  | 'control' // one C0 byte
  | 'escape' // a lone ESC, or ESC and one character (Alt)
  | 'csi'
  | 'ss3'
  | 'string'; // OSC, DCS, APC, PM or SOS: an answer of the terminal

/** One unit, as offsets into the bytes it was found in. `complete` is false only for the last one. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly complete: boolean;
}

const ESC = 0x1b;
const MAX_STRING = 4096;

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f;
}

function csi(bytes: Uint8Array, start: number): Token {
  let at = start + 2;
  for (; at < bytes.length; at += 1) {
    const b = bytes[at] ?? 0;
    if (b >= 0x40 && b <= 0x7e) {
      return { kind: 'csi', start, end: at + 1, complete: true };
    }
    // A byte that cannot be part of the sequence ends it: nothing may hide behind an ESC [.
    if (b < 0x20 || b > 0x7e) return { kind: 'csi', start, end: at, complete: true };
  }
  return { kind: 'csi', start, end: bytes.length, complete: false };
}

function string(bytes: Uint8Array, start: number): Token {
  for (let at = start + 2; at < bytes.length; at += 1) {
    const b = bytes[at];
    if (b === 0x07) return { kind: 'string', start, end: at + 1, complete: true };
    if (b === ESC && bytes[at + 1] === 0x5c) return { kind: 'string', start, end: at + 2, complete: true };
    if (at - start > MAX_STRING) return { kind: 'string', start, end: at, complete: true };
  }
  return { kind: 'string', start, end: bytes.length, complete: false };
}

function escapeUnit(bytes: Uint8Array, start: number, strings: boolean): Token {
  const next = bytes[start + 1];
  if (next === undefined) return { kind: 'escape', start, end: start + 1, complete: false };
  if (next === 0x5b) return csi(bytes, start);
  if (next === 0x4f) {
    const third = bytes[start + 2];
    if (third === undefined) return { kind: 'ss3', start, end: start + 2, complete: false };
    // Alt-O before a control byte is only Alt-O.
    if (isControl(third)) return { kind: 'escape', start, end: start + 2, complete: true };
    return { kind: 'ss3', start, end: start + 3, complete: true };
  }
  // ] P _ ^ X
  if (strings && (next === 0x5d || next === 0x50 || next === 0x5f || next === 0x5e || next === 0x58))
    return string(bytes, start);
  // ESC before a control byte stands alone: Alt does not swallow the prefix key.
  if (isControl(next)) return { kind: 'escape', start, end: start + 1, complete: true };
  return { kind: 'escape', start, end: start + 2, complete: true };
}

/** How long the character is that begins with this byte (UTF-8, RFC 3629). What begins none is one by itself. */
function characterLength(first: number): number {
  if (first >= 0xf0 && first <= 0xf4) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc2 ? 2 : 1;
}

/** One character, since what follows it may belong to somebody else: the key may give the keyboard away. */
function character(bytes: Uint8Array, start: number): Token {
  const full = start + characterLength(bytes[start] ?? 0);
  let end = start + 1;
  while (end < full && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end += 1;
  return { kind: 'plain', start, end, complete: end === full || end < bytes.length };
}

/**
 * The unit at `start`. `keys`: for somebody who takes keys one by one. Otherwise plain bytes are one run, and ESC ] and its kin are Alt and a character: an unfinished one must not swallow
 * what is typed next.
 */
export function nextToken(bytes: Uint8Array, start: number, keys: boolean): Token {
  const first = bytes[start] ?? 0;
  if (first === ESC) return escapeUnit(bytes, start, keys);
  if (isControl(first)) return { kind: 'control', start, end: start + 1, complete: true };
  if (keys) return character(bytes, start);
  let end = start + 1;
  while (end < bytes.length && !isControl(bytes[end] ?? 0)) end += 1;
  return { kind: 'plain', start, end, complete: true };
}
