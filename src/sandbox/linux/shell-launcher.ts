/** The waiting launcher of `nono shell`. Its sockets are streams, not threads that read: a session in the pane loads node:net for its terminal anyway, lasts for
 * hours, and needs the threads for files. */
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

function attach(waiting: WaitingLauncher, begin: () => void): Connection {
  let failure: Error | undefined;
  try {
    begin();
  } catch (error) {
    failure = error as Error;
  }
  // Loaded while the launcher is already at work.
  const { Socket } = process.getBuiltinModule('node:net');
  const open = (fd: number) => new Socket({ fd, readable: true, writable: true }).on('error', ignore);
  const events = open(waiting.events as number);
  // The guardian keeps its end as long as anything inside lives.
  const life = open(waiting.plan).resume();
  if (failure !== undefined) {
    life.destroy();
    events.destroy();
  }
  return {
    pid: waiting.pid,
    write: (data) => {
      if (!events.destroyed) events.write(data);
    },
    close: () => events.destroy(),
    listen: (data, ended) => {
      let left = 2;
      const done = (): void => {
        left -= 1;
        if (left === 0) ended(failure);
      };
      events.on('data', data);
      events.on('close', done);
      life.on('close', done);
    },
  };
}
