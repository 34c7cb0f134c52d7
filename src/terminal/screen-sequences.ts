/** The fixed strings that take over the user's terminal and give it back. The relay does both when this process is stopped, and restores when it is killed. */

/** Saves the title, enters the alternate screen and turns bracketed paste on (so that a paste can never be read as keys). */
export const ENTER_SCREEN = '\x1b[22;0t\x1b[?1049h\x1b[H\x1b[2J\x1b[?2004h';

/** After the relay has entered it again. Not 1049: where it is entered already, some terminals would take our cursor for the one to go back to. */
export const REENTER_SCREEN = '\x1b[H\x1b[2J\x1b[?2004h';

/** Order: keyboard first, so that nothing typed during the restore arrives encoded. */
export const RESTORE_SCREEN =
  '\x18\x1b[?2026l' + // ends a sequence and a frame that were cut off
  '\x1b[<9u\x1b[=0;1u' + // kitty keyboard flags
  '\x1b[>4m' + // modifyOtherKeys
  '\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1006l' +
  '\x1b[?2004l\x1b[?1004l' +
  '\x1b[?1l\x1b>' + // cursor keys, keypad
  '\x1b[?25h\x1b[0 q' +
  '\x1b[m\x1b[r' +
  '\x1b[9999;1H\x1b[2K' + // where there is no alternate screen to leave, what comes next stands below what was drawn
  '\x1b[?1049l' +
  '\x1b[23;0t';

/** All that a session in lines of text changes: so that a paste can never be read as an answer. */
export const PASTE_MARKS_ON = '\x1b[?2004h';
export const PASTE_MARKS_OFF = '\x1b[?2004l';
