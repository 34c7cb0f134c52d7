/** Names for keys as the chrome's key table uses them. Understands what terminals send in normal, application-cursor and kitty form. */
import type { Token } from './input-tokens.ts';

const FINAL: Record<string, string> = { A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', Z: 'S-tab' };
const SS3: Record<string, string> = { ...FINAL, P: 'F1', Q: 'F2', R: 'F3', S: 'F4' };
/** With modifiers, and in the kitty form. A final R would be a report of the cursor. */
const CSI: Record<string, string> = { ...FINAL, P: 'F1', Q: 'F2', S: 'F4' };
const TILDE: Record<string, string> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'F1',
  12: 'F2',
  13: 'F3',
  14: 'F4',
  15: 'F5',
  17: 'F6',
  18: 'F7',
  19: 'F8',
  20: 'F9',
  21: 'F10',
  23: 'F11',
  24: 'F12',
};
const CODES: Record<number, string> = { 9: 'tab', 13: 'enter', 27: 'esc', 32: 'space', 127: 'backspace' };

const SHIFT = 1;
const ALT = 2;
const CTRL = 4;
/** Caps lock and num lock are reported as modifiers and mean nothing here. */
const MEANINGFUL = 63;

/** What xterm sends for `F1` to `F12`; undefined for other names. */
export function functionKey(name: string): string | undefined {
  const final = Object.keys(SS3).find((key) => SS3[key] === name);
  if (final !== undefined && name.startsWith('F')) return `\x1bO${final}`;
  const number = Object.keys(TILDE).find((key) => TILDE[key] === name);
  return number === undefined || !name.startsWith('F') ? undefined : `\x1b[${number}~`;
}

function modified(name: string, modifiers: number): string {
  const m = modifiers & MEANINGFUL;
  if (m & ~(SHIFT | ALT | CTRL)) return `other-${name}`;
  return `${m & CTRL ? 'C-' : ''}${m & ALT ? 'M-' : ''}${m & SHIFT && name.length > 1 ? 'S-' : ''}${name}`;
}

/** A key of the kitty protocol (CSI code;mods u) or of modifyOtherKeys (CSI 27;mods;code ~); undefined for a release. */
function coded(code: number, mods: string): string | undefined {
  const [modifiers = '1', event = '1'] = mods.split(':');
  if (event === '3') return undefined;
  const bits = Math.max(0, Number(modifiers || '1') - 1);
  const named = CODES[code];
  if (named !== undefined) return modified(named, bits);
  if (code < 32 || (code >= 127 && code < 160) || code > 0x10ffff || (code >= 57344 && code <= 63743)) return undefined;
  const character = String.fromCodePoint(code);
  return modified(bits & SHIFT ? character.toUpperCase() : character, bits);
}

function csiKey(text: string): string | undefined {
  const body = text.slice(2, -1);
  const final = text.slice(-1);
  if (!/^[\d;:]*$/.test(body)) return undefined;
  const fields = body.split(';');
  if (final === 'u') return coded(Number.parseInt(fields[0] ?? '', 10), fields[1] ?? '1');
  if (final === '~' && fields[0] === '27') return coded(Number(fields[2]), fields[1] ?? '1');
  const name = final === '~' ? TILDE[(fields[0] ?? '').split(':')[0] ?? ''] : CSI[final];
  if (name === undefined) return undefined;
  const [modifiers = '1', event] = (fields[1] ?? '1').split(':');
  return event === '3' ? undefined : modified(name, Math.max(0, Number(modifiers || '1') - 1));
}

function controlKey(byte: number): string {
  const named = CODES[byte];
  if (named !== undefined) return named;
  if (byte === 0x0a) return 'C-j';
  if (byte === 0x08) return 'C-h';
  if (byte === 0) return 'C-space';
  return `C-${String.fromCharCode(byte + 64).toLowerCase()}`;
}

/** The key names in one token, none for what is no key. Plain text gives one name per character. */
export function keyNames(bytes: Uint8Array, token: Token): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + token.start, token.end - token.start).toString('utf8');
  const one = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name]);
  switch (token.kind) {
    case 'plain':
      return Array.from(text, (c) => (c === ' ' ? 'space' : c));
    case 'control':
      return [controlKey(bytes[token.start] ?? 0)];
    case 'escape':
      return text.length === 1 ? ['esc'] : [`M-${text.slice(1)}`];
    case 'ss3':
      return one(SS3[text.slice(2)]);
    case 'csi':
      return one(csiKey(text));
    case 'string':
      return [];
  }
}
