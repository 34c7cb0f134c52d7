/** Internet addresses between text and the 16 bytes of plan and wire (native/PROTOCOL.md, "net rule"). IPv4 is in the first four bytes. */
export type NetFamily = 4 | 6;

export interface NetAddress {
  readonly family: NetFamily;
  /** 16 of them. */
  readonly bytes: Uint8Array;
}

// As inet_pton(3) reads them. Not node:net's: loading it and compiling its pattern for IPv6 took 8 ms of each start.
const dottedQuad = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;
const hexGroup = /^[0-9a-f]{1,4}$/i;

function parseV4(text: string): readonly number[] | undefined {
  if (!dottedQuad.test(text)) return undefined;
  const numbers = text.split('.').map(Number);
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

/** The 16-bit groups of one side of `::`; undefined when one is none. A dotted quad may be the last. */
function groups(text: string, mayEndInV4: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const words = text.split(':');
  const found: number[] = [];
  for (const [i, word] of words.entries()) {
    if (hexGroup.test(word)) found.push(Number.parseInt(word, 16));
    else {
      const [a, b, c, d] = (mayEndInV4 && i === words.length - 1 && parseV4(word)) || [];
      if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
      found.push((a << 8) | b, (c << 8) | d);
    }
  }
  return found;
}

/** All eight groups. */
function parseV6(text: string): readonly number[] | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = groups(head, tail === undefined);
  if (tail === undefined) return before?.length === 8 ? before : undefined;
  const after = groups(tail, true);
  // `::` stands for one group at least.
  if (before === undefined || after === undefined || before.length + after.length > 7) return undefined;
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Undefined for anything but a plain address: no scope id, no port, no prefix, no octal. A v4-mapped address is the IPv4 address, as the kernel sends to it. */
export function parseAddress(text: string): NetAddress | undefined {
  const bytes = new Uint8Array(16);
  const quad = parseV4(text);
  if (quad !== undefined) {
    bytes.set(quad);
    return { family: 4, bytes };
  }
  const all = parseV6(text);
  if (all === undefined) return undefined;
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
