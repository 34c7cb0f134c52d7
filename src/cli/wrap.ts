/** `nono wrap`: the floor and the static filter, then the command in place of nono. */
import { NonoError } from '../platform/errors.ts';
import { nativeProgram } from '../platform/installation.ts';
import { type CompiledPlan, compilePlan, floorOnlyProblems } from '../policy/compile.ts';
import { takeWaitingLauncher, type WaitingLauncher, writeLaunch } from '../sandbox/linux/waiting-launcher.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { announce } from './announce.ts';
import { askedFor } from './cacheable.ts';
import { logLine, logs } from './log.ts';
import { logPlan } from './log-events.ts';
import { say } from './output.ts';
import { writePlanFile } from './plan-file.ts';
import { openFilesOutside, type Prepared, prepare, refuseBlockedCommand } from './prepare.ts';
import type { Options } from './tables/flags.ts';

/** Split off so that the build can warm it up. */
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
  return compilePlan(policy, request, fs);
}

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
  const file = writePlanFile(plan);
  // Node ignores these two, and what is ignored stays ignored over exec; what is handled becomes the default again.
  for (const ignored of ['SIGPIPE', 'SIGXFSZ'] as const) process.on(ignored, () => {});
  const args = ['nono-launch', '--plan', file, '--unlink-plan', ...(notices ? ['--notices'] : []), '--', ...argv];
  // The launcher gets no environment: the command's own is in the plan.
  return process.execve(nativeProgram('nono-launch'), args, {});
}

/** Returns after a dry run, or when another process has become the command in its place. */
export function wrap(argv: readonly [string, ...string[]], options: Options): number {
  const waiting = takeWaitingLauncher('wrap');
  const prepared = prepare(options, false, false);
  refuseBlockedCommand(prepared.policy, argv[0]);
  if (!announce(prepared, argv, 'wrapped', options)) return 0;
  const compiled = wrapPlan(prepared, options);
  const { plan, warnings } = compiled;
  // Looked for only where somebody is told: it takes a search of directories.
  if (logs()) for (const finding of compiled.findings) logLine('warn', finding);
  for (const warning of warnings) logLine('info', warning);
  logPlan(compiled, prepared.environment.values);
  logLine('info', 'the command takes the place of nono; what it is denied, nobody sees');
  if (!options.silent) for (const finding of compiled.findings) say(`  [nono] ${visibleText(finding)}\n`);
  if (options.verbose > 0) for (const warning of warnings) say(`  [nono] ${visibleText(warning)}\n`);
  return waiting === undefined
    ? becomeLauncher(argv, plan, !options.silent)
    : handOver(waiting, argv, plan, prepared, options);
}
