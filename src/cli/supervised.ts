/** One command under the supervisor with nono's own streams, nothing asked: `run`, and `shell` without a terminal. */
import { NonoError } from '../platform/errors.ts';
import { fastPathLibrary, nativeProgram } from '../platform/installation.ts';
import { compilePlan } from '../policy/compile.ts';
import { Registration } from '../registry/registration.ts';
import { openOutput } from '../registry/session-store.ts';
import { type LaunchRequest, launchSandbox } from '../sandbox/linux/launch.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { askedFor } from './cacheable.ts';
import type { DetachedHost } from './detaching.ts';
import { logLine, logs } from './log.ts';
import { say } from './output.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { sessionFacts } from './session-facts.ts';
import { withSessionTmp } from './session-tmp.ts';
import { forwardSignals } from './signals.ts';
import { startupSeconds } from './startup-timeout.ts';
import { supervise } from './supervise.ts';
import type { Options } from './tables/flags.ts';

/** Without a place for what it prints nothing runs out of sight. */
function outputOf(state: string, id: string): number {
  try {
    return openOutput(state, id);
  } catch (cause) {
    throw new NonoError('session-state', `what a detached command prints cannot be kept: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Resolves with the exit code of the command: its own, or 128+n when signal n ended it. */
export async function runSupervised(
  before: Prepared,
  argv: readonly string[],
  options: Options,
  offersToSave = false,
  waiting?: LaunchRequest['waiting'],
  detached?: DetachedHost,
): Promise<number> {
  const prepared = withSessionTmp(before, before.policy.privateTmp === true);
  const { policy, fs, directory } = prepared;
  const compiled = compilePlan(
    policy,
    {
      supervise: true,
      mode: 'deny',
      allowDegraded: options.allowDegraded,
      env: prepared.environment.values,
      tmpdir: prepared.tmpdir,
      openFiles: openFilesOutside(process.env),
      cwd: directory,
      fastPath: options.noFastPath ? undefined : fastPathLibrary(),
    },
    fs,
  );
  // What is wrong with either is said before anything is started.
  const facts = sessionFacts(policy, argv, options);
  startupSeconds(options.startupTimeout);
  // Looked for only where somebody is told: it takes a search of directories.
  if (logs()) for (const finding of compiled.findings) logLine('warn', finding);
  for (const warning of compiled.warnings) logLine('info', warning);
  if (!options.silent) for (const finding of compiled.findings) say(`  [nono] ${visibleText(finding)}\n`);
  if (options.verbose > 0) for (const warning of compiled.warnings) say(`  [nono] ${visibleText(warning)}\n`);
  const early = detached === undefined ? undefined : new Registration(facts, false, 'detached');
  const output = early === undefined ? undefined : outputOf(facts.state, early.id);
  return supervise({
    argv,
    options,
    policy: () => policy,
    early,
    detached,
    offersToSave,
    start: (onEvent) => {
      // Before there is a command: a Ctrl-C that comes right after its first line must not end nono in its place. Handlers run when this function waits, so `sandbox` is there.
      const stop = forwardSignals((signal) => sandbox.send({ type: 'signal', signal }));
      const sandbox: ReturnType<typeof launchSandbox> = launchSandbox({
        launcher: nativeProgram('nono-launch'),
        plan: compiled.plan,
        argv,
        stdio: output === undefined ? ['inherit', 'inherit', 'inherit'] : ['inherit', output, output],
        waiting,
        asked: askedFor(options),
        onEvent,
      });
      return { sandbox, stop };
    },
  });
}
