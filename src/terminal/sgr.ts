/** Turns the attribute words of a cell into one SGR sequence. Palette colours stay indices: the user's theme decides what they look like. */

const MODE = 0x3000000;
const P16 = 0x1000000;
const P256 = 0x2000000;
const RGB = 0x3000000;

const FG = {
  inverse: 0x4000000,
  bold: 0x8000000,
  underline: 0x10000000,
  blink: 0x20000000,
  invisible: 0x40000000,
  strike: 0x80000000,
};
const BG = { italic: 0x4000000, dim: 0x8000000, extended: 0x10000000, overline: 0x40000000 };
const UNDERLINE_STYLE_SHIFT = 26;

/** Attribute bits that reach the real screen; the rest (protected cells, link marks) is dropped when a cell is copied. */
export const BG_KEPT = (MODE | 0xffffff | BG.italic | BG.dim | BG.extended | BG.overline) >>> 0;
/** Set in the foreground word of every underlined cell. */
export const UNDERLINE = FG.underline;
/** Set in the background word when the fourth word holds an underline style. */
export const HAS_EXTENDED = BG.extended;

function color(word: number, base: 30 | 40): string {
  const mode = word & MODE;
  if (mode === P16) {
    const n = word & 0xff;
    return n < 8 ? `;${base + n}` : `;${base + 52 + n}`;
  }
  if (mode === P256) return `;${base + 8};5;${word & 0xff}`;
  if (mode === RGB) return `;${base + 8};2;${(word >>> 16) & 0xff};${(word >>> 8) & 0xff};${word & 0xff}`;
  return '';
}

/** Colon form only: a terminal that does not know underline colours skips it, where the semicolon form would be read as blink and bold. */
function underlineColor(ext: number): string {
  const mode = ext & MODE;
  if (mode === P16 || mode === P256) return `;58:5:${ext & 0xff}`;
  if (mode === RGB) return `;58:2::${(ext >>> 16) & 0xff}:${(ext >>> 8) & 0xff}:${ext & 0xff}`;
  return '';
}

function underline(fg: number, bg: number, ext: number): string {
  const style = (bg & BG.extended) === 0 ? 0 : (ext >>> UNDERLINE_STYLE_SHIFT) & 7;
  const line = style > 1 ? `;4:${style}` : style === 1 || (fg & FG.underline) !== 0 ? ';4' : '';
  return line === '' ? '' : line + ((bg & BG.extended) === 0 ? '' : underlineColor(ext));
}

/** The whole state, not a difference: one lost byte can never leave an attribute switched on. */
export function sgr(fg: number, bg: number, ext: number): string {
  if ((fg | bg) === 0) return '\x1b[m';
  let s = '\x1b[0';
  if (fg & FG.bold) s += ';1';
  if (bg & BG.dim) s += ';2';
  if (bg & BG.italic) s += ';3';
  s += underline(fg, bg, ext);
  if (fg & FG.blink) s += ';5';
  if (fg & FG.inverse) s += ';7';
  if (fg & FG.invisible) s += ';8';
  if (fg & FG.strike) s += ';9';
  if (bg & BG.overline) s += ';53';
  return `${s}${color(fg, 30)}${color(bg, 40)}m`;
}
