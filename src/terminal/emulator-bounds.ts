/** Bounds that the emulator lacks: a few bytes from a program must cost no more than a screenful, or the session, with its keys and its list, would stand still. */

interface Counted {
  readonly params: Int32Array;
}

/** The private parts that this needs. */
export interface BoundedCore {
  readonly _inputHandler: object;
  readonly _bufferService: {
    readonly cols: number;
    readonly rows: number;
    readonly buffer: { readonly lines: { get(y: number): object | undefined } };
  };
}

interface Line {
  readonly _combined: Record<number, string | undefined>;
  addCodepointToCell(column: number, code: number, width: number): void;
}

/** Handlers of xterm.js 6.0.0 that do something as often as the first parameter says, up to two thousand million times. */
const REPEATING = [
  'insertLines',
  'deleteLines',
  'scrollUp',
  'scrollDown',
  'scrollLeft',
  'scrollRight',
  'insertColumns',
  'deleteColumns',
  'insertChars',
  'deleteChars',
  'eraseChars',
  'cursorForwardTab',
  'cursorBackwardTab',
] as const;

/** What one cell holds, in UTF-16 units: four times the longest emoji there is. */
const MAX_CELL_TEXT = 64;

/** More often than there are rows or columns changes nothing more. */
function boundCounts(core: BoundedCore): void {
  const handlers = core._inputHandler as Record<string, ((params: Counted) => boolean) | undefined>;
  const bound = (name: string, most: () => number): void => {
    const handle = handlers[name];
    if (typeof handle !== 'function') return;
    handlers[name] = (params) => {
      params.params[0] = Math.min(params.params[0] ?? 0, most());
      return handle.call(handlers, params);
    };
  };
  const { _bufferService: size } = core;
  for (const name of REPEATING) bound(name, () => Math.max(size.cols, size.rows));
  bound('repeatPrecedingCharacter', () => size.cols * size.rows);
}

const bounded = new WeakSet<object>();

/** Marks without end would make one cell of any length, which would be sent to the user's terminal again with each mark. */
function boundCellText(core: BoundedCore): void {
  const line = core._bufferService.buffer.lines.get(0);
  const prototype = line === undefined ? undefined : (Object.getPrototypeOf(line) as Line);
  if (prototype === undefined || typeof prototype.addCodepointToCell !== 'function' || bounded.has(prototype)) return;
  bounded.add(prototype);
  const add = prototype.addCodepointToCell;
  prototype.addCodepointToCell = function (column, code, width) {
    const before = this._combined[column];
    add.call(this, column, code, width);
    if ((this._combined[column]?.length ?? 0) > MAX_CELL_TEXT) this._combined[column] = before;
  };
}

export function boundEmulator(core: BoundedCore | undefined): void {
  if (core?._inputHandler === undefined || core._bufferService?.buffer === undefined) return;
  boundCounts(core);
  boundCellText(core);
}
