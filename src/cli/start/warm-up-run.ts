/** One `run` without a command: everything from the plan to the end of the session, so that the build can save what V8 compiled for it. Never run by users. */
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WaitingLauncher } from '../../sandbox/linux/waiting-launcher.ts';

/** READY and EXIT, as a supervisor would send them (native/PROTOCOL.md). */
export const said = Buffer.from([
  ...[20, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
  ...[2, 0, 0, 0, 7, 0, 0, 0, 0, 0],
]);

/** Neither the registry nor a temporary directory of the user who builds. `directory` is for whatever the work writes. */
export async function withStateOfItsOwn(work: (directory: string) => Promise<void>): Promise<void> {
  const { tmpdir } = process.getBuiltinModule('node:os');
  const directory = mkdtempSync(join(tmpdir(), 'nono-warm-up-'));
  const before = { ...process.env };
  try {
    Object.assign(process.env, { XDG_STATE_HOME: join(directory, 'state'), TMPDIR: directory });
    await work(directory);
  } finally {
    for (const name of ['XDG_STATE_HOME', 'TMPDIR'])
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    rmSync(directory, { recursive: true, force: true });
  }
}

/** In the place of a socket of the launcher's: what is written to it is read from it. */
export function pipeNamed(path: string): number {
  process.getBuiltinModule('node:child_process').execFileSync('mkfifo', [path]);
  return openSync(path, 'r+');
}

export async function warmUpRun(run: (waiting: WaitingLauncher, directory: string) => Promise<unknown>): Promise<void> {
  await withStateOfItsOwn(async (directory) => {
    const events = join(directory, 'events');
    writeFileSync(events, said);
    await run({ plan: openSync('/dev/null', 'r+'), events: openSync(events, 'r'), pid: 1 }, directory);
  });
}
