/** One command under the supervisor with nono's own streams, nothing asked: `run`, and `shell` without a terminal. */
import { cannotWrite } from '../../config/cannot-write.ts';
import { nativeProgram } from '../../platform/installation.ts';
import { KEPT_OUTPUT, makeOutput } from '../../registry/kept-output.ts';
import { Registration } from '../../registry/registration.ts';
import { type LaunchRequest, launchSandbox } from '../../sandbox/linux/launch.ts';
import type { DetachedHost } from '../sessions/detaching.ts';
import type { Options } from '../tables/flags.ts';
import { askedFor } from './cacheable.ts';
import type { Prepared } from './prepare.ts';
import { forwardSignals } from './signals.ts';
import { supervise } from './supervise.ts';
import { supervisedPlan } from './supervised-plan.ts';

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
  const { prepared, compiled, facts } = supervisedPlan(before, argv, options);
  const { policy } = prepared;
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
