/** `nono wrap`: the floor and the static filter, then the command in place of nono. */
import { NonoError } from '../../platform/errors.ts';
import { nativeProgram } from '../../platform/installation.ts';
import { takeWaitingLauncher, type WaitingLauncher, writeLaunch } from '../../sandbox/linux/waiting-launcher.ts';
import type { Options } from '../tables/flags.ts';
import { announce } from './announce.ts';
import { askedFor } from './cacheable.ts';
import { writePlanFile } from './plan-file.ts';
import { type Prepared, prepare, refuseBlockedCommand } from './prepare.ts';
import { wrapPlan } from './wrap-plan.ts';

/** Hands over to the process that bin/nono started: the launcher that ends this one and becomes the command. */
function handOver(
  waiting: WaitingLauncher,
  argv: readonly string[],
  plan: Buffer,
  prepared: Prepared,
  options: Options,
): number {
  const asked = askedFor(options, prepared.environment, undefined);
  try {
    writeLaunch(waiting.plan, argv, plan, { notices: !options.silent, asked });
  } catch (cause) {
    throw new NonoError('sandbox-setup', 'the launcher is gone before it had its plan', { cause });
  }
  return 0;
}

/** This process becomes the launcher, and the launcher the command. */
function becomeLauncher(argv: readonly string[], plan: Buffer, notices: boolean): number {
  if (process.execve === undefined) {
    throw new NonoError('installation', `Node.js ${process.versions.node} cannot replace its own process`);
  }
  const words = writePlanFile(plan);
  // Node ignores these two, and what is ignored stays ignored over exec; what is handled becomes the default again.
  for (const ignored of ['SIGPIPE', 'SIGXFSZ'] as const) process.on(ignored, () => {});
  const args = ['nono-launch', ...words, ...(notices ? ['--notices'] : []), '--', ...argv];
  // The launcher gets no environment: the command's own is in the plan.
  return process.execve(nativeProgram('nono-launch'), args, {});
}

/** Returns after a dry run, or when another process has become the command in its place. */
export function wrap(argv: readonly [string, ...string[]], options: Options): number {
  const waiting = takeWaitingLauncher('wrap');
  const prepared = prepare(options, false, false);
  refuseBlockedCommand(prepared.policy, argv[0]);
  if (!announce(prepared, argv, 'wrapped', options)) return 0;
  const { plan } = wrapPlan(prepared, options);
  return waiting === undefined
    ? becomeLauncher(argv, plan, !options.silent)
    : handOver(waiting, argv, plan, prepared, options);
}
