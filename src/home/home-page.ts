/** A page of the home: its lines as rows of a screen. Pure. */
import type { Size } from '../terminal/geometry.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { hanging } from '../terminal/wrap.ts';

/** Rows between the title and the hints. */
export function homeRows(size: Size): number {
  return Math.max(1, size.rows - 4);
}

/** Columns between the margins. */
export function homeWidth(size: Size): number {
  return Math.max(1, size.cols - 2);
}

/** The lines that hold the filter, whole, over as many rows as they need. */
export function pageRows(lines: readonly string[], filter: string, size: Size): readonly string[] {
  const wanted = filter.toLowerCase();
  return lines
    .filter((line) => line.toLowerCase().includes(wanted))
    .flatMap((line) => hanging(visibleText(line), homeWidth(size)));
}
