/** What nono says and logs of a plan before anything is started. */
import type { CompiledPlan } from '../../policy/plan/compile.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { logLine, logs } from '../log/log.ts';
import { logPlan } from '../log/log-events.ts';
import { say } from '../output/output.ts';
import type { Options } from '../tables/flags.ts';
import type { Prepared } from './prepare.ts';

export function tellPlan(compiled: CompiledPlan, prepared: Pick<Prepared, 'environment'>, options: Options): void {
  // Looked for only where somebody is told: it takes a search of directories.
  if (logs()) for (const finding of compiled.findings) logLine('warn', finding);
  for (const warning of compiled.warnings) logLine('info', warning);
  logPlan(compiled, prepared.environment.values);
  if (!options.silent) for (const finding of compiled.findings) say(`  [nono] ${visibleText(finding)}\n`);
  if (options.verbose > 0) for (const warning of compiled.warnings) say(`  [nono] ${visibleText(warning)}\n`);
}
