/** Random terminal output: text, wide and combining characters, and every kind of escape sequence, also broken ones. */

const WORDS = [
  'hello',
  '漢字',
  'e\u0301te\u0301',
  '👩‍👩‍👧',
  '─┼─',
  'ﷺ',
  '\t',
  '\r\n',
  '\n',
  '\r',
  '\b',
  '\x07',
  '\x0e',
  '\x0f',
  ' '.repeat(20),
];
const FINALS = 'ABCDEFGHIJKLMPSTXZ@`abdefghrmst';
const MODES = [1, 3, 5, 6, 7, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1006, 1047, 1048, 1049, 2004];
const STRINGS = [
  '\x1b]0;title\x07',
  '\x1b]8;;http://x\x07',
  '\x1b]52;c;aGk=\x07',
  '\x1b]133;A\x07',
  '\x1bPq#0\x1b\\',
  '\x1b_Gf=32\x1b\\',
  '\x1b]4;1;?\x07',
];
const ESCAPES = ['7', '8', 'D', 'E', 'H', 'M', 'c', '=', '>', '(0', '(B', '#8', '%G'];

/** `count` operations from a random source. */
export function escapeSoup(next: (below: number) => number, count: number): string {
  const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;
  let s = '';
  for (let i = 0; i < count; i += 1) {
    const kind = next(20);
    if (kind < 6) s += pick(WORDS);
    else if (kind < 9) s += String.fromCharCode(33 + next(94)).repeat(1 + next(30));
    else if (kind < 13) s += `\x1b[${params(next)}${FINALS[next(FINALS.length)]}`;
    else if (kind < 16) s += `\x1b[${sgrParams(next)}m`;
    else if (kind === 16) s += `\x1b[?${pick(MODES)}${next(2) ? 'h' : 'l'}`;
    else if (kind === 17) s += next(4) === 0 ? `\x1b${pick(ESCAPES)}` : '\x1b[m';
    else if (kind === 18) s += pick(STRINGS);
    else s += `\x1b[${next(40)};${next(140)}H`;
  }
  return s;
}

function params(next: (below: number) => number): string {
  return Array.from({ length: next(3) }, () => String(next(50))).join(';');
}

function sgrParams(next: (below: number) => number): string {
  const one = (): string => {
    switch (next(8)) {
      case 0:
        return `38;5;${next(256)}`;
      case 1:
        return `48;2;${next(256)};${next(256)};${next(256)}`;
      case 2:
        return `4:${next(6)}`;
      case 3:
        return `58:2::${next(256)}:${next(256)}:${next(256)}`;
      case 4:
        return String(30 + next(18));
      case 5:
        return String(90 + next(18));
      default:
        return String(next(10));
    }
  };
  return Array.from({ length: 1 + next(3) }, one).join(';');
}
