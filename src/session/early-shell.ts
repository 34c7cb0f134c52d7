/** The shell is started before its screen is loaded: all it needs of a terminal is a pty of the right size, and it takes as long to start as the screen does. */
import { type LaunchRequest, launchSandbox, type RunningSandbox } from '../sandbox/linux/launch.ts';
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import type { Size } from '../terminal/geometry.ts';
import { openPty, type Pty, ptyOf } from '../terminal/pty.ts';

export interface EarlyShell {
  /** Nobody reads it yet; what the shell prints waits in it. */
  readonly pty: Pty;
  /** In the place of launchSandbox: who calls it gets the events from the first on. */
  readonly launch: (request: Pick<LaunchRequest, 'onEvent'>) => RunningSandbox;
}

export function startShell(request: Omit<LaunchRequest, 'stdio' | 'onEvent'>, size: Size): EarlyShell {
  const pty = request.waiting?.terminal === undefined ? openPty(size) : ptyOf(request.waiting.terminal, size);
  const early: SupervisorEvent[] = [];
  let take = (event: SupervisorEvent): void => {
    early.push(event);
  };
  const { slave } = pty;
  const sandbox = launchSandbox({ ...request, size, stdio: [slave, slave, slave], onEvent: (event) => take(event) });
  pty.closeSlave();
  return {
    pty,
    launch: ({ onEvent }) => {
      // After the call, as from launchSandbox: the caller may not be complete. Nothing is read from the socket before this has run.
      queueMicrotask(() => {
        take = onEvent;
        for (const event of early.splice(0)) onEvent(event);
      });
      return sandbox;
    },
  };
}
