/** The only file that knows node-pty. It opens a master and slave pair with the native `open`; the package's own `UnixTerminal.open` would read the
 * slave and so steal what the shell should get. */
import { closeSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadStream } from 'node:tty';
import { NonoError } from '../platform/errors.ts';
import { installationRoot } from '../platform/installation.ts';
import { FloodReader } from './flood-reader.ts';
import { systemClock } from './flush-scheduler.ts';
import type { Size } from './geometry.ts';
import { WaitingInput } from './waiting-input.ts';

interface NativePty {
  open(cols: number, rows: number): { readonly master: number; readonly slave: number; readonly pty: string };
  resize(fd: number, cols: number, rows: number): void;
}

function loadNative(): NativePty {
  // Never from where node-pty was installed: that may lie in a project, where a session may write.
  const binary = join(installationRoot(), 'native', 'build', 'pty.node');
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    return createRequire(import.meta.url)(binary) as NativePty;
  } catch (cause) {
    throw new NonoError(
      'installation',
      `the native part of node-pty (${binary}) cannot be loaded: ${(cause as Error).message}`,
      {
        hint: 'install without --omit=optional, then run `npm run build`',
        cause,
      },
    );
  }
}

/** The session's end of the sandboxed shell's terminal. */
export interface Pty {
  /** Given to the launcher as stdin, stdout and stderr; closed here right after. -1: the launcher has had it from the first. */
  readonly slave: number;
  /** Descriptor of this end; -1 when it is closed. */
  readonly master: number;
  closeSlave(): void;
  /** What is there already is taken in the call, the rest as it comes. The buffer is reused: parse or copy it in the call. `ended` runs once, when the last slave is closed. */
  read(data: (bytes: Buffer) => void, ended: () => void): void;
  pause(paused: boolean): void;
  write(bytes: Uint8Array | string): void;
  /** What the program has asked its terminal; dropped when it does not read. */
  answer(data: string): void;
  /** Bytes typed that the program has not taken yet. */
  readonly backlog: number;
  resize(size: Size): void;
  close(): void;
}

const READ_BUFFER = 65_536;
/** What a shell prints until it waits comes in a few pieces, and asking begins with the last: more is a flood, which the stream reads. */
const MOST_PIECES = 16;
/** Beyond this nobody reads: a program that asks without end must not fill the memory. */
const MOST_WAITING = 262_144;

/** Opens a pty of this size. */
export function openPty(size: Size): Pty {
  const { master, slave } = loadNative().open(size.cols, size.rows);
  return ptyOf(master, size, slave);
}

/** A pty that is open already. Without a slave: the program has it. */
export function ptyOf(master: number, size: Size, slave = -1): Pty {
  let current = size;
  let onData: (bytes: Buffer) => void = () => {};
  let onEnd: () => void = () => {};
  let slaveOpen = slave >= 0;
  let closed = false;
  let ended = false;
  const end = (): void => {
    closed = true;
    input.stop();
    if (ended) return;
    ended = true;
    onEnd();
  };
  let paused = false;
  const take = (into: Buffer, at: number): number => {
    if (closed) return 0;
    try {
      return readSync(master, into, at, into.length - at, null);
    } catch {
      // Nothing there, or no longer a terminal: the stream finds that out itself.
      return 0;
    }
  };
  const reader = new FloodReader(READ_BUFFER, take);
  // Made when it is first needed: the shell can start before.
  let made: ReadStream | undefined;
  const stream = (): ReadStream => {
    if (made !== undefined) return made;
    const { ReadStream } = process.getBuiltinModule('node:tty');
    made = new ReadStream(master, {
      onread: {
        buffer: reader.buffer,
        callback: (count: number): boolean => {
          onData(reader.arrived(count));
          return true;
        },
      },
    } as never);
    // EIO is how a pty master says that the last slave was closed.
    made.on('error', end);
    made.on('end', end);
    made.on('close', end);
    return made;
  };

  const input = new WaitingInput((bytes) => {
    try {
      return writeSync(master, bytes);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : -1;
    }
  }, systemClock);
  const write = (bytes: Uint8Array | string): void => {
    if (closed || bytes.length === 0) return;
    input.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  };
  return {
    slave,
    get master() {
      return closed ? -1 : master;
    },
    closeSlave: () => {
      if (slaveOpen) closeSync(slave);
      slaveOpen = false;
    },
    read: (data, done) => {
      onData = data;
      onEnd = done;
      for (let pieces = 0; pieces < MOST_PIECES; pieces++) {
        const count = take(reader.buffer, 0);
        if (count <= 0) break;
        onData(reader.arrived(count));
      }
      // After the frame that shows it: making a stream takes as long as drawing one.
      setImmediate(() => closed || paused || stream().resume());
    },
    pause: (wanted) => {
      paused = wanted;
      if (wanted) made?.pause();
      else stream().resume();
    },
    write,
    answer: (data) => {
      if (input.bytes < MOST_WAITING) write(data);
    },
    get backlog() {
      return input.bytes;
    },
    resize: (next) => {
      if (closed || (next.cols === current.cols && next.rows === current.rows)) return;
      loadNative().resize(master, next.cols, next.rows);
      current = next;
    },
    close: () => {
      closed = true;
      input.stop();
      stream().destroy();
    },
  };
}
