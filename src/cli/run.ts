/** `nono run`: a command inside the sandbox, a supervisor beside it. */

import { takeWaitingLauncher } from '../sandbox/linux/waiting-launcher.ts';
import { announce } from './announce.ts';
import { detachedHost, mustDetach } from './detaching.ts';
import { prepare, refuseBlockedCommand } from './prepare.ts';
import { checkSessionName } from './session-facts.ts';
import type { Options } from './tables/flags.ts';

export async function run(argv: readonly [string, ...string[]], options: Options): Promise<number> {
  const waiting = takeWaitingLauncher('run');
  checkSessionName(options.name);
  const detached = detachedHost();
  if (mustDetach(options, detached)) {
    const { startDetached } = await import('./detached.ts');
    return startDetached(options);
  }
  const prepared = prepare(options);
  refuseBlockedCommand(prepared.policy, argv[0]);
  if (!announce(prepared, argv, 'supervised', options)) return 0;
  // Not loaded for `wrap`.
  const { runSupervised } = await import('./supervised.ts');
  return runSupervised(prepared, argv, options, detached === undefined, waiting, detached);
}
