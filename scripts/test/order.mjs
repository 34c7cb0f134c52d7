// The order in which npm test starts its files.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What would be the last to end begins first. The attempts to get out and the builds for sanitizers keep processors of their own busy, so between them stand files that mostly wait.
 * A file that is not named here takes less than ten seconds, or a little more.
 */
const long = [
  'escape/escape.test.ts',
  'terminal/session.test.ts',
  'terminal/points.test.ts',
  'e2e/home.test.ts',
  'native/held.test.ts',
  'native/sanitize.test.ts',
  'e2e/shell-network.test.ts',
  'native/property.test.ts',
  'native/property-kernel.test.ts',
  'terminal/pane-and-chrome.test.ts',
  'native/fuzz.test.ts',
  'e2e/shell-approve.test.ts',
  'cli/plan-cache.test.ts',
  'native/fast-path.test.ts',
  'native/robust.test.ts',
  'policy/manifest.test.ts',
  'terminal/flicker.test.ts',
  'cli/plan-cache-search.test.ts',
  'e2e/why-self.test.ts',
  'native/exec.test.ts',
  'native/birth-pools.test.ts',
  'native/annex.test.ts',
  'native/conformance.test.ts',
  'e2e/detached.test.ts',
  'native/unix-sockets.test.ts',
  'cli/plan-cache-attacks.test.ts',
  'e2e/attach.test.ts',
  'e2e/network-flags.test.ts',
  'cli/inspect.test.ts',
  'e2e/patterns.test.ts',
  'native/pattern.test.ts',
  'policy/floor.test.ts',
  'native/plan.test.ts',
  'cli/bad-profiles.test.ts',
  'e2e/strict.test.ts',
  'e2e/shell-programs.test.ts',
  'e2e/shell-commands.test.ts',
  'e2e/shell-jobs.test.ts',
  'native/net.test.ts',
  'native/chaos.test.ts',
  'e2e/protected-state.test.ts',
  'e2e/save-prompt.test.ts',
];

export function longestFirst(root, files) {
  const places = new Map(long.map((name, place) => [join(root, 'test', name), place]));
  const gone = [...places.keys()].find((file) => !existsSync(file));
  if (gone !== undefined) throw new Error(`the table of long test files names ${gone}, which is not there`);
  const place = (file) => places.get(file) ?? long.length;
  return files.toSorted((a, b) => place(a) - place(b));
}
