/** `nono shell` on a terminal: guards the terminal, and runs the session in the pane or as lines of text. */
import { openOuterTerminal } from '../terminal/outer-terminal.ts';
import { PASTE_MARKS_OFF, RESTORE_SCREEN, RESTORE_TITLE } from '../terminal/screen-sequences.ts';
import type { InteractiveRequest } from './interactive-request.ts';
import { InteractiveSession } from './interactive-session.ts';
import { guardTerminal } from './session-guard.ts';

/** Runs a session on the user's terminal; resolves with the shell's exit code. Throws NonoError, with the terminal given back, when it could not start. */
export async function runInteractive(request: InteractiveRequest): Promise<number> {
  const relayFd = Number.parseInt(request.env['NONO_RELAY_FD'] ?? '', 10);
  const relayed = Number.isInteger(relayFd);
  let session: { hangup(code: number): void; resumed(): void } | undefined;
  // Before anything is guarded: a hangup must find a session that it ends.
  const runLinear = request.linear === true ? (await import('./linear/run-linear.ts')).runLinear : undefined;
  const terminal =
    request.detached === undefined ? openOuterTerminal(request.stdin, request.stdout, !relayed) : undefined;
  const guard = guardTerminal({
    relayFd: relayed ? relayFd : undefined,
    relayProgram: request.relay,
    restore: () =>
      terminal?.giveBack(request.linear === true ? PASTE_MARKS_OFF : RESTORE_SCREEN + (relayed ? '' : RESTORE_TITLE)),
    hangup: (code) => session?.hangup(code),
    resumed: () => session?.resumed(),
  });
  try {
    if (runLinear !== undefined && terminal !== undefined) {
      return await runLinear(request, terminal, guard, (hangup) => {
        session = { hangup, resumed: () => {} };
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
