/** The commands that run something, in a bundle of their own. */
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { rememberedLayout } from '../../config/remembered-layout.ts';
import { chooseEnvironment } from '../../policy/resolve/environment.ts';
import { policyContext } from '../../policy/resolve/load.ts';
import { resolvePolicy } from '../../policy/resolve/resolve.ts';
import { attachShellLauncher } from '../../sandbox/linux/shell-launcher.ts';
import { takeWaitingLauncher } from '../../sandbox/linux/waiting-launcher.ts';
import type { parseCommandLine } from '../line/parse.ts';
import type { PaneLaunch } from '../pane/pane-launch.ts';
import { paneShell } from '../pane/pane-settings.ts';
import type { Options } from '../tables/flags.ts';
import { prepare } from './prepare.ts';
import { pipeNamed, warmUpRun, withStateOfItsOwn } from './warm-up-run.ts';
import { wrapPlan } from './wrap-plan.ts';

const PIPE_TAKES = 4096;

export { shell } from '../pane/shell.ts';
export { run } from './run.ts';
export { wrap } from './wrap.ts';

/**
 * What a start does up to the launch, once: run by the build before it saves the code cache. The parser is the first bundle's, so that its tables are not
 * in this one as well.
 */
export async function warmUp(first: { readonly parseCommandLine: typeof parseCommandLine }): Promise<void> {
  for (const command of ['run', 'wrap']) {
    const { options } = first.parseCommandLine([command, '-s', '--allow-cwd', '--allow', '.', 'true'], {});
    wrapPlan(prepare(options as Options, false, false), options);
    if (command === 'run') {
      const { runSupervised } = await import('./supervised.ts');
      await warmUpRun((waiting) => runSupervised(prepare(options), ['true'], options, false, waiting));
    }
  }
  const { options } = first.parseCommandLine(['shell', '-s', '--allow', '.'], {});
  const { panePlan, paneShell, paneVariables, startShell } = await import('../pane/pane-launch.ts');
  const prepared = prepare(options as Options, true);
  const variables = paneVariables(prepared.environment, paneShell('/bin/bash').env, false);
  const { plan } = panePlan(prepared, variables, options as Options);
  // One that waits takes the plan, or as much of it as a pipe that nobody reads.
  const nobody = openSync('/dev/null', 'r+');
  process.env['NONO_LAUNCHER'] = `shell:1:${nobody}:${nobody}:${nobody}`;
  takeWaitingLauncher('shell');
  const size = { cols: 80, rows: 24 };
  await withStateOfItsOwn(async (directory) => {
    const waiting = { plan: pipeNamed(join(directory, 'plan')), events: pipeNamed(join(directory, 'events')), pid: 1 };
    attachShellLauncher(waiting, ['/bin/true'], plan.subarray(0, PIPE_TAKES), size);
    await new Promise(setImmediate);
  });
  // No launcher: the build may run where nothing can be confined.
  const { launch, pty } = startShell({ launcher: '/bin/true', plan, argv: ['/bin/true'] }, size);
  await launch({ onEvent: () => {} }).end;
  pty.close();
}

/** For the warm-up of the session's bundle, which resolves nothing: a pane whose shell has not been started. */
export function examplePane(): PaneLaunch {
  const policy = resolvePolicy({ workdir: '/', cwd: '/' }, policyContext());
  return {
    prepared: { policy, environment: chooseEnvironment(process.env, policy.environment), directory: '/' },
    compiled: { matches: [], warnings: [], floor: [], carved: [] },
    plan: undefined,
    findings: undefined,
    start: paneShell('/bin/sh'),
    ui: {},
    layout: rememberedLayout(nonoDirectories(process.env).state, undefined),
    linear: false,
    early: undefined,
  };
}
