/**
 * `nono run` with a cached plan: the launcher has it, and was told to begin before this is read (begin.ts). In a bundle of its own: nothing is resolved. The policy that denials are explained by is the one in force, from the plan.
 */
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listenTo } from '../../sandbox/linux/launch.ts';
import { attachRemembered } from '../../sandbox/linux/waiting-launcher.ts';
import type { SupervisorEvent } from '../../sandbox/linux/wire.ts';
import type { parseCommandLine } from '../line/parse.ts';
import { policyFile } from '../policy/policy-record.ts';
import type { Options } from '../tables/flags.ts';
import type { Begun } from './begin.ts';
import { forwardSignals } from './signals.ts';
import { type Started, supervise } from './supervise.ts';
import { warmUpRun } from './warm-up-run.ts';

export interface Adopted {
  /** The rest of `run`. */
  finish(argv: readonly string[], options: Options): Promise<number>;
}

/** Run by the build before it saves the code cache. */
export async function warmUp(first: { readonly parseCommandLine: typeof parseCommandLine }): Promise<void> {
  const { options } = first.parseCommandLine(['run', '-s', 'true'], {});
  await warmUpRun((waiting, directory) => {
    const file = join(directory, 'policy');
    const about = JSON.stringify({ profile: 'default', workdir: '/', blockNetwork: false });
    writeFileSync(file, `${about}\0${about}`);
    const launcher = { ...waiting, policy: openSync(file, 'r') };
    return adopt({ launcher, failure: undefined, release: () => {} }).finish(['true'], options);
  });
}

export function adopt({ launcher, failure, release }: Begun): Adopted {
  const early: SupervisorEvent[] = [];
  let take = (event: SupervisorEvent): void => {
    early.push(event);
  };
  const stop = forwardSignals((signal) => sandbox.send({ type: 'signal', signal }));
  release();
  const sandbox = listenTo(attachRemembered(launcher, failure), (event) => take(event));
  const file = policyFile(launcher.policy);
  return {
    finish: (argv, options) =>
      supervise({
        argv,
        options,
        about: file.about,
        policy: file.policy,
        offersToSave: true,
        start: (onEvent): Started => {
          // After the caller is complete, in the order in which they came.
          queueMicrotask(() => {
            take = onEvent;
            for (const event of early.splice(0)) onEvent(event);
          });
          return { sandbox, stop };
        },
      }),
  };
}
