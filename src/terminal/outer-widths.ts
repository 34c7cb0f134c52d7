/** How many columns the user's terminal gives to what terminals disagree about. The pane's emulator is made to agree with it: otherwise every emoji would shift
 * the rest of its row. */

/** Measured by outer-probe.ts. */
export interface OuterWidths {
  /** 😀 */
  readonly emoji: 1 | 2;
  /** ⚠ with VS16, which asks for the emoji form. */
  readonly vs16: 1 | 2;
  /** Emoji joined by ZWJ are one. */
  readonly joined: boolean;
  /** A skin tone belongs to the emoji before it. */
  readonly skinTones: boolean;
  /** Two regional indicators: one flag of two columns, or each two. */
  readonly flags: 'one' | 'apart';
}

/** What the emulator does by itself: Unicode 6, as xterm. */
export const unicode6: OuterWidths = { emoji: 1, vs16: 1, joined: false, skinTones: false, flags: 'apart' };

/** The emulator's interface for widths, of which `charProperties` packs kind, width and whether the character joins the one before. */
export interface WidthProvider {
  readonly version: string;
  wcwidth(code: number): 0 | 1 | 2;
  charProperties(code: number, preceding: number): number;
}

const OTHER = 0;
const PICTOGRAPH = 1;
const PICTOGRAPH_ZWJ = 2;
const INDICATOR = 3;

const ZWJ = 0x200d;
const VS16 = 0xfe0f;
const FIRST_PICTOGRAPH = 0x203c;

const isIndicator = (code: number): boolean => code >= 0x1f1e6 && code <= 0x1f1ff;
const isSkinTone = (code: number): boolean => code >= 0x1f3fb && code <= 0x1f3ff;

function packed(kind: number, width: number, joins: boolean): number {
  return (kind << 3) | (width << 1) | (joins ? 1 : 0);
}

/** A property of characters, remembered: regular expressions are too slow for every character of a flood. */
function remembered(property: RegExp): (code: number) => boolean {
  const known = new Uint8Array(0x20000);
  return (code) => {
    if (code < FIRST_PICTOGRAPH || code >= known.length) return false;
    if (known[code] === 0) known[code] = property.test(String.fromCodePoint(code)) ? 2 : 1;
    return known[code] === 2;
  };
}

/** Widths as measured, on top of what the emulator has. */
export function widthProvider(widths: OuterWidths, base: WidthProvider): WidthProvider {
  const isPictograph = remembered(/^\p{Extended_Pictographic}$/u);
  const isEmoji = remembered(/^\p{Emoji_Presentation}$/u);
  const wcwidth = (code: number): 0 | 1 | 2 => {
    if (isIndicator(code)) return widths.flags === 'apart' ? widths.emoji : 1;
    return widths.emoji === 2 && isEmoji(code) ? 2 : base.wcwidth(code);
  };
  const charProperties = (code: number, preceding: number): number => {
    if (code < 0x300) return base.charProperties(code, preceding);
    const kind = preceding >> 3;
    const width = (preceding >> 1) & 3;
    if (code === ZWJ && kind === PICTOGRAPH && width > 0)
      return packed(widths.joined ? PICTOGRAPH_ZWJ : OTHER, width, true);
    if (code === VS16 && kind === PICTOGRAPH && width > 0)
      return packed(PICTOGRAPH, Math.max(width, widths.vs16), true);
    if (isSkinTone(code) && kind === PICTOGRAPH && width > 0 && widths.skinTones)
      return packed(PICTOGRAPH, Math.max(width, widths.emoji), true);
    if (isIndicator(code)) {
      if (widths.flags === 'apart') return packed(OTHER, wcwidth(code), false);
      return kind === INDICATOR ? packed(OTHER, 2, true) : packed(INDICATOR, 1, false);
    }
    if (!isPictograph(code)) return base.charProperties(code, packed(OTHER, width, false));
    if (kind === PICTOGRAPH_ZWJ) return packed(PICTOGRAPH, Math.max(width, wcwidth(code)), true);
    return packed(PICTOGRAPH, wcwidth(code), false);
  };
  return { version: 'outer', wcwidth, charProperties };
}
