/** Paths of groups and profiles as they are for this user, here. */

import { currentDirectory } from '../../platform/current-directory.ts';
import { isPattern } from '../../policy/pattern/pattern.ts';
import { expandPath, expandPattern, PathProblem, pathVariables } from '../../policy/resolve/variables.ts';

/** The path or pattern that is meant; null where it rests on a variable that is not set, or cannot be meant at all. */
export function pathExpander(env: NodeJS.ProcessEnv = process.env): (written: string) => string | null {
  const variables = pathVariables(env, currentDirectory(), process.getuid?.() ?? 0);
  return (written) => {
    // A pattern for anywhere is shortest as it is written.
    if (isPattern(written) && !/^[/~$]/.test(written)) return written;
    try {
      return (isPattern(written) ? expandPattern(written, variables) : expandPath(written, variables)) ?? null;
    } catch (error) {
      if (error instanceof PathProblem) return null;
      throw error;
    }
  };
}
