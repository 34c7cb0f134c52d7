/** What the program in the pane has asked of its terminal, and the difference between two such wishes as bytes. */

export type MouseTracking = 'none' | 'x10' | 'vt200' | 'drag' | 'any';

/** Modes that are mirrored to the outer terminal while the pane has the keyboard. */
export interface InnerModes {
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPaste: boolean;
  readonly focusEvents: boolean;
  readonly mouse: MouseTracking;
  /** Whether the program reads SGR mouse reports (1006) or the old three-byte form. */
  readonly mouseSgr: boolean;
  /** Kitty keyboard flags in force, 0 = legacy keys. */
  readonly kitty: number;
  /** xterm's modifyOtherKeys level. */
  readonly otherKeys: number;
}

/** A terminal nobody has asked anything of: what the chrome uses, and what is restored at the end. */
export const plainModes: InnerModes = {
  applicationCursor: false,
  applicationKeypad: false,
  bracketedPaste: false,
  focusEvents: false,
  mouse: 'none',
  mouseSgr: false,
  kitty: 0,
  otherKeys: 0,
};

const MOUSE: Record<MouseTracking, number> = { none: 0, x10: 1000, vt200: 1000, drag: 1002, any: 1003 };

function privateMode(number: number, on: boolean): string {
  return `\x1b[?${number}${on ? 'h' : 'l'}`;
}

function mouseChange(from: MouseTracking, to: MouseTracking): string {
  if (MOUSE[from] === MOUSE[to]) return '';
  const off = from === 'none' ? '' : privateMode(MOUSE[from], false);
  // Reports are always asked for in SGR form: coordinates have no limit there, and we translate them anyway.
  return to === 'none'
    ? `${off}${privateMode(1006, false)}`
    : `${off}${privateMode(MOUSE[to], true)}${privateMode(1006, true)}`;
}

/** Bytes that move the outer terminal from one wish to another. Bracketed paste is absent on purpose: it is always on outside, so that no paste can be
 * taken for keys, and the router strips its marks for programs that did not ask. */
export function modeChange(from: InnerModes, to: InnerModes): string {
  let s = '';
  if (from.applicationCursor !== to.applicationCursor) s += privateMode(1, to.applicationCursor);
  if (from.applicationKeypad !== to.applicationKeypad) s += to.applicationKeypad ? '\x1b=' : '\x1b>';
  if (from.focusEvents !== to.focusEvents) s += privateMode(1004, to.focusEvents);
  s += mouseChange(from.mouse, to.mouse);
  if (from.kitty !== to.kitty) s += `\x1b[=${to.kitty};1u`;
  if (from.otherKeys !== to.otherKeys) s += to.otherKeys === 0 ? '\x1b[>4m' : `\x1b[>4;${to.otherKeys}m`;
  return s;
}
