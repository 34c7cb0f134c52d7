/** Where `nono attach` and `nono detach` reach a running session: a unix socket in nono's own state, which no sandboxed program connects to. What comes in here is
 * typed into the shell and can approve, so each connection is asked whose it is (SO_PEERCRED), and whether that process is confined, before a byte of it is read. */
import { closeSync, constants, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { monotonicMs } from '../../platform/clock.ts';
import { AttachedTerminal, type Frame, FrameReader, frame, sizeOf } from '../outer/attached-terminal.ts';

export interface DoorOptions {
  readonly socket: string;
  /** Absolute path of nono-attach, which asks the kernel for the peer's user. */
  readonly checker: string;
  /** Why nobody can attach now; undefined when somebody can. */
  readonly refusal: () => string | undefined;
  readonly attached: (terminal: AttachedTerminal) => void;
  /** That terminal has another size, or was somebody else's for a while. */
  readonly resized: () => void;
  readonly repaint: () => void;
  /** That terminal is gone. */
  readonly gone: (terminal: AttachedTerminal) => void;
  /** Why it cannot be detached; undefined when it was. */
  readonly detach: () => string | undefined;
}

const HELLO_MS = 5000;
/** Each question stops the session for some milliseconds: who is refused must not be able to have it asked without end. After a refusal this many wait this long. */
const REFUSED_MS = 100;
const MOST_WAITING = 4;
const PRIVATE_UMASK = 0o177;

interface WithDescriptor {
  readonly _handle?: { readonly fd?: number };
}

/** Fails closed: without an answer it is somebody else. */
function isOwnUser(socket: Socket, checker: string): boolean {
  const fd = (socket as unknown as WithDescriptor)._handle?.fd;
  if (fd === undefined || fd < 0) return false;
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync(checker, ['--check-peer'], { stdio: ['ignore', 'ignore', 'ignore', fd], env: {} }).status === 0;
}

function refuse(socket: Socket, text: string): void {
  socket.end(frame('n', `nono: ${text}\r\n`));
}

function serve(socket: Socket, options: DoorOptions): void {
  const reader = new FrameReader();
  let terminal: AttachedTerminal | undefined;
  const timer = setTimeout(() => socket.destroy(), HELLO_MS);
  const hello = ({ type, payload }: Frame): void => {
    clearTimeout(timer);
    const what = type === 'h' ? String.fromCharCode(payload[0] ?? 0) : '';
    const size = sizeOf(payload.subarray(1));
    if (what === 'd') {
      const problem = options.detach();
      if (problem === undefined) socket.end(frame('y', ''));
      else refuse(socket, problem);
    } else if (what === 'a' && size !== undefined) {
      const problem = options.refusal();
      if (problem !== undefined) {
        refuse(socket, problem);
        return;
      }
      terminal = new AttachedTerminal(socket, size);
      socket.write(frame('y', ''));
      options.attached(terminal);
    } else socket.destroy();
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const one of reader.push(chunk)) {
        if (terminal === undefined) hello(one);
        else if (one.type === 'r') {
          terminal.resumed();
          options.repaint();
        } else if (one.type === 'w') {
          const size = sizeOf(one.payload);
          if (size !== undefined) terminal.resize(size);
          options.resized();
        } else terminal.took(one);
      }
    } catch {
      socket.destroy();
    }
  });
  socket.on('close', () => {
    clearTimeout(timer);
    if (terminal !== undefined) options.gone(terminal);
  });
}

/** Opens it; throws where no socket can be made. Returns how to close it. */
export function openDoor(options: DoorOptions): () => void {
  let refusedAt = Number.NEGATIVE_INFINITY;
  let waiting = 0;
  const admit = (socket: Socket): void => {
    if (socket.destroyed) return;
    if (!isOwnUser(socket, options.checker)) {
      refusedAt = monotonicMs();
      socket.destroy();
      return;
    }
    serve(socket, options);
    socket.resume();
  };
  const { createServer } = process.getBuiltinModule('node:net');
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    const wait = refusedAt + REFUSED_MS - monotonicMs();
    if (wait <= 0) admit(socket);
    else if (waiting >= MOST_WAITING) socket.destroy();
    else {
      waiting += 1;
      setTimeout(() => {
        waiting -= 1;
        admit(socket);
      }, wait).unref();
    }
  });
  server.on('error', () => {});
  server.unref();
  // Through the directory's descriptor: a socket's name holds 107 bytes, a state directory may be longer.
  const directory = openSync(dirname(options.socket), constants.O_RDONLY | constants.O_DIRECTORY);
  const mask = process.umask(PRIVATE_UMASK);
  try {
    server.listen(`/proc/self/fd/${directory}/${basename(options.socket)}`);
  } finally {
    process.umask(mask);
  }
  return () => {
    server.close();
    closeSync(directory);
  };
}
