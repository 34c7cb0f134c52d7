/** `nono shell`: on a terminal the TUI, otherwise a shell that reads commands from standard input and never asks. */
import { NonoError } from '../../platform/errors.ts';
import { isTerminal } from '../../platform/terminal.ts';
import { say } from '../output/output.ts';
import { detachedHost, mustDetach } from '../sessions/detaching.ts';
import { checkSessionName } from '../sessions/session-facts.ts';
import { announce } from '../start/announce.ts';
import { prepare, refuseBlockedCommand } from '../start/prepare.ts';
import type { Options } from '../tables/flags.ts';
import { findShell } from './find-shell.ts';
import { isInteractive } from './interactive.ts';
import { wantsLines } from './screen-reader.ts';

export async function shell(options: Options): Promise<number> {
  checkSessionName(options.name);
  const path = findShell(options);
  const detached = detachedHost();
  if (options.detached && wantsLines(options))
    throw new NonoError('usage', '--detached keeps a screen for nono attach, and a session in lines of text has none', {
      hint: 'nono run --detached needs none; or without --screen-reader, NONO_SCREEN_READER and INK_SCREEN_READER',
    });
  if (mustDetach(options, detached)) {
    const { startDetached } = await import('../sessions/detached.ts');
    return startDetached(options);
  }
  const inPane = (detached !== undefined || isInteractive(options)) && !options.dryRun;
  const prepared = prepare(options, inPane);
  refuseBlockedCommand(prepared.policy, path);
  if (inPane) {
    const { launchPane } = await import('./pane-launch.ts');
    const launched = await launchPane(prepared, path, options);
    const { interactiveShell } = await import('./interactive-shell.ts');
    return interactiveShell(launched, path, options, detached);
  }
  if (!announce(prepared, [path], 'supervised', options)) return 0;
  if (isTerminal(0) && !options.silent) say("Exit the shell with Ctrl-D or 'exit'.\n");
  const { runSupervised } = await import('../start/supervised.ts');
  return runSupervised(prepared, [path], options);
}
