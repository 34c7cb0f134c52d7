/** `nono shell` on a terminal: guards the terminal, and runs the session in the pane or as lines of text. */
import { sizeFrom } from '../terminal/geometry.ts';
import { openOuterTerminal } from '../terminal/outer-terminal.ts';
import { giveBack, lentBy, relayDescriptor } from '../terminal/relay-line.ts';
import { PASTE_MARKS_OFF, PASTE_MARKS_ON } from '../terminal/screen-sequences.ts';
import type { InteractiveRequest } from './interactive-request.ts';
import { InteractiveSession } from './interactive-session.ts';
import { guardTerminal } from './outer/session-guard.ts';

/** Runs a session on the user's terminal; resolves with the shell's exit code. Throws NonoError, with the terminal given back, when it could not start. */
export async function runInteractive(request: InteractiveRequest): Promise<number> {
  const relayFd = relayDescriptor(request.env);
  const lent = lentBy(relayFd);
  let session: { hangup(code: number): void; resumed(): void } | undefined;
  const told = relayFd !== undefined ? sizeFrom(request.env['NONO_RELAY_SIZE'] ?? '') : undefined;
  // Before anything is guarded: a hangup must find a session that it ends.
  const runLinear = request.linear === true ? (await import('./linear/run-linear.ts')).runLinear : undefined;
  const terminal =
    request.detached === undefined
      ? openOuterTerminal(request.stdin, request.stdout, relayFd === undefined, told, lent)
      : undefined;
  const guard = guardTerminal({
    relayFd,
    relayProgram: request.relay,
    lent,
    restore: () => {
      if (request.linear === true) terminal?.giveBack(PASTE_MARKS_OFF);
      else if (terminal !== undefined) giveBack((data) => terminal.giveBack(data), relayFd);
    },
    hangup: (code) => session?.hangup(code),
    resumed: () => session?.resumed(),
  });
  try {
    if (runLinear !== undefined && terminal !== undefined) {
      return await runLinear(request, terminal, guard, (hangup) => {
        session = { hangup, resumed: () => terminal.writeNow(PASTE_MARKS_ON) };
      });
    }
    const interactive = new InteractiveSession(request, terminal, guard);
    session = interactive;
    return await interactive.run();
  } finally {
    guard.release();
    await terminal?.close(0);
  }
}
