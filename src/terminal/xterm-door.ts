/** The only place that touches what @xterm/headless does not export: a synchronous parser (no queue, so the pty gives back-pressure) and the raw row
 * data. The version is pinned; a self-test switches to the public, slower interface when either has changed. The build makes it, of the library that it bundles. */
import * as xterm from '@xterm/headless';
import { BLANK, CELL_WORDS, CellGrid, ClusterTable, CODE_MASK, cellWidth, IS_CLUSTER, WIDTH_SHIFT } from './cells.ts';
import { type Redrawn, type ResizedCore, resizeWithCursorLine, rowOfCursor } from './cursor-line.ts';
import { type BoundedCore, boundEmulator } from './emulator-bounds.ts';
import { installFastPrint, type PrintCore } from './fast-print.ts';
import type { WidthProvider } from './outer-widths.ts';
import { BG_KEPT, HAS_EXTENDED, UNDERLINE } from './sgr.ts';

// Node sees a CommonJS module with one default export, the bundler one with names.
const names = (xterm as unknown as { default?: typeof xterm }).default ?? xterm;

/** The emulator class, however the module was loaded. */
export const HeadlessTerminal = names.Terminal;
export type HeadlessTerminal = xterm.Terminal;

/** Feeding bytes and reading rows, by the fast or the public way. */
export interface Door {
  readonly direct: boolean;
  /** Parses bytes; `done` runs when the screen shows them: before this returns when `direct`. The bytes may be reused after `done`. */
  feed(data: Uint8Array | string, done: () => void): void;
  /** Prints a few plain characters behind the cursor, in its row, and changes nothing else; false when that is not all there is to it, and then nothing was done. */
  echo(bytes: Uint8Array): boolean;
  /** Where the next character goes; `x` is behind the last column when that would wrap. */
  cursorX(): number;
  cursorY(): number;
  /** Whether a line break below the last row would move the whole screen: no sequence is open, no part of the screen scrolls alone. */
  scrollsWhole(): boolean;
  /** Another size; what becomes of the line of the cursor depends on who draws it again. */
  resize(cols: number, rows: number, redrawn: Redrawn): void;
  /** The row that the cursor is in, to be named when the size changes. */
  cursorRow(): object | undefined;
  /** Copies `count` cells of a screen row into the grid. */
  copyRow(row: number, column: number, count: number, grid: CellGrid, x: number, y: number): void;
  /** Called with the rows that parsing may have changed. */
  onDirty(mark: (first: number, last: number) => void): void;
  /** What is printed from now on belongs to the link with this number; 0 = to none. */
  beginLink(id: number): void;
  /** Numbers of links in a row, by column. */
  links(row: number): ReadonlyMap<number, number>;
}

interface PrivateLine {
  readonly _data: Uint32Array;
  readonly _combined: Record<number, string | undefined>;
  readonly _extendedAttrs: Record<number, { readonly _ext: number; readonly _urlId: number } | undefined>;
  readonly length: number;
}

interface PrivateCore extends Omit<PrintCore, '_inputHandler' | '_bufferService'>, Omit<ResizedCore, '_bufferService'> {
  readonly _inputHandler: PrintCore['_inputHandler'] & {
    readonly _parser: { reset(): void };
    readonly _curAttrData: { extended: { clone(): { urlId: number } }; updateExtended(): void };
    parse(data: Uint8Array | string): unknown;
    eraseInDisplay(params: { readonly params: Int32Array }, respectProtect?: boolean): boolean;
    onRequestRefreshRows(
      listener: (rows: { readonly start: number; readonly end: number } | undefined) => void,
    ): unknown;
  };
  readonly _bufferService: PrintCore['_bufferService'] &
    Omit<ResizedCore['_bufferService'], 'buffer'> & {
      readonly buffer: { readonly ybase: number; readonly lines: { get(y: number): PrivateLine | undefined } };
    };
}

const XTERM_CELL_WORDS = 3;

function blank(grid: CellGrid, at: number): void {
  grid.words[at] = BLANK;
  grid.words[at + 1] = 0;
  grid.words[at + 2] = 0;
  grid.words[at + 3] = 0;
}

/** xterm.js 6.0.0 throws when everything up to the very last cell is erased (ED 1) and no row follows: any program could end the session with that. There it is
 * the same as erasing the whole screen. */
function mendEraseAbove(core: PrivateCore | undefined): void {
  const input = core?._inputHandler;
  if (core === undefined || typeof input?.eraseInDisplay !== 'function') return;
  const erase = input.eraseInDisplay.bind(input);
  input.eraseInDisplay = (params, respectProtect) => {
    const { x, y, ybase, lines } = input._activeBuffer;
    if (params.params[0] === 1 && x + 1 >= core._bufferService.cols && lines.get(ybase + y + 1) === undefined)
      params.params[0] = 2;
    return erase(params, respectProtect);
  };
}

function directDoor(term: HeadlessTerminal, clusters: ClusterTable): Door {
  const core = (term as unknown as { _core: PrivateCore })._core;
  const input = core._inputHandler;
  const printEcho = installFastPrint(core);
  let marked: (first: number, last: number) => void = () => {};
  const buffers = core._bufferService;
  return {
    direct: true,
    echo: printEcho,
    cursorX: () => input._activeBuffer.x,
    cursorY: () => input._activeBuffer.y,
    onDirty: (mark) => {
      marked = mark;
      input.onRequestRefreshRows((rows) => mark(rows?.start ?? 0, rows?.end ?? Number.MAX_SAFE_INTEGER));
    },
    beginLink: (id) => {
      // As the emulator does it, but with numbers of our own: its own table grows with every link a program opens.
      const extended = input._curAttrData.extended.clone();
      extended.urlId = id;
      (input._curAttrData as { extended: unknown }).extended = extended;
      input._curAttrData.updateExtended();
    },
    links: (row) => {
      const found = new Map<number, number>();
      const line = buffers.buffer.lines.get(buffers.buffer.ybase + row);
      if (line === undefined) return found;
      for (const [column, attributes] of Object.entries(line._extendedAttrs)) {
        const at = Number(column);
        // What the flag does not vouch for is left over from an earlier cell.
        const flagged = ((line._data[at * XTERM_CELL_WORDS + 2] ?? 0) & HAS_EXTENDED) !== 0;
        if (flagged && attributes !== undefined && attributes._urlId > 0) found.set(at, attributes._urlId);
      }
      return found;
    },
    feed: (data, done) => {
      try {
        if (typeof data !== 'string' && printEcho(data)) marked(input._activeBuffer.y, input._activeBuffer.y);
        else input.parse(data);
      } catch {
        // Whatever a program prints, the session goes on: a fault of the emulator costs the rest of these bytes.
        input._parser.reset();
      }
      done();
    },
    scrollsWhole: () => {
      const { scrollTop, scrollBottom } = input._activeBuffer;
      return input._parser.currentState === 0 && scrollTop === 0 && scrollBottom === buffers.rows - 1;
    },
    resize: (cols, rows, redrawn) => resizeWithCursorLine(core, cols, rows, redrawn),
    cursorRow: () => rowOfCursor(core),
    copyRow: (row, column, count, grid, x, y) => {
      const line = buffers.buffer.lines.get(buffers.buffer.ybase + row);
      const out = grid.words;
      let at = grid.at(x, y);
      for (let n = 0; n < count; n += 1, at += CELL_WORDS) {
        if (line === undefined || column + n >= line.length) {
          blank(grid, at);
          continue;
        }
        const from = (column + n) * XTERM_CELL_WORDS;
        const content = line._data[from] ?? BLANK;
        let bg = ((line._data[from + 2] ?? 0) & BG_KEPT) >>> 0;
        let ext = 0;
        if ((bg & HAS_EXTENDED) !== 0) {
          // `_ext`, not `ext`: the getter draws an underline under every link.
          // A style without an underline is left over: a restored cursor brings back the flags, and a link keeps the old style alive.
          const underlined = ((line._data[from + 1] ?? 0) & UNDERLINE) !== 0;
          ext = underlined ? (line._extendedAttrs[column + n]?._ext ?? 0) : 0;
          if (ext === 0) bg &= ~HAS_EXTENDED;
        }
        out[at] = content & IS_CLUSTER ? cluster(line._combined[column + n], content, clusters) : plain(content);
        out[at + 1] = line._data[from + 1] ?? 0;
        out[at + 2] = bg;
        out[at + 3] = ext;
      }
    },
  };
}

function plain(content: number): number {
  return (content & CODE_MASK) === 0 && cellWidth(content) !== 0 ? BLANK : content;
}

function cluster(text: string | undefined, content: number, clusters: ClusterTable): number {
  if (text === undefined) return BLANK;
  return (content & (3 << WIDTH_SHIFT)) | IS_CLUSTER | clusters.id(text);
}

const P256 = 0x2000000;
const RGB = 0x3000000;

function publicDoor(term: HeadlessTerminal, clusters: ClusterTable): Door {
  return {
    direct: false,
    scrollsWhole: () => false,
    echo: () => false,
    cursorX: () => term.buffer.active.cursorX,
    cursorY: () => term.buffer.active.cursorY,
    beginLink: () => {},
    links: () => new Map(),
    onDirty: (mark) => {
      term.onWriteParsed(() => mark(0, Number.MAX_SAFE_INTEGER));
    },
    resize: (cols, rows) => term.resize(cols, rows),
    cursorRow: () => undefined,
    feed: (data, done) => term.write(typeof data === 'string' ? data : Uint8Array.from(data), done),
    copyRow: (row, column, count, grid, x, y) => {
      const buffer = term.buffer.active;
      const line = buffer.getLine(buffer.baseY + row);
      for (let n = 0, at = grid.at(x, y); n < count; n += 1, at += CELL_WORDS) {
        const cell = line?.getCell(column + n);
        if (cell === undefined) {
          blank(grid, at);
          continue;
        }
        const chars = cell.getChars();
        const code = chars.codePointAt(0) ?? 32;
        const single = chars.length <= (code > 0xffff ? 2 : 1);
        const width = cell.getWidth() << WIDTH_SHIFT;
        grid.words[at] = cell.getWidth() === 0 ? 0 : width | (single ? code : IS_CLUSTER | clusters.id(chars));
        grid.words[at + 1] = foreground(cell);
        grid.words[at + 2] = background(cell);
        grid.words[at + 3] = 0;
      }
    },
  };
}

function colorWord(isRgb: boolean, isPalette: boolean, color: number): number {
  return isRgb ? RGB | color : isPalette ? P256 | color : 0;
}

function foreground(cell: xterm.IBufferCell): number {
  let word = colorWord(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor());
  if (cell.isInverse()) word |= 0x4000000;
  if (cell.isBold()) word |= 0x8000000;
  if (cell.isUnderline()) word |= 0x10000000;
  if (cell.isBlink()) word |= 0x20000000;
  if (cell.isInvisible()) word |= 0x40000000;
  if (cell.isStrikethrough()) word |= 0x80000000;
  return word >>> 0;
}

function background(cell: xterm.IBufferCell): number {
  let word = colorWord(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor());
  if (cell.isItalic()) word |= 0x4000000;
  if (cell.isDim()) word |= 0x8000000;
  if (cell.isOverline()) word |= 0x40000000;
  return word >>> 0;
}

/** What the build has found out about the very library that it puts into the bundle, so that no start tries it again; undefined where there is no bundle. */
declare const NONO_PARTS_HOLD: boolean | undefined;

/** For the build, and for a run without one. */
export function libraryHolds(): boolean {
  return privatePartsHold(
    () => new HeadlessTerminal({ cols: 8, rows: 2, allowProposedApi: true, scrollback: 0, logLevel: 'off' }),
    new ClusterTable(),
    new CellGrid(8, 2),
  );
}

/** Whether the private parts behave as this file believes, tried on a scratch terminal with one coloured, one wide and one combined cell, and an echo. */
function privatePartsHold(make: () => HeadlessTerminal, clusters: ClusterTable, grid: CellGrid): boolean {
  const term = make();
  try {
    const door = directDoor(term, clusters);
    let dirty = -1;
    door.onDirty((_, last) => {
      dirty = last;
    });
    door.feed(new TextEncoder().encode('\x1b[1;31mA\x1b[m漢e\u0301'), () => {});
    const parsed = dirty;
    dirty = -1;
    door.feed(new TextEncoder().encode('z'), () => {});
    door.copyRow(0, 0, 5, grid, 0, 0);
    const w = grid.words;
    const text = clusters.text((w[3 * CELL_WORDS] ?? 0) & CODE_MASK);
    return (
      w[0] === (65 | (1 << WIDTH_SHIFT)) &&
      w[1] === (0x8000000 | 0x1000000 | 1) &&
      w[CELL_WORDS] === (0x6f22 | (2 << WIDTH_SHIFT)) &&
      w[2 * CELL_WORDS] === 0 &&
      ((w[3 * CELL_WORDS] ?? 0) & IS_CLUSTER) !== 0 &&
      text === 'e\u0301' &&
      w[4 * CELL_WORDS] === (0x7a | (1 << WIDTH_SHIFT)) &&
      parsed === 0 &&
      dirty === 0
    );
  } catch {
    return false;
  } finally {
    term.dispose();
  }
}

/** Gives the emulator other widths, and answers them; `make` gets those it has. Without the private parts it keeps its own. */
export function changeWidths(
  term: HeadlessTerminal,
  make: (base: WidthProvider) => WidthProvider,
): WidthProvider | undefined {
  const { unicodeService } = (
    term as unknown as { _core: { unicodeService?: { _providers?: Record<string, unknown> } } }
  )._core;
  const base = unicodeService?._providers?.['6'] as WidthProvider | undefined;
  if (typeof base?.wcwidth !== 'function' || typeof base.charProperties !== 'function') return undefined;
  const provider = make(base);
  term.unicode.register(provider as unknown as xterm.IUnicodeVersionProvider);
  term.unicode.activeVersion = provider.version;
  return provider;
}

let holds: boolean | undefined;

/** The fast door when the self-test passes (tried by the build, or once a process), otherwise the public one. `force` is for tests of the fallback. */
export function openDoor(term: HeadlessTerminal, clusters: ClusterTable, force?: 'public'): Door {
  mendEraseAbove((term as unknown as { _core?: PrivateCore })._core);
  boundEmulator((term as unknown as { _core?: BoundedCore })._core);
  if (force === 'public') return publicDoor(term, clusters);
  holds ??= typeof NONO_PARTS_HOLD === 'boolean' ? NONO_PARTS_HOLD : libraryHolds();
  return holds ? directDoor(term, clusters) : publicDoor(term, clusters);
}
