/** The plan of `nono wrap`: the floor and the static filter. */
import { NonoError } from '../../platform/errors.ts';
import { type CompiledPlan, compilePlan, floorOnlyProblems } from '../../policy/plan/compile.ts';
import { logLine } from '../log/log.ts';
import type { Options } from '../tables/flags.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { tellPlan } from './told-plan.ts';

export function wrapPlan(prepared: Prepared, options: Options): CompiledPlan {
  const { policy, fs, directory } = prepared;
  const problem = floorOnlyProblems(policy, options.allowDegraded)[0];
  if (problem !== undefined) {
    throw new NonoError('not-supported', `nono wrap cannot hold this policy: ${problem}`, { hint: 'use nono run' });
  }
  const request = {
    supervise: false,
    mode: 'deny',
    allowDegraded: options.allowDegraded,
    env: prepared.environment.values,
    openFiles: openFilesOutside(process.env),
    cwd: directory,
  } as const;
  const compiled = compilePlan(policy, request, fs);
  tellPlan(compiled, prepared, options);
  logLine('info', 'the command takes the place of nono; what it is denied, nobody sees');
  return compiled;
}
