/** A terminal at the other end of the session's socket: native/terminal/attach.c pumps it. A frame counts as taken when that terminal has taken it, so that approvals are
 * armed by what was really shown. */
import type { Socket } from 'node:net';
import type { Size } from '../../terminal/geometry.ts';
import type { OuterTerminal } from '../../terminal/outer-terminal.ts';

const HEADER = 5;
const MOST_PAYLOAD = 65_536;

export interface Frame {
  readonly type: string;
  readonly payload: Buffer;
}

/** Splits what a client sends; throws for what no client of ours would. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      if (this.#pending.length < HEADER) return frames;
      const length = this.#pending.readUInt32LE(1);
      if (length > MOST_PAYLOAD) throw new RangeError(`a frame of ${length} bytes`);
      if (this.#pending.length < HEADER + length) return frames;
      const type = String.fromCharCode(this.#pending[0] as number);
      frames.push({ type, payload: Buffer.from(this.#pending.subarray(HEADER, HEADER + length)) });
      this.#pending = this.#pending.subarray(HEADER + length);
    }
  }
}

export function frame(type: string, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload as string);
  const header = Buffer.alloc(HEADER);
  header.write(type, 'latin1');
  header.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** Columns and rows at the end of a hello or a `w`. */
export function sizeOf(bytes: Buffer): Size | undefined {
  if (bytes.length !== 4) return undefined;
  return { cols: Math.max(1, bytes.readUInt16LE(0)), rows: Math.max(1, bytes.readUInt16LE(2)) };
}

export class AttachedTerminal implements OuterTerminal {
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];
  #size: Size;
  #take: (bytes: Buffer | undefined) => void = () => {};
  #drained: () => void = () => {};

  constructor(socket: Socket, size: Size) {
    this.#socket = socket;
    this.#size = size;
  }

  /** Input, and the terminal's word that it has taken a frame. */
  took(frame: Frame): void {
    if (frame.type === 'i') this.#take(frame.payload);
    else if (frame.type === 'k') {
      this.#waiting.shift()?.();
      if (this.ready) this.#drained();
    }
  }

  /** It was stopped. What was on its way is thrown away there, and was seen by nobody: no approval is armed by it. */
  resumed(): void {
    this.#waiting.fill(() => {});
    this.#socket.write(frame('y', ''));
  }

  resize(size: Size): void {
    this.#size = size;
  }

  size(): Size {
    return this.#size;
  }

  get ready(): boolean {
    return this.#waiting.length === 0;
  }

  write(data: string, taken: () => void): void {
    this.#waiting.push(taken);
    this.#socket.write(frame('o', data));
  }

  onDrain(run: () => void): void {
    this.#drained = run;
  }

  onInput(take: (bytes: Buffer | undefined) => void): void {
    this.#take = take;
  }

  pauseInput(paused: boolean): void {
    if (paused) this.#socket.pause();
    else this.#socket.resume();
  }

  writeNow(data: string): void {
    this.write(data, () => {});
  }

  giveBack(data: string): void {
    this.writeNow(data);
  }

  /** Its relay restores the terminal and ends with this code. */
  end(code: number, line?: string): void {
    if (line !== undefined) this.writeNow(`${line}\r\n`);
    this.#socket.end(frame('x', Buffer.from([code & 0xff])));
  }

  async close(): Promise<void> {}
}
