/** Text over as many lines as it takes. Pure. */
import { textWidth } from '../../terminal/visible-text.ts';
import { wholeLines, wordLines } from '../../terminal/wrap.ts';
import type { Line, Span, Tone } from '../screen/chrome-model.ts';

/** A piece of a line. */
export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone });
export const EMPTY: Line = [];

export function lineWidth(line: Line): number {
  return line.reduce((n, s) => n + textWidth(s.text), 0);
}

/** Nothing of a path may be missing here. */
export function wrapped(text: string, width: number, tone: Tone = 'plain'): readonly Line[] {
  return wholeLines(text, width).map((line) => [span(line, tone)]);
}

/** Words without a path: no line begins with a blank. */
export function prose(text: string, width: number, tone: Tone = 'plain'): readonly Line[] {
  return wrapped(text, width, tone).map((line) => line.map((one) => ({ ...one, text: one.text.trim() })));
}

/** Names that stand beside each other: none is broken that has room in a line. */
export function words(text: string, width: number, tone: Tone = 'plain'): readonly Line[] {
  return wordLines(text, width).map((line) => [span(line, tone)]);
}

const LABEL = 9;

/** A name in the first column, and what it names beside it, on as many lines as that takes. */
export function field(
  label: string,
  text: string,
  width: number,
  tone: Tone = 'plain',
  lines = wrapped,
): readonly Line[] {
  const [first = EMPTY, ...rest] = lines(text, Math.max(8, width - LABEL), tone);
  return [[span(label.padEnd(LABEL), 'quiet'), ...first], ...rest.map((line) => [span(' '.repeat(LABEL)), ...line])];
}
