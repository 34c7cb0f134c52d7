/** The commands that run something, in a bundle of their own. */
import { policyContext } from '../policy/load.ts';
import type { ResolvedPolicy } from '../policy/model.ts';
import { resolvePolicy } from '../policy/resolve.ts';
import type { parseCommandLine } from './parse.ts';
import { prepare } from './prepare.ts';
import type { Options } from './tables/flags.ts';
import { warmUpRun } from './warm-up-run.ts';
import { wrapPlan } from './wrap.ts';

export { run } from './run.ts';
export { shell } from './shell.ts';
export { wrap } from './wrap.ts';

/**
 * What a start does up to the launch, once: run by the build before it saves the code cache. The parser is the first bundle's, so that its tables are not
 * in this one as well.
 */
export async function warmUp(first: { readonly parseCommandLine: typeof parseCommandLine }): Promise<void> {
  for (const command of ['run', 'wrap']) {
    const { options } = first.parseCommandLine([command, '-s', '--allow-cwd', '--allow', '.', 'true'], {});
    wrapPlan(prepare(options as Options, false, false), options);
    if (command === 'run') await warmUpRun(options as Options);
  }
  const { options } = first.parseCommandLine(['shell', '-s', '--allow', '.'], {});
  const { panePlan, paneShell, startShell } = await import('./pane-launch.ts');
  const { plan } = panePlan(prepare(options as Options, true), paneShell('/bin/bash'), options as Options, false);
  // No launcher: the build may run where nothing can be confined.
  const { launch, pty } = startShell({ launcher: '/bin/true', plan, argv: ['/bin/true'] }, { cols: 80, rows: 24 });
  await launch({ onEvent: () => {} }).end;
  pty.close();
}

/** For the warm-up of the session's bundle, which resolves nothing. */
export function examplePolicy(): ResolvedPolicy {
  return resolvePolicy({ workdir: '/', cwd: '/' }, policyContext());
}
