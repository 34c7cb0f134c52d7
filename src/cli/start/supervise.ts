/** A command that runs under the supervisor, from its first event to what is said when it has ended. */
import { monotonicMs } from '../../platform/clock.ts';
import { NonoError } from '../../platform/errors.ts';
import { insideAnotherSession } from '../../platform/nested.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import { Registration } from '../../registry/registration.ts';
import type { RunningSandbox, SandboxEnd } from '../../sandbox/linux/launch.ts';
import type { SupervisorEvent } from '../../sandbox/linux/wire.ts';
import { exitCodeOf, SIGNAL_BASE } from '../../session/life/session-end.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { logEvent } from '../log/log-events.ts';
import { say } from '../output/output.ts';
import { canAsk } from '../output/prompt.ts';
import { paint } from '../output/theme.ts';
import type { PolicyAbout } from '../policy/policy-record.ts';
import type { DetachedHost } from '../sessions/detaching.ts';
import { sessionFacts } from '../sessions/session-facts.ts';
import type { Options } from '../tables/flags.ts';
import { executionHint } from './cannot-execute.ts';
import { createDenialList } from './denials.ts';
import { diagnosticsJson } from './diagnostics-json.ts';
import { startupSeconds } from './startup-timeout.ts';

const STDERR = 2;

/** What limits hold is said whenever some were asked for, and what a session could not end whenever there is such a thing. */
function isWanted(notice: string, options: Options): boolean {
  return options.verbose > 0 || options.allowDegraded || (/^(?:limits|left|mounted): /.test(notice) && !options.silent);
}

/** The exit code, also for the registry; a session that was lost has none. */
function registered(registration: Registration, end: SandboxEnd, policy: () => ResolvedPolicy): number {
  try {
    const code = exitCodeOf(end);
    registration.ended(code);
    return code;
  } catch (error) {
    registration.ended(1);
    if (end.kind !== 'setup-failed' || !(error instanceof NonoError)) throw error;
    const hint = executionHint(end, policy());
    throw hint === undefined ? error : new NonoError(error.code, error.message, { hint });
  }
}

/** Only somebody at a terminal is asked; inside another session no profile can be written. */
function mayOffer(options: Options): boolean {
  return !options.silent && !options.noSavePrompt && !options.diagnosticsJson && canAsk() && !insideAnotherSession();
}

export interface Started {
  readonly sandbox: RunningSandbox;
  /** Signals are no longer passed on. */
  readonly stop: () => void;
}

export interface Supervision {
  readonly argv: readonly string[];
  readonly options: Options;
  /** Asked for once the command is started. */
  readonly policy: () => ResolvedPolicy;
  /** The same, asked for always. */
  readonly about: () => PolicyAbout;
  readonly start: (onEvent: (event: SupervisorEvent) => void) => Started;
  /** The entry of a session that has one already. */
  readonly early?: Registration | undefined;
  readonly detached?: DetachedHost | undefined;
  readonly offersToSave: boolean;
}

/** Resolves with the exit code of the command: its own, or 128+n when signal n ended it. */
export async function supervise({
  argv,
  options,
  policy,
  about,
  start,
  early,
  detached,
  offersToSave,
}: Supervision): Promise<number> {
  const seconds = startupSeconds(options.startupTimeout);
  let late = false;
  let deadline: NodeJS.Timeout | undefined;
  let startedInTime = (): void => undefined;
  const began = monotonicMs();
  const onEvent = (event: SupervisorEvent): void => {
    if (event.type === 'ready') startedInTime();
    registration.event(event);
    logEvent(event);
    if (event.type === 'ready') detached?.started(registration.id);
    // Written while the guardian cleans up, not after it; of a detached one not before the last that it printed.
    if (event.type === 'exit' && early === undefined)
      registration.ended(event.signalled ? SIGNAL_BASE + event.code : event.code);
    if (event.type === 'denied') denials.add(event.record);
    else if (event.type === 'net-denied') denials.addNet(event.net);
    else if (event.type === 'dropped') denials.drop(event.count);
    else if (event.type === 'notice' && isWanted(event.text, options)) say(`  [nono] ${visibleText(event.text)}\n`);
  };
  const { sandbox, stop } = start(onEvent);
  // While the launcher works; no event comes before this is done.
  const denials = createDenialList();
  const registration = early ?? new Registration(sessionFacts(about(), argv, options), false);
  const giveUp = (): void => {
    late = true;
    // Hanging up ends everything that was started so far.
    sandbox.close();
  };
  const allowed = seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000;
  // By the clock: on a busy machine the word that it runs may be read before the timer is.
  startedInTime = () => {
    clearTimeout(deadline);
    if (monotonicMs() - began > allowed) giveUp();
  };
  if (seconds !== undefined) deadline = setTimeout(giveUp, allowed);
  const end = await sandbox.end;
  clearTimeout(deadline);
  stop();
  if (late) {
    registration.ended(1);
    throw new NonoError('sandbox-setup', `the command was not started within ${seconds} s`);
  }
  const code = registered(registration, end, policy);
  if (options.diagnosticsJson) say(`${diagnosticsJson(denials, policy(), code)}\n`);
  else if (code !== 0 && !options.silent && !options.noDiagnostics)
    say(denials.footer(policy(), paint(options, STDERR)));
  if (code !== 0 && offersToSave && mayOffer(options)) {
    const { offerToSave } = await import('./offer-save.ts');
    await offerToSave(policy(), denials);
  }
  return code;
}
