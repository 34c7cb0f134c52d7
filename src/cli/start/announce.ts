/** Shows the summary unless nono shall be silent, and ends a dry run. */

import { insideAnotherSession } from '../../platform/nested.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { currentLog } from '../log/log.ts';
import { errorWidth } from '../output/columns.ts';
import { say } from '../output/output.ts';
import { paint, plainPaint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';
import { productVersion } from '../version.ts';
import type { Prepared } from './prepare.ts';
import { type RunningMode, summary } from './summary.ts';

const STDERR = 2;
const modeVerbs: Readonly<Record<RunningMode, string>> = { wrapped: 'wrap', supervised: 'run', asking: 'shell' };

type Announced = Pick<Prepared, 'policy' | 'environment'>;

/** What -v shows, whatever is shown here. */
function logSummary(prepared: Announced, argv: readonly string[], mode: RunningMode): void {
  const log = currentLog();
  if (log === undefined || !log.wants('info')) return;
  const { policy, environment } = prepared;
  const { withheld } = environment;
  const nested = insideAnotherSession();
  log.add('info', `${modeVerbs[mode]} ${argv.join(' ')}`);
  const text = summary({ version: productVersion(), policy, mode, withheld, verbose: 1, nested }, plainPaint);
  for (const line of text.trimEnd().split('\n')) log.add('info', line.trim());
}

/** True when the command shall run; false after a dry run. */
export function announce(prepared: Announced, argv: readonly string[], mode: RunningMode, options: Options): boolean {
  logSummary(prepared, argv, mode);
  if (!options.silent) {
    const { policy, environment } = prepared;
    const { withheld } = environment;
    say(
      summary(
        {
          version: productVersion(),
          policy,
          mode,
          withheld,
          verbose: options.verbose,
          nested: insideAnotherSession(),
        },
        paint(options, STDERR),
        errorWidth(),
      ),
    );
  }
  if (options.allowLaunchServices && !options.silent)
    say('  [nono] --allow-launch-services has no effect here: it is for macOS\n');
  if (options.capabilityElevation && mode === 'supervised' && !options.silent)
    say('  [nono] --capability-elevation: `run` asks nothing, what is not granted is denied; `nono shell` asks\n');
  if (!options.dryRun) return true;
  if (!options.silent)
    say(`  dry-run sandbox would be applied with above capabilities\n  $ ${visibleText(argv.join(' '))}\n`);
  return false;
}
