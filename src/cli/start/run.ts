/** `nono run`: a command inside the sandbox, a supervisor beside it. */

import { takeWaitingLauncher } from '../../sandbox/linux/waiting-launcher.ts';
import { detachedHost, mustDetach } from '../sessions/detaching.ts';
import { checkSessionName } from '../sessions/session-facts.ts';
import type { Options } from '../tables/flags.ts';
import { announce } from './announce.ts';
import { prepare, refuseBlockedCommand } from './prepare.ts';

export async function run(argv: readonly [string, ...string[]], options: Options): Promise<number> {
  const waiting = takeWaitingLauncher('run');
  checkSessionName(options.name);
  const detached = detachedHost();
  if (mustDetach(options, detached)) {
    const { startDetached } = await import('../sessions/detached.ts');
    return startDetached(options);
  }
  const prepared = prepare(options);
  refuseBlockedCommand(prepared.policy, argv[0]);
  if (!announce(prepared, argv, 'supervised', options)) return 0;
  // Not loaded for `wrap`.
  const { runSupervised } = await import('./supervised.ts');
  return runSupervised(prepared, argv, options, detached === undefined, waiting, detached);
}
