/** Mouse reports: from screen to pane coordinates, clipped at the pane's border, in the form that the program reads. Pure. */
import { contains, type Rect } from './geometry.ts';

export interface MouseReport {
  readonly button: number;
  /** Zero-based screen cell. */
  readonly x: number;
  readonly y: number;
  readonly release: boolean;
}

const MOTION = 32;
const WHEEL = 64;
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

/** Follows one drag, so that letting go outside the pane still reaches the program that saw the button go down. */
export class MouseClip {
  #down = false;

  /** The report in pane coordinates, or undefined when it is none of the pane's business. */
  translate(report: MouseReport, pane: Rect): MouseReport | undefined {
    const inside = contains(pane, report.x, report.y);
    const moving = (report.button & MOTION) !== 0;
    const wheel = (report.button & WHEEL) !== 0;
    const follows = this.#down && !wheel && (moving || report.release);
    if (!inside && !follows) return undefined;
    if (!moving && !wheel) this.#down = !report.release;
    const clamp = (v: number, from: number, length: number): number => Math.min(Math.max(v - from, 0), length - 1);
    return { ...report, x: clamp(report.x, pane.x, pane.width), y: clamp(report.y, pane.y, pane.height) };
  }
}

/** Bytes for the program: SGR when it asked for that, else the old three-byte form, which has no place for far cells. */
export function encodeMouse(report: MouseReport, sgrForm: boolean): Buffer | undefined {
  if (sgrForm)
    return Buffer.from(`\x1b[<${report.button};${report.x + 1};${report.y + 1}${report.release ? 'm' : 'M'}`);
  if (report.x > X10_LIMIT || report.y > X10_LIMIT) return undefined;
  const button = report.release ? (report.button & ~3) | 3 : report.button;
  return Buffer.from([0x1b, 0x5b, 0x4d, (button + 32) & 0xff, report.x + 33, report.y + 33]);
}
