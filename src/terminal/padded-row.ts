/** Rows are laid out by widths that the terminal may not share: an emoji that is one column there would draw the rest of its row, and its right edge, to the left. */
import type { WidthProvider } from './outer-widths.ts';
import { textWidth } from './visible-text.ts';

/** Below, nobody disagrees; escape sequences are here, too. */
const FIRST_DISPUTED = 0x1100;

/** The row with a blank behind each character, or what became one, that is narrower there than it was laid out. */
export function paddedRow(text: string, provider: WidthProvider): string {
  let padded = '';
  let before = 0;
  let missing = 0;
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0;
    const now = provider.charProperties(code, before);
    const joins = (now & 1) === 1;
    if (!joins && missing > 0) {
      padded += ' '.repeat(missing);
      missing = 0;
    }
    const columns = ((now >> 1) & 3) - (joins ? (before >> 1) & 3 : 0);
    missing = code < FIRST_DISPUTED ? 0 : Math.max(0, missing + textWidth(c) - columns);
    before = now;
    padded += c;
  }
  return padded + ' '.repeat(missing);
}
