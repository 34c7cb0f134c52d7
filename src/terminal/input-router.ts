/** Decides, byte by byte, what belongs to the shell and what to the chrome. To the shell everything goes as it came (raw bytes, no re-encoding), except
 * the prefix key, mouse reports (moved to pane coordinates) and paste marks that the program did not ask for. */

import type { Rect } from './geometry.ts';
import type { InnerModes } from './inner-modes.ts';
import { nextToken, type Token } from './input-tokens.ts';
import { keyNames } from './key-names.ts';
import { MouseOwner, type MouseReport, mouseBytes, parseMouse } from './mouse.ts';

/** Where the router looks before each unit, since a key may move the focus in the middle of one read. */
export interface RouterContext {
  /** Whether keys now go to the shell. */
  shellHasKeys(): boolean;
  modes(): InnerModes;
  pane(): Rect;
}

export interface RouterTargets {
  toShell(bytes: Uint8Array): void;
  prefix(): void;
  /** A key for the chrome; with its bytes, where it turns out to be the shell's. */
  key(name: string, raw: Uint8Array): void;
  /** Text pasted while the chrome has the keyboard: never a command. */
  pasted(text: string): void;
  /** A mouse report that is not the program's, in screen coordinates. */
  mouse?(report: MouseReport): void;
}

/** `Ctrl-\`, the detach key of dtach and abduco: free in shells, editors and pagers. */
const PREFIX_BYTE = 0x1c;

/** The prefix key: its byte, and its name in the forms that have one; '' when there is none. */
export interface PrefixKey {
  /** Undefined for a function key, and where there is none. */
  readonly byte: number | undefined;
  readonly name: string;
}

const DEFAULT_PREFIX: PrefixKey = { byte: PREFIX_BYTE, name: 'C-\\' };
const NOTHING: Buffer = Buffer.alloc(0);
const MOUSE_START = Buffer.from('\x1b[<');
const PASTE_START = Buffer.from('\x1b[200~');
const PASTE_END = Buffer.from('\x1b[201~');
const PASTE_TEXT_LIMIT = 4096;

export class InputRouter {
  readonly #context: RouterContext;
  readonly #to: RouterTargets;
  readonly #mouse = new MouseOwner();
  /** Bytes of an unfinished unit; the first `#sent` of them have already gone to the shell. */
  #tail = NOTHING;
  #sent = 0;
  #pasting: 'no' | 'shell' | 'chrome' = 'no';
  #pasteText = '';

  readonly #prefix: PrefixKey;

  constructor(context: RouterContext, targets: RouterTargets, prefix: PrefixKey = DEFAULT_PREFIX) {
    this.#prefix = prefix;
    this.#context = context;
    this.#to = targets;
  }

  /** Whether an unfinished unit waits; the owner then calls `settle` after a few milliseconds without input. */
  get waiting(): boolean {
    return this.#pasting === 'no' && this.#tail.length > this.#sent;
  }

  /** Whether what waits can only be a report of the mouse, which no key begins like: on a slow line its rest may take longer, and would be typed into the shell. */
  get waitsForMouse(): boolean {
    return this.waiting && this.#tail.subarray(0, MOUSE_START.length).equals(MOUSE_START);
  }

  /** Whether the next byte begins a unit of its own, and no paste is going on. */
  get idle(): boolean {
    return this.#pasting === 'no' && this.#tail.length === 0;
  }

  take(chunk: Buffer): void {
    const sent = this.#sent;
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    this.#tail = NOTHING;
    this.#sent = 0;
    let at = 0;
    while (at < bytes.length)
      at = this.#pasting === 'no' ? this.#unit(bytes, at, at === 0 ? sent : 0) : this.#paste(bytes, at);
  }

  /** What comes now is from another terminal: a paste that the one before was lost in has no end mark any more, and everything would be taken for pasted. */
  restart(): void {
    if (this.#pasting === 'shell' && this.#context.modes().bracketedPaste) this.#to.toShell(PASTE_END);
    this.#pasting = 'no';
    this.#pasteText = '';
    this.#tail = NOTHING;
    this.#sent = 0;
  }

  /** No more bytes came: a lone ESC is the Esc key, other beginnings are what they are. */
  settle(): void {
    if (!this.waiting) return;
    const bytes = this.#tail;
    const sent = this.#sent;
    this.#tail = NOTHING;
    this.#sent = 0;
    if (this.#context.shellHasKeys()) this.#to.toShell(bytes.subarray(sent));
    else if (bytes.length === 1 && bytes[0] === 0x1b) this.#to.key('esc', bytes);
  }

  #unit(bytes: Buffer, at: number, sent: number): number {
    const toShell = this.#context.shellHasKeys();
    if (toShell && sent === 0) {
      const plain = this.#plainRun(bytes, at);
      if (plain > at) {
        this.#to.toShell(plain - at === bytes.length ? bytes : bytes.subarray(at, plain));
        return plain;
      }
    }
    const token = nextToken(bytes, at, !toShell);
    if (!token.complete) return this.#keep(bytes, token, toShell, sent);
    if (this.#isPasteStart(bytes, token)) return this.#beginPaste(bytes, token, toShell, sent);
    if (toShell) this.#forShell(bytes, token, sent);
    else if (token.kind === 'csi' && bytes[token.start + 2] === 0x3c) this.#mouseToChrome(bytes, token);
    else for (const name of keyNames(bytes, token)) this.#to.key(name, bytes.subarray(token.start, token.end));
    return token.end;
  }

  /** The usual case, one pass without tokens: everything up to the next ESC or prefix byte. */
  #plainRun(bytes: Buffer, at: number): number {
    let end = at;
    while (end < bytes.length && bytes[end] !== 0x1b && bytes[end] !== this.#prefix.byte) end += 1;
    return end;
  }

  #keep(bytes: Buffer, token: Token, toShell: boolean, sent: number): number {
    this.#tail = Buffer.from(bytes.subarray(token.start));
    this.#sent = sent;
    // Esc must not wait: it goes out now, and what follows is still understood as its continuation.
    if (toShell && token.kind !== 'csi' && sent < this.#tail.length) {
      this.#to.toShell(this.#tail.subarray(sent));
      this.#sent = this.#tail.length;
    }
    return bytes.length;
  }

  #forShell(bytes: Buffer, token: Token, sent: number): void {
    const raw = bytes.subarray(token.start, token.end);
    if (token.kind === 'control' && bytes[token.start] === this.#prefix.byte) {
      this.#to.prefix();
      return;
    }
    if (this.#isNamedPrefix(bytes, token)) {
      this.#to.prefix();
      return;
    }
    if (token.kind === 'csi') {
      if (raw[2] === 0x3c) {
        this.#mouseToShell(raw, sent);
        return;
      }
    }
    if (raw.length > sent) this.#to.toShell(raw.subarray(sent));
  }

  /** A function key; or Ctrl in its kitty and modifyOtherKeys forms, which end in u and ~. */
  #isNamedPrefix(bytes: Buffer, token: Token): boolean {
    const { byte, name } = this.#prefix;
    const last = bytes[token.end - 1];
    const possible =
      byte === undefined
        ? name !== '' && (token.kind === 'csi' || token.kind === 'ss3')
        : token.kind === 'csi' && (last === 0x75 || last === 0x7e);
    return possible && keyNames(bytes, token)[0] === name;
  }

  #mouseToShell(raw: Buffer, sent: number): void {
    const report = parseMouse(raw.toString('latin1'));
    if (report === undefined) return;
    const modes = this.#context.modes();
    const pane = this.#context.pane();
    const owner = this.#mouse.of(report, pane, modes.mouse);
    if (owner === 'chrome') this.#to.mouse?.(report);
    const bytes = owner === 'program' ? mouseBytes(report, pane, modes) : undefined;
    if (bytes !== undefined) this.#to.toShell(bytes.subarray(sent));
  }

  #mouseToChrome(bytes: Buffer, token: Token): void {
    const report = parseMouse(bytes.toString('latin1', token.start, token.end));
    if (report !== undefined) this.#to.mouse?.(report);
  }

  #isPasteStart(bytes: Buffer, token: Token): boolean {
    return token.kind === 'csi' && PASTE_START.equals(bytes.subarray(token.start, token.end));
  }

  #beginPaste(bytes: Buffer, token: Token, toShell: boolean, sent: number): number {
    this.#pasting = toShell ? 'shell' : 'chrome';
    this.#pasteText = '';
    if (toShell && this.#context.modes().bracketedPaste)
      this.#to.toShell(bytes.subarray(token.start + sent, token.end));
    return token.end;
  }

  /** Inside a paste nothing is a key, not even the prefix, until the terminal says that the paste is over. */
  #paste(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(PASTE_END, at);
    const dataEnd = end >= 0 ? end : bytes.length - unfinishedEnd(bytes, at);
    this.#pasteData(bytes.subarray(at, dataEnd));
    if (end < 0) {
      this.#tail = Buffer.from(bytes.subarray(dataEnd));
      return bytes.length;
    }
    if (this.#pasting === 'shell') {
      if (this.#context.modes().bracketedPaste) this.#to.toShell(PASTE_END);
    } else if (this.#pasteText !== '') this.#to.pasted(this.#pasteText);
    this.#pasting = 'no';
    return end + PASTE_END.length;
  }

  #pasteData(data: Buffer): void {
    if (data.length === 0) return;
    if (this.#pasting === 'shell') this.#to.toShell(data);
    else if (this.#pasteText.length < PASTE_TEXT_LIMIT) this.#pasteText += data.toString('utf8');
  }
}

/** How many last bytes could be the beginning of the end mark. */
function unfinishedEnd(bytes: Buffer, from: number): number {
  for (let n = Math.min(PASTE_END.length - 1, bytes.length - from); n > 0; n -= 1) {
    if (PASTE_END.subarray(0, n).equals(bytes.subarray(bytes.length - n))) return n;
  }
  return 0;
}
