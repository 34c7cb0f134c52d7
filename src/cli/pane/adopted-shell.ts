/**
 * `nono shell` with a cached plan: the launcher has it, and a shell that waits, confined. It begins as soon as its size is known. In a bundle of its own: nothing is
 * resolved. What the session shows, explains and approves by is the policy of the plan in force, from its SELF record.
 */
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { rememberedLayout } from '../../config/remembered-layout.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import { chooseEnvironment } from '../../policy/resolve/environment.ts';
import { type RememberedLauncher, takeRememberedLauncher } from '../../sandbox/linux/waiting-launcher.ts';
import { beginShell, type EarlyShell } from '../../session/life/early-shell.ts';
import { paneSize } from '../../session/screen/layout.ts';
import type { Size } from '../../terminal/geometry.ts';
import type { parseCommandLine } from '../line/parse.ts';
import { aboutToJson, policyFile } from '../policy/policy-record.ts';
import { pipeNamed, said, warmUpRun } from '../start/warm-up-run.ts';
import type { Options } from '../tables/flags.ts';
import { findShell } from './find-shell.ts';
import type { PaneLaunch } from './pane-launch.ts';
import { paneSettings, paneShell, terminalSize } from './pane-settings.ts';
import { wantsLines } from './screen-reader.ts';

export interface AdoptedPane {
  readonly launched: PaneLaunch;
  readonly shell: string;
}

type Taken = RememberedLauncher & { readonly terminal: number };

/** Undefined where the launcher cannot be taken: then it ends, with what it has confined, and one is started as without a cache. */
export async function adoptPane(options: Options): Promise<AdoptedPane | undefined> {
  const waiting = takeRememberedLauncher('shell');
  if (waiting === undefined) return undefined;
  const { terminal } = waiting;
  const size = terminalSize();
  if (terminal === undefined || size === undefined || wantsLines(options)) {
    for (const fd of [waiting.plan, waiting.events, waiting.policy, terminal]) if (fd !== undefined) closeSync(fd);
    return undefined;
  }
  return adopt({ ...waiting, terminal }, size, options);
}

async function adopt(waiting: Taken, size: Size, options: Options): Promise<AdoptedPane> {
  const ui = await paneSettings(options);
  const shell = findShell(options);
  const layout = rememberedLayout(nonoDirectories(process.env).state, ui.split);
  const early = beginShell(waiting, paneSize(size, layout.wish));
  // While the shell starts. There is no session without it: whatever fails here ends this process, and the shell with it.
  const { policy, matches } = policyFile(waiting.policy).parted();
  return {
    shell,
    launched: {
      prepared: { policy, environment: chooseEnvironment(process.env, policy.environment), directory: policy.workdir },
      // The plan of a start that writes a log is not kept.
      compiled: { matches, warnings: [], floor: [], carved: [] },
      plan: undefined,
      findings: undefined,
      start: paneShell(shell),
      ui,
      layout,
      linear: false,
      early,
    },
  };
}

/** Run by the build before it saves the code cache. */
export async function warmUp(first: { readonly parseCommandLine: typeof parseCommandLine }): Promise<void> {
  process.env['NONO_LAUNCHER'] = 'shell-cached:1:-1:-1:-1:-1';
  const { options } = first.parseCommandLine(['shell', '-s', '--allow', '.', '--shell', '/bin/sh'], {});
  await adoptPane(options);
  await warmUpRun(async (waiting, directory) => {
    const file = join(directory, 'policy');
    const policy: ResolvedPolicy = {
      profile: 'default',
      rules: [],
      blockNetwork: false,
      blockedCommands: [],
      allowedCommands: [],
      workdir: '/',
      warnings: [],
    };
    writeFileSync(file, `${aboutToJson(policy, 0)}\0${JSON.stringify(policy)}`);
    const taken = {
      ...waiting,
      policy: openSync(file, 'r'),
      terminal: openSync('/dev/ptmx', constants.O_RDWR | constants.O_NONBLOCK),
    };
    const plan = pipeNamed(join(directory, 'plan'));
    const events = pipeNamed(join(directory, 'said'));
    chooseEnvironment(process.env, policy.environment);
    paneShell('/bin/bash');
    const { launched } = await adopt({ ...taken, plan, events }, { cols: 80, rows: 24 }, options);
    await playShell(launched.early as EarlyShell, () => writeSync(events, said));
  });
}

const MOST_MS = 1000;

/** What the session does with a shell that runs, from its first event to its last. */
async function playShell({ pty, launch }: EarlyShell, speak: () => void): Promise<void> {
  pty.read(
    () => {},
    () => {},
  );
  pty.resize({ cols: 81, rows: 24 });
  await new Promise<void>((resolve) => {
    // A build is not held up by it.
    setTimeout(resolve, MOST_MS);
    const sandbox = launch({
      onEvent: ({ type }) => {
        if (type !== 'exit') return;
        sandbox.send({ type: 'set-mode', mode: 'ask' });
        resolve();
      },
    });
    speak();
  });
  pty.close();
}
