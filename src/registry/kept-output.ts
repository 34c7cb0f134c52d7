/**
 * What the command of a detached `run` has printed, as native/terminal/keep.c keeps it: two files, each with a first line that says at which byte of the whole output it begins.
 * What is in neither is told as a gap.
 */
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';

/** Of the two together; the newest half at least is there. */
export const KEPT_OUTPUT = 64 * 1024 * 1024;
const CHUNK = 65_536;
const HEAD = /^nono output from byte (\d{20})\n$/;
const HEAD_BYTES = 43;
const FILE_MODE = 0o600;

export const olderOutput = (output: string): string => `${output}.1`;

/** Throws where there is one already, or no room for it. */
export function makeOutput(output: string): void {
  writeFileSync(output, `nono output from byte ${'0'.repeat(20)}\n`, { mode: FILE_MODE, flag: 'wx' });
}

interface Part {
  readonly fd: number;
  readonly start: number;
  readonly bytes: number;
}

function openPart(file: string): Part | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return undefined;
  }
  const head = Buffer.alloc(HEAD_BYTES);
  const { size } = fstatSync(fd);
  const start =
    readSync(fd, head, 0, HEAD_BYTES, 0) === HEAD_BYTES ? HEAD.exec(head.toString('latin1'))?.[1] : undefined;
  if (start !== undefined) return { fd, start: Number(start), bytes: size - HEAD_BYTES };
  closeSync(fd);
  return undefined;
}

export type OutputPiece =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'gap'; readonly bytes: number };

export class KeptOutput {
  readonly #file: string;
  /** The next byte of the whole output. */
  #next = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** What has come since the last time. */
  *pieces(): Generator<OutputPiece> {
    // The newer one first: when it becomes the older one between the two questions, it is there twice and not missed.
    const parts = [openPart(this.#file), openPart(olderOutput(this.#file))].filter((part) => part !== undefined);
    try {
      for (const part of parts.toReversed()) yield* this.#read(part);
    } finally {
      for (const { fd } of parts) closeSync(fd);
    }
  }

  *#read({ fd, start, bytes }: Part): Generator<OutputPiece> {
    if (start + bytes <= this.#next) return;
    if (start > this.#next) yield { kind: 'gap', bytes: start - this.#next };
    this.#next = Math.max(this.#next, start);
    const chunk = Buffer.allocUnsafe(CHUNK);
    while (this.#next < start + bytes) {
      const wanted = Math.min(CHUNK, start + bytes - this.#next);
      const count = readSync(fd, chunk, 0, wanted, HEAD_BYTES + this.#next - start);
      if (count === 0) return;
      this.#next += count;
      yield { kind: 'bytes', bytes: chunk.subarray(0, count) };
    }
  }
}
