/** One command under the supervisor with nono's own streams, nothing asked: `run`, and `shell` without a terminal. */
import { NonoError } from '../platform/errors.ts';
import { fastPathLibrary, nativeProgram } from '../platform/installation.ts';
import { insideAnotherSession } from '../platform/nested.ts';
import { compilePlan } from '../policy/compile.ts';
import { Registration } from '../registry/registration.ts';
import { openOutput } from '../registry/session-store.ts';
import { type LaunchRequest, launchSandbox, type SandboxEnd } from '../sandbox/linux/launch.ts';
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import { exitCodeOf, SIGNAL_BASE } from '../session/session-end.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { createDenialList } from './denials.ts';
import type { DetachedHost } from './detaching.ts';
import { diagnosticsJson } from './diagnostics-json.ts';
import { logLine, logs } from './log.ts';
import { logEvent } from './log-events.ts';
import { say } from './output.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { canAsk } from './prompt.ts';
import { sessionFacts } from './session-facts.ts';
import { withSessionTmp } from './session-tmp.ts';
import { forwardSignals } from './signals.ts';
import { startupSeconds } from './startup-timeout.ts';
import type { Options } from './tables/flags.ts';
import { paint } from './theme.ts';

const STDERR = 2;

/** What limits hold is said whenever some were asked for. */
function isWanted(notice: string, options: Options): boolean {
  return options.verbose > 0 || options.allowDegraded || (notice.startsWith('limits: ') && !options.silent);
}

/** The exit code, also for the registry; a session that was lost has none. */
function registered(registration: Registration, end: SandboxEnd): number {
  try {
    const code = exitCodeOf(end);
    registration.ended(code);
    return code;
  } catch (error) {
    registration.ended(1);
    throw error;
  }
}

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

/** Only somebody at a terminal is asked; inside another session no profile can be written. */
function mayOffer(options: Options): boolean {
  return !options.silent && !options.noSavePrompt && !options.diagnosticsJson && canAsk() && !insideAnotherSession();
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
  const facts = sessionFacts(policy, argv, options);
  const seconds = startupSeconds(options.startupTimeout);
  let late = false;
  let deadline: NodeJS.Timeout | undefined;
  let startedInTime = (): void => undefined;
  const began = performance.now();
  const onEvent = (event: SupervisorEvent): void => {
    if (event.type === 'ready') startedInTime();
    registration.event(event);
    logEvent(event);
    if (event.type === 'ready') detached?.started(registration.id);
    // Written while the guardian cleans up, not after it.
    if (event.type === 'exit') registration.ended(event.signalled ? SIGNAL_BASE + event.code : event.code);
    if (event.type === 'denied') denials.add(event.record);
    else if (event.type === 'net-denied') denials.addNet(event.net);
    else if (event.type === 'dropped') denials.drop(event.count);
    else if (event.type === 'notice' && isWanted(event.text, options)) say(`  [nono] ${visibleText(event.text)}\n`);
  };
  // Looked for only where somebody is told: it takes a search of directories.
  if (logs()) for (const finding of compiled.findings) logLine('warn', finding);
  for (const warning of compiled.warnings) logLine('info', warning);
  if (!options.silent) for (const finding of compiled.findings) say(`  [nono] ${visibleText(finding)}\n`);
  if (options.verbose > 0) for (const warning of compiled.warnings) say(`  [nono] ${visibleText(warning)}\n`);
  const early = detached === undefined ? undefined : new Registration(facts, false, 'detached');
  const output = early === undefined ? undefined : outputOf(facts.state, early.id);
  // Before there is a command: a Ctrl-C that comes right after its first line must not end nono in its place. Handlers run when this function waits, so `sandbox` is there.
  const stop = forwardSignals((signal) => sandbox.send({ type: 'signal', signal }));
  const sandbox: ReturnType<typeof launchSandbox> = launchSandbox({
    launcher: nativeProgram('nono-launch'),
    plan: compiled.plan,
    argv,
    stdio: output === undefined ? ['inherit', 'inherit', 'inherit'] : ['inherit', output, output],
    waiting,
    onEvent,
  });
  // While the launcher works; no event comes before this is done.
  const denials = createDenialList();
  const registration = early ?? new Registration(facts, false);
  const giveUp = (): void => {
    late = true;
    // Hanging up ends everything that was started so far.
    sandbox.close();
  };
  const allowed = seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000;
  // By the clock: on a busy machine the word that it runs may be read before the timer is.
  startedInTime = () => {
    clearTimeout(deadline);
    if (performance.now() - began > allowed) giveUp();
  };
  if (seconds !== undefined) deadline = setTimeout(giveUp, allowed);
  const end = await sandbox.end;
  clearTimeout(deadline);
  stop();
  if (late) {
    registration.ended(1);
    throw new NonoError('sandbox-setup', `the command was not started within ${seconds} s`);
  }
  const code = registered(registration, end);
  if (options.diagnosticsJson) say(`${diagnosticsJson(denials, policy, code)}\n`);
  else if (code !== 0 && !options.silent && !options.noDiagnostics) say(denials.footer(policy, paint(options, STDERR)));
  if (code !== 0 && offersToSave && mayOffer(options)) {
    const { offerToSave } = await import('./offer-save.ts');
    offerToSave(policy, denials);
  }
  return code;
}
