/** What another width does to the rows at the cursor. The emulator lays every line out anew but that of the cursor, since line editors (readline, zsh, fish)
 * draw theirs again. Two things are mended here: those editors count the rows up to the beginning of their prompt, which the emulator does not take for one line
 * with the cursor's; and where no editor is at work nobody draws the line again, so what did not fit any more was lost. */

interface Line {
  isWrapped: boolean;
  readonly length: number;
  getWidth(column: number): number;
  hasContent(column: number): number;
}

interface Lines {
  readonly length: number;
  get(y: number): Line | undefined;
  set(y: number, line: Line): void;
}

interface Buffer {
  x: number;
  y: number;
  readonly ybase: number;
  readonly lines: Lines;
  getBlankLine(attributes: undefined, wrapped: boolean): Line;
}

/** The private parts that this needs. */
export interface ResizedCore {
  readonly _bufferService: {
    readonly cols: number;
    readonly rows: number;
    readonly buffer: object;
    readonly buffers: { readonly normal: object; readonly alt: object };
    resize(cols: number, rows: number): void;
  };
  readonly optionsService: { readonly rawOptions: { reflowCursorLine: boolean } };
  resize(cols: number, rows: number): void;
  reset(): void;
}

/** Who draws the line of the cursor when the width changes: a line editor, whose prompt begins in a row that may be known, or nobody. */
export type Redrawn = { readonly by: 'editor'; readonly from: object | undefined } | { readonly by: 'nobody' };

/** The row that the cursor is in, wherever it moves. */
export function rowOfCursor(core: ResizedCore): object | undefined {
  const { lines, ybase, y } = core._bufferService.buffer as Buffer;
  return lines.get(ybase + y);
}

/** Makes one line of the rows of the prompt, as far as the emulator can tell, and answers what makes them what they were. */
function joinRows(buffer: Buffer, from: object | undefined): () => void {
  const { lines, ybase, y } = buffer;
  let first = ybase + y;
  while (first >= ybase && lines.get(first) !== from) first -= 1;
  if (first < ybase) return () => {};
  const were: [Line, boolean][] = [];
  for (let row = first; row < lines.length; row += 1) {
    const line = lines.get(row);
    if (line === undefined) continue;
    were.push([line, line.isWrapped]);
    line.isWrapped = row > first;
  }
  return () => {
    for (const [line, was] of were) line.isWrapped = was;
  };
}

/** Columns that belong to the text in a row that goes on in the next one: a wide character may not have had room in the last. */
function used(line: Line, next: Line | undefined, cols: number): number {
  const blank = line.hasContent(cols - 1) === 0 && line.getWidth(cols - 1) === 1;
  return blank && next?.getWidth(0) === 2 ? cols - 1 : cols;
}

/** How far behind the beginning of its line the cursor is. */
function offsetOf(buffer: Buffer, cols: number): { readonly head: Line | undefined; readonly offset: number } {
  const { lines, ybase, y, x } = buffer;
  let row = ybase + y;
  let offset = x;
  while (row > 0 && lines.get(row)?.isWrapped === true) {
    row -= 1;
    const line = lines.get(row);
    if (line !== undefined) offset += used(line, lines.get(row + 1), cols);
  }
  return { head: lines.get(row), offset };
}

/** Puts the cursor where its text is now. The emulator moves it by rows only, and by those below it, too. */
function place(buffer: Buffer, head: Line | undefined, offset: number, cols: number, rows: number): void {
  const { lines, ybase } = buffer;
  let row = lines.length - 1;
  while (row >= 0 && lines.get(row) !== head) row -= 1;
  if (row < 0) return;
  let left = offset;
  for (;;) {
    const line = lines.get(row);
    const next = lines.get(row + 1);
    if (line === undefined || next?.isWrapped !== true) break;
    const here = used(line, next, cols);
    if (left < here) break;
    left -= here;
    row += 1;
  }
  buffer.x = Math.min(left, cols);
  buffer.y = Math.max(0, Math.min(row - ybase, rows - 1));
}

/** xterm.js 6.0.0 can lose rows when it lays lines out anew, and throws when it meets one that is not there: any program could end the session with that. */
function fillGaps(core: ResizedCore): void {
  const { normal, alt } = core._bufferService.buffers;
  for (const buffer of [normal as Buffer, alt as Buffer])
    for (let y = 0; y < buffer.lines.length; y += 1)
      if (buffer.lines.get(y) === undefined) buffer.lines.set(y, buffer.getBlankLine(undefined, false));
}

/** As the emulator does it, but for what it throws: half of a change is done again, and where that fails, too, the screen is empty and the program draws it anew. */
function change(core: ResizedCore, cols: number, rows: number): void {
  fillGaps(core);
  try {
    core.resize(cols, rows);
  } catch {
    try {
      fillGaps(core);
      core._bufferService.resize(cols, rows);
    } catch {
      core.reset();
    }
  }
  fillGaps(core);
}

/** Gives the emulator another size. */
export function resizeWithCursorLine(core: ResizedCore, cols: number, rows: number, redrawn: Redrawn): void {
  const { rawOptions } = core.optionsService;
  const before = core._bufferService.buffer as Buffer;
  if (cols === core._bufferService.cols) {
    change(core, cols, rows);
    return;
  }
  if (redrawn.by === 'editor') {
    const release = joinRows(before, redrawn.from);
    change(core, cols, rows);
    release();
    return;
  }
  const { head, offset } = offsetOf(before, core._bufferService.cols);
  rawOptions.reflowCursorLine = true;
  change(core, cols, rows);
  rawOptions.reflowCursorLine = false;
  place(before, head, offset, cols, rows);
}
