/** The waiting launcher of `nono shell`. Its sockets are streams, not threads that read: a session in the pane loads node:net for its terminal anyway, lasts for
 * hours, and needs the threads for files. They are made when the event loop turns first, after the frame with the prompt where the shell is quick: node:net takes as long as drawing it. */
import type { Socket } from 'node:net';
import { writeAtOnce, writeCommand } from './command-socket.ts';
import type { Connection } from './connection.ts';
import type { TerminalSize } from './launch-message.ts';
import { type WaitingLauncher, writeBegin, writeLaunch } from './waiting-launcher.ts';

const ignore = (): void => {};

export function attachShellLauncher(
  waiting: WaitingLauncher,
  argv: readonly string[],
  plan: Buffer,
  size: TerminalSize,
  asked?: Buffer,
): Connection {
  return attach(waiting, () => writeLaunch(waiting.plan, argv, plan, { size, asked }));
}

/** As attachShellLauncher, where it has its plan. */
export function attachRememberedShell(waiting: WaitingLauncher, size: TerminalSize): Connection {
  return attach(waiting, () => writeBegin(waiting.plan, size));
}

interface Streams {
  readonly events: Socket;
  /** The guardian keeps its end as long as anything inside lives. */
  readonly life: Socket;
}

function attach(waiting: WaitingLauncher, begin: () => void): Connection {
  const events = waiting.events as number;
  let failure: Error | undefined;
  let streams: Streams | undefined;
  let closed = false;
  let heard: (made: Streams) => void = () => {};
  try {
    begin();
  } catch (error) {
    failure = error as Error;
  }
  setImmediate(() => {
    const { Socket } = process.getBuiltinModule('node:net');
    const open = (fd: number) => new Socket({ fd, readable: true, writable: true }).on('error', ignore);
    streams = { events: open(events), life: open(waiting.plan).resume() };
    heard(streams);
    if (failure !== undefined) streams.life.destroy();
    if (failure !== undefined || closed) streams.events.destroy();
  });
  return {
    pid: waiting.pid,
    write: (data) => {
      if (streams !== undefined) writeCommand(streams.events, events, data);
      // Some bytes, and nothing was written to it before: the socket takes them.
      else if (!closed && failure === undefined) writeAtOnce(events, data);
    },
    close: () => {
      closed = true;
      streams?.events.destroy();
    },
    listen: (data, ended) => {
      let left = 2;
      const done = (): void => {
        left -= 1;
        if (left === 0) ended(failure);
      };
      heard = ({ events: from, life }) => {
        from.on('data', data);
        from.on('close', done);
        life.on('close', done);
      };
      if (streams !== undefined) heard(streams);
    },
  };
}
