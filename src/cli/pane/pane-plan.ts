/** The plan of the shell in the pane, and what is asked for it. */
import type { UiSettings } from '../../config/ui-settings.ts';
import { fastPathLibrary } from '../../platform/installation.ts';
import { type CompiledPlan, compilePlan } from '../../policy/plan/compile.ts';
import { type ChosenEnvironment, withValues } from '../../policy/resolve/environment.ts';
import type { ShellStart } from '../../session/life/shell-rc.ts';
import { foreignTerminalVariables, paneEnvironment } from '../../session/pane/pane-environment.ts';
import { logWants } from '../log/log.ts';
import { askedFor } from '../start/cacheable.ts';
import { openFilesOutside, type Prepared } from '../start/prepare.ts';
import { type WithTmp, withSessionTmp } from '../start/session-tmp.ts';
import type { Options } from '../tables/flags.ts';
import { paneSettings, paneShell } from './pane-settings.ts';
import { wantsLines } from './screen-reader.ts';

/** What the shell in the pane finds: that of a command, but for what tells it which terminal it is in. */
export function paneVariables(
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

export interface PlannedPane {
  readonly prepared: WithTmp;
  readonly compiled: CompiledPlan;
  readonly start: ShellStart;
  readonly ui: UiSettings;
  readonly linear: boolean;
  /** What the plan rests on, where it may be kept. What is asked from here on decides nothing of it. */
  readonly asked: Buffer | undefined;
}

export async function planPane(before: Prepared, shell: string, options: Options): Promise<PlannedPane> {
  const ui = await paneSettings(options);
  const linear = wantsLines(options);
  const prepared = withSessionTmp(before, before.policy.privateTmp === true);
  const start = paneShell(shell, prepared.policy.rules);
  const environment = paneVariables(prepared.environment, start.env, linear);
  const compiled = panePlan(prepared, environment, options);
  const asked = askedFor(options, environment, prepared.policy, {
    argv: start.argv,
    matches: compiled.matches.length,
  });
  return { prepared, compiled, start, ui, linear, asked };
}
