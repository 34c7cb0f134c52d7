/** Shows the summary unless nono shall be silent, and ends a dry run. */

import { insideAnotherSession } from '../platform/nested.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { say } from './output.ts';
import type { Prepared } from './prepare.ts';
import { type RunningMode, summary } from './summary.ts';
import type { Options } from './tables/flags.ts';
import { paint } from './theme.ts';
import { productVersion } from './version.ts';

const STDERR = 2;

/** True when the command shall run; false after a dry run. */
export function announce(prepared: Prepared, argv: readonly string[], mode: RunningMode, options: Options): boolean {
  if (!options.silent || options.dryRun) {
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
      ),
    );
  }
  if (options.allowLaunchServices && !options.silent)
    say('  [nono] --allow-launch-services has no effect here: it is for macOS\n');
  if (options.capabilityElevation && mode === 'supervised' && !options.silent)
    say('  [nono] --capability-elevation: `run` asks nothing, what is not granted is denied; `nono shell` asks\n');
  if (!options.dryRun) return true;
  say(`  dry-run sandbox would be applied with above capabilities\n  $ ${visibleText(argv.join(' '))}\n`);
  return false;
}
