/** The user's own terminal: size, input, and writing without ever blocking the event loop on a slow line. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Size } from './geometry.ts';

/** What the session needs of the terminal it draws on; tests pass a fake. */
export interface OuterTerminal {
  size(): Size;
  /** False while an earlier frame is still being taken: frames are then skipped, not queued. */
  readonly ready: boolean;
  /** `taken` runs when the terminal has the bytes. */
  write(data: string, taken: () => void): void;
  /** Called when `ready` becomes true again. */
  onDrain(run: () => void): void;
  /** Input as raw bytes; the buffer is reused after the call. `undefined` = the terminal is gone. */
  onInput(take: (bytes: Buffer | undefined) => void): void;
  /** Called when what comes from now on is another terminal's. */
  onAnother?(run: () => void): void;
  pauseInput(paused: boolean): void;
  /** Writes before anything else can happen, even in an exit handler. */
  writeNow(data: string): void;
  /** The last write: what is drawn later would land on the user's own screen. */
  giveBack(data: string): void;
  /** Lets go of both descriptors after what is queued was taken, or after `ms`. */
  close(ms: number): Promise<void>;
}

const INPUT_BUFFER = 65_536;

/** Parts of tty.WriteStream that Node uses for process.stdout only. */
interface PrivateStream {
  readonly _handle?: { setBlocking?(on: boolean): unknown };
  /** getWindowSize() only repeats what this found last. */
  _refreshSize?(): void;
}

const RETRY_MS = 5;
const RETRIES = 60;

/** What the terminal takes now; errors are left to the stream, which reports them. */
function writeSome(fd: number, data: string): number {
  try {
    return writeSync(fd, data);
  } catch {
    return 0;
  }
}

/** A full terminal queue is waited for, but not for ever: the relay restores what we could not. */
function writeAll(fd: number, data: Buffer): void {
  const sleep = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0, tries = 0; at < data.length && tries < RETRIES; ) {
    try {
      at += writeSync(fd, data, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      tries += 1;
      Atomics.wait(sleep, 0, 0, RETRY_MS);
    }
  }
}

/** Opened anew, not blocking is our own affair: the descriptor itself may be shared with the user's shell. Not as a controlling terminal of a process that has none. */
function openAnew(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

interface Streams {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** Opens the terminal behind two descriptors. `raw` sets raw mode here; with a relay it is set already and stays the relay's. `told`: the size that the relay has found. With it
 * Node's streams are made when somebody wants input, or a frame is not taken whole: they take a tenth of a start, and its first frame needs none. `lent`: whether the shell
 * outside has the terminal. A process that goes on because its relay was killed would draw on it. */
export function openOuterTerminal(
  stdin: number,
  stdout: number,
  raw: boolean,
  told?: Size,
  lent: () => boolean = () => false,
): OuterTerminal {
  let take: (bytes: Buffer | undefined) => void = () => {};
  let drained: () => void = () => {};
  let pending = 0;
  let open = true;
  let paused = false;
  let own = openAnew(stdout);
  const gone = (): void => {
    if (!open) return;
    open = false;
    take(undefined);
  };
  const openStreams = (): Streams => {
    const { ReadStream, WriteStream } = process.getBuiltinModule('node:tty');
    const buffer = Buffer.allocUnsafe(INPUT_BUFFER);
    const input = new ReadStream(stdin, {
      onread: {
        buffer,
        callback: (count: number): boolean => {
          take(buffer.subarray(0, count));
          return true;
        },
      },
    } as never);
    const output = new WriteStream(stdout);
    // Node makes terminals blocking; a stalled ssh line would then stop the whole session.
    (output as unknown as PrivateStream)._handle?.setBlocking?.(false);
    input.on('end', gone);
    input.on('close', gone);
    input.on('error', gone);
    output.on('error', gone);
    return { input, output };
  };
  let made: Streams | undefined;
  const streams = (): Streams => {
    made ??= openStreams();
    return made;
  };
  if (told === undefined) streams();
  if (raw) streams().input.setRawMode(true);
  return {
    size: () => {
      if (made === undefined && told !== undefined) return told;
      const { output } = streams();
      (output as unknown as PrivateStream)._refreshSize?.();
      const [cols, rows] = output.getWindowSize();
      return { cols: Math.max(1, cols || 80), rows: Math.max(1, rows || 24) };
    },
    get ready() {
      return pending === 0;
    },
    write: (data, taken) => {
      if (!open || lent()) return;
      // Straight to the terminal when it is idle: the stream's machinery costs more than the call.
      const sent = pending === 0 && own !== undefined ? writeSome(own, data) : 0;
      if (sent === Buffer.byteLength(data)) {
        taken();
        return;
      }
      pending += 1;
      streams().output.write(Buffer.from(data).subarray(sent), (error) => {
        pending -= 1;
        if (!error) taken();
        if (pending === 0) drained();
      });
    },
    onDrain: (run) => {
      drained = run;
    },
    onInput: (run) => {
      take = run;
      // Not before there is somebody: what is typed while nono starts is the shell's.
      if (made !== undefined) made.input.resume();
      // After the frame that is on its way, and after the turn in which asking begins: a command typed early is asked about, too.
      else
        setImmediate(() => {
          if (open) streams();
          setImmediate(() => open && !paused && streams().input.resume());
        });
    },
    pauseInput: (wanted) => {
      paused = wanted;
      if (wanted) made?.input.pause();
      else streams().input.resume();
    },
    writeNow: (data) => writeAll(stdout, Buffer.from(data)),
    giveBack: (data) => {
      open = false;
      writeAll(stdout, Buffer.from(data));
    },
    close: async (ms) => {
      if (pending > 0 && open) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          drained = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      open = false;
      if (own !== undefined) closeSync(own);
      own = undefined;
      if (made === undefined) return;
      const { input, output } = made;
      if (raw && !input.destroyed) input.setRawMode(false);
      input.destroy();
      output.destroy();
    },
  };
}
