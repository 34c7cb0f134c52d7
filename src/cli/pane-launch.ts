/** What comes before the screen of `nono shell`: settings, plan, and the shell itself, which starts while its screen is loaded. Part of the bundle that `run` is in,
 * so that hardly any code is read before the shell runs. */
import { join } from 'node:path';
import { nonoDirectories } from '../config/directories.ts';
import { loadUiSettings } from '../config/load-ui-settings.ts';
import { rememberedLayout } from '../config/remembered-layout.ts';
import type { UiSettings } from '../config/ui-settings.ts';
import { fastPathLibrary, installationRoot, nativeProgram } from '../platform/installation.ts';
import { type CompiledPlan, compilePlan } from '../policy/compile.ts';
import { takeWaitingLauncher } from '../sandbox/linux/waiting-launcher.ts';
import { type EarlyShell, startShell } from '../session/early-shell.ts';
import { paneSize } from '../session/layout.ts';
import { foreignTerminalVariables, paneEnvironment } from '../session/pane-environment.ts';
import { type ShellStart, shellStart } from '../session/shell-rc.ts';
import { type Size, sizeFrom } from '../terminal/geometry.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { wantsLines } from './screen-reader.ts';
import { type WithTmp, withSessionTmp } from './session-tmp.ts';
import type { Options } from './tables/flags.ts';

export { startShell };

export interface PaneLaunch {
  readonly prepared: WithTmp;
  readonly compiled: CompiledPlan;
  readonly start: ShellStart;
  readonly ui: UiSettings;
  readonly layout: ReturnType<typeof rememberedLayout>;
  readonly linear: boolean;
  /** Runs already; undefined where the session starts it. */
  readonly early: EarlyShell | undefined;
}

function environment(
  chosen: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
  linear: boolean,
): Record<string, string> {
  const inner = { ...chosen };
  for (const name of foreignTerminalVariables) delete inner[name];
  return { ...inner, ...paneEnvironment(process.env), ...(linear ? { TERM: 'dumb' } : {}), ...added };
}

export function panePlan(prepared: WithTmp, start: ShellStart, options: Options, linear: boolean): CompiledPlan {
  return compilePlan(
    prepared.policy,
    {
      supervise: true,
      newSession: true,
      // Nothing is held before there is a prompt to hold it at; the session then switches to asking.
      mode: 'observe',
      asks: true,
      allowDegraded: options.allowDegraded,
      env: environment(prepared.environment.values, start.env, linear),
      tmpdir: prepared.tmpdir,
      openFiles: openFilesOutside(process.env),
      cwd: prepared.directory,
      fastPath: options.noFastPath ? undefined : fastPathLibrary(),
    },
    prepared.fs,
  );
}

export function paneShell(shell: string): ShellStart {
  return shellStart(shell, join(installationRoot(), 'dist', 'rc'), process.env);
}

/** The relay has asked the terminal; asking it here would load what the screen needs first. */
function terminalSize(): Size | undefined {
  return sizeFrom(process.env['NONO_RELAY_SIZE'] ?? '');
}

export async function launchPane(before: Prepared, shell: string, options: Options): Promise<PaneLaunch> {
  const waiting = takeWaitingLauncher('shell');
  // A wrong key is said before anything is started.
  const places = nonoDirectories(process.env);
  const ui = await loadUiSettings(places.config, options.config);
  if (ui.prefix !== undefined || ui.keys !== undefined) {
    const { userKeymap } = await import('./interactive-shell.ts');
    userKeymap(ui);
  }
  const linear = wantsLines(options);
  const prepared = withSessionTmp(before, before.policy.privateTmp === true);
  const start = paneShell(shell);
  const compiled = panePlan(prepared, start, options, linear);
  const layout = rememberedLayout(places.state, ui.split);
  const size = linear ? undefined : terminalSize();
  const early =
    size === undefined
      ? undefined
      : startShell(
          { launcher: nativeProgram('nono-launch'), plan: compiled.plan, argv: start.argv, waiting },
          paneSize(size, layout.wish),
        );
  return { prepared, compiled, start, ui, layout, linear, early };
}
