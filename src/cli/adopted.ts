/**
 * `nono run` with a cached plan: the launcher has it, and is told to begin before anything else is read, once signals are listened to. In a bundle of its own: nothing is
 * resolved. The policy that denials are explained by is the one in force, from the plan.
 */
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedPolicy } from '../policy/model.ts';
import { listenTo } from '../sandbox/linux/launch.ts';
import {
  attachRemembered,
  type RememberedLauncher,
  takeRememberedLauncher,
} from '../sandbox/linux/waiting-launcher.ts';
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import type { parseCommandLine } from './parse.ts';
import { policyFromJson } from './policy-record.ts';
import { forwardSignals } from './signals.ts';
import { type Started, supervise } from './supervise.ts';
import type { Options } from './tables/flags.ts';
import { warmUpRun } from './warm-up-run.ts';

export interface Adopted {
  /** The rest of `run`. */
  finish(argv: readonly string[], options: Options): Promise<number>;
}

/** Run by the build before it saves the code cache. */
export async function warmUp(first: { readonly parseCommandLine: typeof parseCommandLine }): Promise<void> {
  process.env['NONO_LAUNCHER'] = 'run-cached:1:-1:-1:-1';
  adopt();
  const { options } = first.parseCommandLine(['run', '-s', 'true'], {});
  await warmUpRun((waiting, directory) => {
    const file = join(directory, 'policy');
    writeFileSync(file, JSON.stringify({ profile: 'default', workdir: '/', blockNetwork: false, rules: [] }));
    return adoptLauncher({ ...waiting, policy: openSync(file, 'r') }).finish(['true'], options);
  });
}

/** Undefined where the launcher cannot be taken: then it ends, and one is started as without a cache. */
export function adopt(): Adopted | undefined {
  const waiting = takeRememberedLauncher('run');
  return waiting === undefined ? undefined : adoptLauncher(waiting);
}

function adoptLauncher(waiting: RememberedLauncher): Adopted {
  const early: SupervisorEvent[] = [];
  let take = (event: SupervisorEvent): void => {
    early.push(event);
  };
  const stop = forwardSignals((signal) => sandbox.send({ type: 'signal', signal }));
  const sandbox = listenTo(attachRemembered(waiting), (event) => take(event));
  let policy: ResolvedPolicy | undefined;
  return {
    finish: (argv, options) =>
      supervise({
        argv,
        options,
        policy: () => (policy ??= policyFromJson(readFileSync(waiting.policy, 'utf8'))),
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
