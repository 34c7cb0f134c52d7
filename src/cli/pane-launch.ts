/** What comes before the screen of `nono shell`: settings, plan, and the shell itself, which starts while its screen is loaded. Part of the bundle that `run` is in,
 * so that hardly any code is read before the shell runs. */
import { nonoDirectories } from '../config/directories.ts';
import { rememberedLayout } from '../config/remembered-layout.ts';
import type { UiSettings } from '../config/ui-settings.ts';
import { fastPathLibrary, nativeProgram } from '../platform/installation.ts';
import { type CompiledPlan, compilePlan } from '../policy/compile.ts';
import { type ChosenEnvironment, withValues } from '../policy/environment.ts';
import { takeWaitingLauncher } from '../sandbox/linux/waiting-launcher.ts';
import { type EarlyShell, startShell } from '../session/early-shell.ts';
import { paneSize } from '../session/layout.ts';
import { foreignTerminalVariables, paneEnvironment } from '../session/pane-environment.ts';
import type { ShellStart } from '../session/shell-rc.ts';
import { askedFor } from './cacheable.ts';
import { logWants } from './log.ts';
import { paneSettings, paneShell, terminalSize } from './pane-settings.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { wantsLines } from './screen-reader.ts';
import { type WithTmp, withSessionTmp } from './session-tmp.ts';
import type { Options } from './tables/flags.ts';

export { paneShell, paneVariables, startShell };

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

/** What the shell in the pane finds: that of a command, but for what tells it which terminal it is in. */
function paneVariables(
  chosen: ChosenEnvironment,
  added: Readonly<Record<string, string>>,
  linear: boolean,
): ChosenEnvironment {
  const values = { ...chosen.values };
  for (const name of foreignTerminalVariables) delete values[name];
  const set = { ...paneEnvironment(process.env), ...(linear ? { TERM: 'dumb' } : {}), ...added };
  return withValues({ ...chosen, values }, set);
}

export function panePlan(prepared: WithTmp, environment: ChosenEnvironment, options: Options): CompiledPlan {
  return compilePlan(
    prepared.policy,
    {
      supervise: true,
      newSession: true,
      // Nothing is held before there is a prompt to hold it at; the session then switches to asking.
      mode: 'observe',
      asks: true,
      allowDegraded: options.allowDegraded,
      env: environment.values,
      tmpdir: prepared.tmpdir,
      openFiles: openFilesOutside(process.env),
      cwd: prepared.directory,
      fastPath: options.noFastPath ? undefined : fastPathLibrary(),
      reportExec: logWants('trace'),
    },
    prepared.fs,
  );
}

export async function launchPane(before: Prepared, shell: string, options: Options): Promise<PaneLaunch> {
  const waiting = takeWaitingLauncher('shell');
  const ui = await paneSettings(options);
  const linear = wantsLines(options);
  const prepared = withSessionTmp(before, before.policy.privateTmp === true);
  const start = paneShell(shell);
  const environment = paneVariables(prepared.environment, start.env, linear);
  const compiled = panePlan(prepared, environment, options);
  // What is asked from here on decides nothing of the plan.
  const asked = askedFor(options, environment, prepared.policy, {
    argv: start.argv,
    matches: compiled.matches.length,
  });
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
