/** Commands to a supervisor whose events come by the same socket. A stream that could not write is destroyed, and with it what waits to be read: how the command
 * ended, when the supervisor is gone between that and our writing. So what it takes at once, which is nearly always all, is written past the stream. */
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** Bytes that the socket took. Undefined: nobody is there to read them, and the end of the socket says so. */
export function writeAtOnce(fd: number, data: Buffer): number | undefined {
  try {
    return writeSync(fd, data);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
  }
}

/** In the order of the calls. `fd`: of the stream; undefined: the stream alone has it. */
export function writeCommand(stream: Writable, fd: number | undefined, data: Buffer): void {
  if (stream.destroyed) return;
  const taken = fd !== undefined && stream.writableLength === 0 ? writeAtOnce(fd, data) : 0;
  if (taken !== undefined && taken < data.length) stream.write(data.subarray(taken));
}
