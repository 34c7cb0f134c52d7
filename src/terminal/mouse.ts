/** Mouse reports: from screen to pane coordinates, clipped at the pane's border, in the form that the program reads. Pure. */
import { contains, type Rect } from './geometry.ts';
import type { InnerModes, MouseTracking } from './inner-modes.ts';

export interface MouseReport {
  readonly button: number;
  /** Zero-based screen cell. */
  readonly x: number;
  readonly y: number;
  readonly release: boolean;
}

const MOTION = 32;
const WHEEL = 64;
/** Shift, Alt and Ctrl: X10 knows none. */
const MODIFIERS = 28;
/** The old form cannot say more than this. */
const X10_LIMIT = 222;

/** A button that goes down. */
export function isPress({ button, release }: MouseReport): boolean {
  return !release && (button & (MOTION | WHEEL)) === 0;
}

/** The pointer moves, with no button down. */
export function isHover({ button }: MouseReport): boolean {
  return (button & (MOTION | WHEEL | 3)) === (MOTION | 3);
}

/** Reads an SGR report (CSI < b ; x ; y M or m). */
export function parseMouse(text: string): MouseReport | undefined {
  const match = /^\x1b\[<(\d+);(\d+);(\d+)([Mm])$/.exec(text);
  if (match === null) return undefined;
  const [, button, x, y, final] = match;
  return { button: Number(button), x: Number(x) - 1, y: Number(y) - 1, release: final === 'm' };
}

/** Whose a report is: who saw a button go down also gets its movements and its release, wherever the pointer is by then. So a selection that leaves the pane ends in the program, and the
 * border of the pane can be dragged across a program that has the mouse. */
export class MouseOwner {
  #down: 'program' | 'chrome' | undefined;

  /** `tracking`: what the program in the pane has asked for. */
  of(report: MouseReport, pane: Rect, tracking: MouseTracking): 'program' | 'chrome' | 'nobody' {
    if (isPress(report) || isHover(report)) this.#down = undefined;
    const before = this.#down;
    const inside = contains(pane, report.x, report.y);
    const wheel = (report.button & WHEEL) !== 0;
    if (report.release && !wheel) this.#down = undefined;
    if (before !== undefined && !wheel) return before === 'program' && tracking === 'none' ? 'nobody' : before;
    const owner = tracking === 'none' ? 'chrome' : inside ? 'program' : isPress(report) ? 'chrome' : 'nobody';
    if (isPress(report) && owner !== 'nobody') this.#down = owner;
    return owner;
  }
}

/** The report in coordinates of the pane, at its border where the pointer is beyond it. */
function inPane(report: MouseReport, pane: Rect): MouseReport {
  const clamp = (v: number, from: number, length: number): number => Math.min(Math.max(v - from, 0), length - 1);
  return { ...report, x: clamp(report.x, pane.x, pane.width), y: clamp(report.y, pane.y, pane.height) };
}

/** Whether a program that asked for this wants to hear of it: the terminal is asked for more than that, so that the border can be dragged. */
function wanted(report: MouseReport, tracking: MouseTracking): boolean {
  const moves = (report.button & MOTION) !== 0;
  if (tracking === 'x10') return isPress(report);
  if (tracking === 'vt200') return !moves;
  return tracking === 'any' || (tracking === 'drag' && !isHover(report));
}

/** What the program is sent for a report that is its own; undefined for what it did not ask for. */
export function mouseBytes(
  report: MouseReport,
  pane: Rect,
  modes: Pick<InnerModes, 'mouse' | 'mouseSgr'>,
): Buffer | undefined {
  if (!wanted(report, modes.mouse)) return undefined;
  const at = inPane(report, pane);
  return encodeMouse(modes.mouse === 'x10' ? { ...at, button: at.button & ~MODIFIERS } : at, modes.mouseSgr);
}

/** SGR when the program asked for that, else the old three-byte form, which has no place for far cells. */
function encodeMouse(report: MouseReport, sgrForm: boolean): Buffer | undefined {
  if (sgrForm)
    return Buffer.from(`\x1b[<${report.button};${report.x + 1};${report.y + 1}${report.release ? 'm' : 'M'}`);
  if (report.x > X10_LIMIT || report.y > X10_LIMIT) return undefined;
  const button = report.release ? (report.button & ~3) | 3 : report.button;
  return Buffer.from([0x1b, 0x5b, 0x4d, (button + 32) & 0xff, report.x + 33, report.y + 33]);
}
