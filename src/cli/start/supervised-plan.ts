/** The plan of a command under the supervisor with nono's own streams: `run`, and `shell` without a terminal. */
import { fastPathLibrary } from '../../platform/installation.ts';
import { type CompiledPlan, compilePlan } from '../../policy/plan/compile.ts';
import type { SessionFacts } from '../../registry/registration.ts';
import { logWants } from '../log/log.ts';
import { sessionFacts } from '../sessions/session-facts.ts';
import type { Options } from '../tables/flags.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { type WithTmp, withSessionTmp } from './session-tmp.ts';
import { startupSeconds } from './startup-timeout.ts';
import { tellPlan } from './told-plan.ts';

export interface SupervisedPlan {
  readonly prepared: WithTmp;
  readonly compiled: CompiledPlan;
  readonly facts: SessionFacts;
}

export function supervisedPlan(before: Prepared, argv: readonly string[], options: Options): SupervisedPlan {
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
  tellPlan(compiled, prepared, options);
  return { prepared, compiled, facts };
}
