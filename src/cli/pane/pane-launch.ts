/** What comes before the screen of `nono shell`: settings, plan, and the shell itself, which starts while its screen is loaded. Part of the bundle that `run` is in,
 * so that hardly any code is read before the shell runs. */
import { nonoDirectories } from '../../config/directories.ts';
import { rememberedLayout } from '../../config/remembered-layout.ts';
import type { UiSettings } from '../../config/ui-settings.ts';
import { nativeProgram } from '../../platform/installation.ts';
import type { CompiledPlan } from '../../policy/plan/compile.ts';
import { takeWaitingLauncher } from '../../sandbox/linux/waiting-launcher.ts';
import { type EarlyShell, startShell } from '../../session/life/early-shell.ts';
import type { ShellStart } from '../../session/life/shell-rc.ts';
import { paneSize } from '../../session/screen/layout.ts';
import type { Prepared } from '../start/prepare.ts';
import type { WithTmp } from '../start/session-tmp.ts';
import type { Options } from '../tables/flags.ts';
import { panePlan, paneVariables, planPane } from './pane-plan.ts';
import { paneShell, terminalSize } from './pane-settings.ts';

export { panePlan, paneShell, paneVariables, startShell };

export interface PaneLaunch {
  readonly prepared: Pick<WithTmp, 'policy' | 'environment' | 'directory'> & Partial<Pick<WithTmp, 'typed'>>;
  readonly compiled: Pick<CompiledPlan, 'matches' | 'warnings' | 'floor' | 'carved'>;
  /** Undefined: the launcher has it, and the shell runs. */
  readonly plan: Buffer | undefined;
  /** What is open although a rule denies it. Looks through directories. Undefined: looked for with what is loaded after the prompt. */
  readonly findings: (() => readonly string[]) | undefined;
  readonly start: ShellStart;
  readonly ui: UiSettings;
  readonly layout: ReturnType<typeof rememberedLayout>;
  readonly linear: boolean;
  /** Runs already; undefined where the session starts it. */
  readonly early: EarlyShell | undefined;
}

export async function launchPane(before: Prepared, shell: string, options: Options): Promise<PaneLaunch> {
  const waiting = takeWaitingLauncher('shell');
  const { ui, linear, prepared, start, compiled, asked } = await planPane(before, shell, options);
  const layout = rememberedLayout(nonoDirectories(process.env).state, ui.split);
  const size = linear ? undefined : terminalSize();
  const early =
    size === undefined
      ? undefined
      : startShell(
          { launcher: nativeProgram('nono-launch'), plan: compiled.plan, argv: start.argv, waiting, asked },
          paneSize(size, layout.wish),
        );
  return {
    prepared,
    compiled,
    plan: compiled.plan,
    findings: () => compiled.findings,
    start,
    ui,
    layout,
    linear,
    early,
  };
}
