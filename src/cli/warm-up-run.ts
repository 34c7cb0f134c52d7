/** One `run` without a command: everything from the plan to the end of the session, so that the build can save what V8 compiled for it. Never run by users. */
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './prepare.ts';
import type { Options } from './tables/flags.ts';

/** READY and EXIT, as a supervisor would send them (native/PROTOCOL.md). */
const said = Buffer.from([
  ...[20, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
  ...[2, 0, 0, 0, 7, 0, 0, 0, 0, 0],
]);

export async function warmUpRun(options: Options): Promise<void> {
  const { runSupervised } = await import('./supervised.ts');
  const directory = mkdtempSync(join(tmpdir(), 'nono-warm-up-'));
  const before = { ...process.env };
  try {
    // Neither the registry nor a temporary directory of the user who builds.
    Object.assign(process.env, { XDG_STATE_HOME: join(directory, 'state'), TMPDIR: directory });
    const events = join(directory, 'events');
    writeFileSync(events, said);
    const waiting = { plan: openSync('/dev/null', 'r+'), events: openSync(events, 'r'), pid: 1 };
    await runSupervised(prepare(options), ['true'], options, false, waiting);
  } finally {
    for (const name of ['XDG_STATE_HOME', 'TMPDIR'])
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    rmSync(directory, { recursive: true, force: true });
  }
}
