/** One short session against a terminal nobody sees and a sandbox that is none, so that the build can save what V8 compiled for it. Never run by users. */
import { openSync, writeSync } from 'node:fs';
import type { LaunchRequest, RunningSandbox } from '../../sandbox/linux/launch.ts';
import type { AccessRecord } from '../../sandbox/linux/wire.ts';
import { runInteractive } from '../../session/interactive.ts';
import type { InteractiveRequest } from '../../session/interactive-request.ts';
import { openPty } from '../../terminal/pty.ts';

const PROMPT = '\x1b]133;A\x07\x1b[1;32muser@host\x1b[0m:~$ \x1b]133;B\x07';
const SESSION_MS = 700;

const denied: AccessRecord = {
  pid: 1,
  tid: 1,
  parentPid: 1,
  verb: 'openat',
  access: 'read',
  reason: 'not-granted',
  ruleId: 0xffff_ffff,
  object: 'file',
  path: '/nonexistent/file',
  comm: 'cat',
  parentComm: 'bash',
};

function later(ms: number, run: () => void): Promise<void> {
  return new Promise((resolve) =>
    setTimeout(() => {
      run();
      resolve();
    }, ms),
  );
}

/** Says and does what a shell and its supervisor would. */
function playSandbox(request: LaunchRequest): RunningSandbox {
  // The session closes its copy of the slave after the launch, as for a real child.
  const shell = openSync(`/proc/self/fd/${request.stdio[1]}`, 'r+');
  const { onEvent } = request;
  const play = async (): Promise<{ readonly kind: 'exited'; readonly code: number }> => {
    await later(10, () =>
      onEvent({ type: 'ready', abi: 7, guardianPid: 1, supervisorPid: 1, childPid: 1, features: 0 }),
    );
    await later(10, () => writeSync(shell, PROMPT));
    await later(SESSION_MS / 2, () => onEvent({ type: 'denied', record: denied }));
    await later(SESSION_MS / 2, () =>
      writeSync(shell, `\r\n\x1b[?25l\x1b[31mtext\x1b[0m \u2500\x1b[?25h\r\n${PROMPT}`),
    );
    return { kind: 'exited', code: 0 };
  };
  return { pid: 1, send: () => {}, end: play(), close: () => {} };
}

/** In the place of runInteractive. Hard links are looked for in no directory of the user who builds. */
export async function sessionForNobody(request: InteractiveRequest): Promise<number> {
  const outer = openPty({ cols: 120, rows: 36 });
  outer.read(
    () => {},
    () => {},
  );
  setTimeout(() => outer.write('ls\r'), SESSION_MS / 2);
  // Without its programs it can be detached by nobody.
  const { relay, attach, ...rest } = request;
  const code = await runInteractive({
    ...rest,
    stdin: outer.slave,
    stdout: outer.slave,
    launch: playSandbox,
    found: () => [],
  });
  outer.close();
  return code;
}
