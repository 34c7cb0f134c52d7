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
  'e2e/policy/home.test.ts',
  'native/loop/held.test.ts',
  'native/sanitize.test.ts',
  'e2e/shell/shell-network.test.ts',
  'native/rules/property.test.ts',
  'native/rules/property-kernel.test.ts',
  'terminal/pane-and-chrome.test.ts',
  'native/fuzz.test.ts',
  'e2e/shell/shell-approve.test.ts',
  'cli/plan-cache/plan-cache.test.ts',
  'native/open/fast-path.test.ts',
  'native/loop/robust.test.ts',
  'policy/manifest.test.ts',
  'terminal/flicker.test.ts',
  'cli/plan-cache/plan-cache-search.test.ts',
  'e2e/policy/why-self.test.ts',
  'native/exec/exec.test.ts',
  'native/floor/birth-pools.test.ts',
  'native/exec/annex.test.ts',
  'native/conformance.test.ts',
  'e2e/sessions/detached.test.ts',
  'native/sockets/unix-sockets.test.ts',
  'cli/plan-cache/plan-cache-attacks.test.ts',
  'e2e/sessions/attach.test.ts',
  'e2e/policy/network-flags.test.ts',
  'cli/policy/inspect.test.ts',
  'e2e/policy/patterns.test.ts',
  'native/rules/pattern.test.ts',
  'policy/plan/floor.test.ts',
  'native/rules/plan.test.ts',
  'cli/policy/bad-profiles.test.ts',
  'e2e/policy/strict.test.ts',
  'e2e/shell/shell-programs.test.ts',
  'e2e/shell/shell-commands.test.ts',
  'e2e/shell/shell-jobs.test.ts',
  'native/rules/net.test.ts',
  'native/loop/chaos.test.ts',
  'e2e/policy/protected-state.test.ts',
  'e2e/run/save-prompt.test.ts',
];

export function longestFirst(root, files) {
  const places = new Map(long.map((name, place) => [join(root, 'test', name), place]));
  const gone = [...places.keys()].find((file) => !existsSync(file));
  if (gone !== undefined) throw new Error(`the table of long test files names ${gone}, which is not there`);
  const place = (file) => places.get(file) ?? long.length;
  return files.toSorted((a, b) => place(a) - place(b));
}
