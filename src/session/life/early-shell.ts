/** The shell is started before its screen is loaded: all it needs of a terminal is a pty of the right size, and it takes as long to start as the screen does. */
import { type LaunchRequest, launchSandbox, listenTo, type RunningSandbox } from '../../sandbox/linux/launch.ts';
import { attachRememberedShell } from '../../sandbox/linux/shell-launcher.ts';
import type { RememberedLauncher } from '../../sandbox/linux/waiting-launcher.ts';
import type { SupervisorEvent } from '../../sandbox/linux/wire.ts';
import type { Size } from '../../terminal/geometry.ts';
import { openPty, type Pty, ptyOf } from '../../terminal/pty.ts';

export interface EarlyShell {
  /** Nobody reads it yet; what the shell prints waits in it. */
  readonly pty: Pty;
  /** In the place of launchSandbox: who calls it gets the events from the first on. */
  readonly launch: (request: Pick<LaunchRequest, 'onEvent'>) => RunningSandbox;
}

type Start = (onEvent: LaunchRequest['onEvent']) => RunningSandbox;

/** What comes before somebody asks for it waits, in its order. */
function early(pty: Pty, start: Start): EarlyShell {
  const waiting: SupervisorEvent[] = [];
  let take = (event: SupervisorEvent): void => {
    waiting.push(event);
  };
  const sandbox = start((event) => take(event));
  pty.closeSlave();
  return {
    pty,
    launch: ({ onEvent }) => {
      // After the call, as from launchSandbox: the caller may not be complete. Nothing is read from the socket before this has run.
      queueMicrotask(() => {
        take = onEvent;
        for (const event of waiting.splice(0)) onEvent(event);
      });
      return sandbox;
    },
  };
}

export function startShell(request: Omit<LaunchRequest, 'stdio' | 'onEvent'>, size: Size): EarlyShell {
  const pty = request.waiting?.terminal === undefined ? openPty(size) : ptyOf(request.waiting.terminal, size);
  const { slave } = pty;
  return early(pty, (onEvent) => launchSandbox({ ...request, size, stdio: [slave, slave, slave], onEvent }));
}

/** The shell of a launcher that has its plan, and the terminal, already. */
export function beginShell(waiting: RememberedLauncher & { readonly terminal: number }, size: Size): EarlyShell {
  return early(ptyOf(waiting.terminal, size), (onEvent) => listenTo(attachRememberedShell(waiting, size), onEvent));
}
