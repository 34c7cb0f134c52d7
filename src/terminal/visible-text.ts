/** Makes untrusted text safe and visible: a file name can hold escape sequences, line breaks, or marks that turn the reading direction. Pure. */

// Controls, strokes and frames drawn over other characters (a struck-through path cannot be read, a stroke over a blank is a slash), blanks that are not the space bar's, what looks like the slash between directories, line and paragraph separators, bidirectional and invisible formatting, private use, tags, lone surrogates.
const UNSAFE =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: single code points are meant
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u0334-\u0338\u034f\u0488\u0489\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u2044\u205f-\u206f\u20d0-\u20f0\u2215\u2571\u27cb\u2800\u29f8\u3000\u3164\ufe00-\ufe0f\ufeff\uff0f\uffa0\ufff0-\ufffc\p{Co}\p{Cs}\u{13430}-\u{13455}\u{16fe4}\u{1bca0}-\u{1bca3}\u{1d159}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

function escaped(c: string): string {
  const code = c.codePointAt(0) ?? 0;
  if (c === '\n') return '\\n';
  if (c === '\r') return '\\r';
  if (c === '\t') return '\\t';
  // A byte that is no text (src/sandbox/linux/spelled-name.ts); a character of the same number is written in the other way.
  const byte = code < 0x80 ? code : code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : undefined;
  return byte === undefined ? `\\u{${code.toString(16)}}` : `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** No script has as many marks on one character; piled up, they cover the rows above and below. What one has that begins with a mark stands on the slash or the word before it. */
const PILED = /(?<=\p{M}{4})\p{M}+|(?<=^|[ /])\p{M}+/gu;

const PLAIN = /^[ -~]*$/;

/** The text with every character that could mislead written out. */
export function visibleText(text: string): string {
  // Printable ASCII: most starts of a session never need the classes above, which take a millisecond to compile.
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, escaped).replace(PILED, (marks) => Array.from(marks, escaped).join(''));
}

/** Blanks that a name can use to look like columns of their own: several in a row, and those at an end, where nobody sees them. */
const PADDING = / {2,}|^ | $/g;

/** A name from outside, which is one word on the screen whatever is in it: `x          cat(1) not granted` must not look like three columns. */
export function visibleName(text: string): string {
  return visibleText(text).replace(PADDING, (blanks) => '\\x20'.repeat(blanks.length));
}

/** Whether a text shows as it is. A path that does not cannot be typed back for confirmation. */
export function isPlainlyVisible(text: string): boolean {
  return !text.includes('\ufffd') && visibleText(text) === text;
}

/** Columns of a text, as Ink and the emulator count them closely enough for cutting: wide ranges count two, combining marks none. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let n = 0;
  for (const c of text) n += characterWidth(c.codePointAt(0) ?? 0, c);
  return n;
}

/** Dashes, quotes, dots, arrows and lines: what our own texts have beside letters. Looked for before the class below, which takes a millisecond to compile. */
function isOurs(code: number): boolean {
  return (code >= 0x2010 && code <= 0x2027) || (code >= 0x2190 && code <= 0x2193) || (code >= 0x2500 && code <= 0x257f);
}

const FIRST_EMOJI = 0x231a;
/** Two of them are one flag. */
const isIndicator = (code: number): boolean => code >= 0x1f1e6 && code <= 0x1f1ff;

function characterWidth(code: number, c: string): number {
  if (code < 0x300 || isOurs(code)) return 1;
  if (/[\p{Mn}\p{Me}]/u.test(c)) return 0;
  if (code >= FIRST_EMOJI && /\p{Emoji_Presentation}/u.test(c)) return isIndicator(code) ? 1 : 2;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x17000 && code <= 0x18cff) ||
    (code >= 0x1aff0 && code <= 0x1b2ff) ||
    (code >= 0x1f200 && code <= 0x1f265) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

function takeStart(text: string, width: number): string {
  let s = '';
  let n = 0;
  for (const c of text) {
    n += characterWidth(c.codePointAt(0) ?? 0, c);
    if (n > width) break;
    s += c;
  }
  return s;
}

function takeEnd(text: string, width: number): string {
  const all = Array.from(text);
  let n = 0;
  let from = all.length;
  while (from > 0) {
    const c = all[from - 1] ?? '';
    n += characterWidth(c.codePointAt(0) ?? 0, c);
    if (n > width) break;
    from -= 1;
  }
  return all.slice(from).join('');
}

/** Of a cut path, what is kept of its beginning. */
const headRoom = (room: number): number => Math.min(Math.floor(room / 3), 12);
/** In less room, halves of a name say less than its end. */
const LEAST_SPLIT = 16;

/** Cuts the middle out, and keeps more of the end than of the beginning: the end of a path names the file. */
export function cutMiddle(text: string, width: number, mark = '…'): string {
  if (textWidth(text) <= width) return text;
  if (width <= mark.length) return takeEnd(text, Math.max(0, width));
  const room = width - mark.length;
  const head = headRoom(room);
  return takeStart(text, head) + mark + takeEnd(text, room - head);
}

/**
 * As `cutMiddle`, but of a name at the end that is longer than what that keeps, the beginning stays in sight, too: files of one directory
 * mostly differ there (`report-17-…`), and rows that look the same cannot be told apart.
 */
export function cutPath(path: string, width: number, mark = '…'): string {
  const at = path.lastIndexOf('/', path.length - 2) + 1;
  const room = width - mark.length;
  // Of two names (`a -> b`) neither is the directory of the other.
  if (at === 0 || room < LEAST_SPLIT || path.includes(' -> ')) return cutMiddle(path, width, mark);
  const [directory, name] = [path.slice(0, at), path.slice(at)];
  const head = headRoom(room);
  const shown = textWidth(directory) <= head ? directory : `${takeStart(directory, head - mark.length - 1)}${mark}/`;
  const left = room - textWidth(shown);
  if (textWidth(path) <= width || textWidth(name) <= left) return cutMiddle(path, width, mark);
  const end = Math.floor(left / 2);
  return shown + takeStart(name, left - end) + mark + takeEnd(name, end);
}

/** Cuts the end off. */
export function cutEnd(text: string, width: number, mark = '…'): string {
  if (textWidth(text) <= width) return text;
  return width <= mark.length ? takeStart(text, Math.max(0, width)) : takeStart(text, width - mark.length) + mark;
}

/** Cuts the beginning off: of what is being typed, the end is where one looks. */
export function cutStart(text: string, width: number, mark = '…'): string {
  if (textWidth(text) <= width) return text;
  return width <= mark.length ? takeEnd(text, Math.max(0, width)) : mark + takeEnd(text, width - mark.length);
}

/** Cut or filled with spaces to exactly this width. */
export function fit(text: string, width: number): string {
  const cut = cutEnd(text, width);
  return cut + ' '.repeat(Math.max(0, width - textWidth(cut)));
}
