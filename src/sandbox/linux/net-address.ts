/** Internet addresses between text and the 16 bytes of plan and wire (native/PROTOCOL.md, "net rule"). IPv4 is in the first four bytes. */
import { isIPv4, isIPv6 } from 'node:net';

export type NetFamily = 4 | 6;

export interface NetAddress {
  readonly family: NetFamily;
  /** 16 of them. */
  readonly bytes: Uint8Array;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** Undefined for anything but a plain address: no scope id, no port, no prefix, no octal. A v4-mapped address is the IPv4 address, as the kernel sends to it. */
export function parseAddress(text: string): NetAddress | undefined {
  const bytes = new Uint8Array(16);
  if (isIPv4(text)) {
    bytes.set(text.split('.').map(Number));
    return { family: 4, bytes };
  }
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill(0), ...after];
  for (const [i, group] of all.entries()) {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 255;
  }
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (!mapped) return { family: 6, bytes };
  const v4 = new Uint8Array(16);
  v4.set(bytes.subarray(12));
  return { family: 4, bytes: v4 };
}

/** The canonical text (RFC 5952). */
export function formatAddress({ family, bytes }: NetAddress): string {
  if (family === 4) return bytes.subarray(0, 4).join('.');
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  let [start, length] = [0, 1];
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (words[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
  }
  const hex = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':');
  return length < 2 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`;
}
