/** The keyboard, read by the relay: what is plainly the shell's goes to it without waking this process first, which may be drawing (native/terminal/keyboard.c). Whose a key is, is decided here: the relay
 * gives nothing to the shell that comes behind something this process has not looked at. */
import { type Frame, FrameReader } from './attached-terminal.ts';

/** The line to the relay. */
export interface RelayLine {
  /** Nothing happens when the relay is gone. */
  say(words: Buffer): void;
  heard(run: (bytes: Buffer) => void): void;
}

export interface RelayKeysTargets {
  /** To be looked at; undefined: the terminal is gone. */
  readonly input: (bytes: Buffer | undefined) => void;
  /** These go to the shell now. */
  readonly typed: () => void;
  /** These of them it has not taken. */
  readonly left: (bytes: Buffer) => void;
  /** Whether a plain key would be the shell's, and nothing goes before it. */
  readonly shellHasKeys: () => boolean;
  /** Whether this process reads the terminal itself. */
  readonly reading: (own: boolean) => void;
}

/** No key begins with it alone that could be plain. */
const NO_PREFIX = 0x1b;
const WORD = { lend: 0x6b, giveBack: 0x68, straight: 0x67, stop: 0x73 } as const;

function numbered(word: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([word]), ...parts]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export class RelayKeys {
  readonly #line: RelayLine;
  readonly #targets: RelayKeysTargets;
  readonly #reader = new FrameReader();
  #lent = false;
  #stopped = false;
  /** As far as the relay can know. */
  #straight = false;
  #looked = 0;

  /** `master`: descriptor of the shell's terminal. `prefix`: the byte that is never the shell's. */
  constructor(line: RelayLine, master: number, prefix: number | undefined, targets: RelayKeysTargets) {
    this.#line = line;
    this.#targets = targets;
    line.heard((bytes) => {
      for (const frame of this.#reader.push(bytes)) this.#take(frame);
    });
    targets.reading(false);
    line.say(numbered(WORD.lend, Buffer.from([prefix ?? NO_PREFIX]), u32(master)));
  }

  /** To be called when something may have changed who has the keyboard. */
  reconsider(): void {
    if (!this.#lent) return;
    const may = this.#targets.shellHasKeys();
    if (may === this.#straight) return;
    this.#straight = may;
    this.#line.say(may ? numbered(WORD.straight, u32(this.#looked)) : numbered(WORD.stop));
  }

  /** Nobody takes keys any more. */
  stop(): void {
    this.#stopped = true;
    this.#lent = false;
    this.#line.say(numbered(WORD.giveBack));
  }

  #take({ type, payload }: Frame): void {
    if (this.#stopped) return;
    if (type === 'd') this.#targets.typed();
    else if (type === 'i' || type === 'u') {
      this.#looked += payload.length;
      this.#straight = false;
      if (type === 'i') this.#targets.input(payload);
      else this.#targets.left(payload);
    } else if (type === 'y') this.#lent = true;
    else if (type === 'n') this.#targets.reading(true);
    else if (type === 'e') this.#targets.input(undefined);
    this.reconsider();
  }
}
