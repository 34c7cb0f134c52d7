/** One command under the supervisor with nono's own streams, nothing asked: `run`, and `shell` without a terminal. */
import { cannotWrite } from '../config/cannot-write.ts';
import { fastPathLibrary, nativeProgram } from '../platform/installation.ts';
import { compilePlan } from '../policy/compile.ts';
import { KEPT_OUTPUT, makeOutput } from '../registry/kept-output.ts';
import { Registration } from '../registry/registration.ts';
import { type LaunchRequest, launchSandbox } from '../sandbox/linux/launch.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { askedFor } from './cacheable.ts';
import type { DetachedHost } from './detaching.ts';
import { logLine, logs, logWants } from './log.ts';
import { logPlan } from './log-events.ts';
import { say } from './output.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { sessionFacts } from './session-facts.ts';
import { withSessionTmp } from './session-tmp.ts';
import { forwardSignals } from './signals.ts';
import { startupSeconds } from './startup-timeout.ts';
import { supervise } from './supervise.ts';
import type { Options } from './tables/flags.ts';

/** Without an entry, and a place for what it prints, nothing runs out of sight. */
function claimed(registration: Registration): string {
  try {
    registration.claim();
    makeOutput(registration.files.output);
    return registration.files.output;
  } catch (error) {
    registration.ended(1);
    throw cannotWrite(registration.files.output, error, 'nothing was started');
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
      reportExec: logWants('trace'),
    },
    fs,
  );
  // What is wrong with either is said before anything is started.
  const facts = sessionFacts(policy, argv, options);
  startupSeconds(options.startupTimeout);
  // Looked for only where somebody is told: it takes a search of directories.
  if (logs()) for (const finding of compiled.findings) logLine('warn', finding);
  for (const warning of compiled.warnings) logLine('info', warning);
  logPlan(compiled, prepared.environment.values);
  if (!options.silent) for (const finding of compiled.findings) say(`  [nono] ${visibleText(finding)}\n`);
  if (options.verbose > 0) for (const warning of compiled.warnings) say(`  [nono] ${visibleText(warning)}\n`);
  const early = detached === undefined ? undefined : new Registration(facts, false, 'detached');
  const output = early === undefined ? undefined : claimed(early);
  const done = supervise({
    argv,
    options,
    policy: () => policy,
    about: () => policy,
    early,
    detached,
    offersToSave,
    start: (onEvent) => {
      // Before there is a command: a Ctrl-C that comes right after its first line must not end nono in its place. Handlers run when this function waits, so `sandbox` is there.
      const stop = forwardSignals((signal) => sandbox.send({ type: 'signal', signal }));
      const sandbox: ReturnType<typeof launchSandbox> = launchSandbox({
        launcher: nativeProgram('nono-launch'),
        ...(output === undefined
          ? {}
          : { keeper: { program: nativeProgram('nono-keep'), file: output, bytes: KEPT_OUTPUT } }),
        plan: compiled.plan,
        argv,
        stdio: ['inherit', 'inherit', 'inherit'],
        waiting,
        asked: askedFor(options, prepared.environment, policy),
        onEvent,
      });
      return { sandbox, stop };
    },
  });
  return done.catch((error: unknown) => {
    early?.ended(1);
    throw error;
  });
}
