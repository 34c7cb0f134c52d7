/** What makes text readable on a terminal that a command had before: left in the wrong state it hides, garbles or swallows what is said next. Pure. */

/**
 * Moves no cursor, so that it may be written where nothing was wrong. Not put back: colours that were redefined, which may as well be the user's own.
 */
export const READABLE_AGAIN = [
  // A sequence that was begun would swallow what follows: cancelled, and ended where that does not count.
  '\x18\x1b\\',
  // Out of VT52 mode, which reads none of these; no frame is waited for; not to the status line (DECSASD).
  '\x1b<\x1b[?2026l\x1b[0$}',
  // To the screen, not to a printer; and to the one that is scrolled back through.
  '\x1b[4i\x1b[?1047l',
  // Soft reset: origin mode, margins, attributes, character sets. Not every terminal has it, so they follow one by one.
  '\x1b[!p\x1b[?69l\x1b7\x1b[r\x1b8',
  '\x0f\x1b(B\x1b)B\x1b[0m',
  // Lines are wrapped and nothing is pushed aside; the cursor is seen.
  '\x1b[4l\x1b[?7h\x1b[?25h',
  // The mouse, pasting and the focus type nothing.
  '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?2004l\x1b[?1004l',
].join('');

/** From the cursor on nothing is left that would stand beside or below what is said, as if it belonged to it; what was guarded against that (SPA) is not. */
export const NOTHING_BELOW = '\x1b[0"q\x1b[J';
