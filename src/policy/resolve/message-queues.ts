/**
 * POSIX message queues: files of a file system of their own, which Landlock decides on as on any other. Who opens one names no path, but the rule that grants it has to:
 * the directory where that file system is mounted. Where it is not, none can be granted.
 */

import type { PolicyRule } from '../model.ts';
import { isWithin } from '../paths.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { mountFinder } from './mounts.ts';

/** Where mq_overview(7) has it. */
export const QUEUES = '/dev/mqueue';

export function queuesMounted(fs: FileSystem): boolean {
  const seen = mountFinder(fs.mounts?.() ?? [])(QUEUES);
  return seen?.place === QUEUES && seen.type === 'mqueue' && seen.root === '/';
}

/** A queue is removed by its name alone, and no rule on paths is asked: with a deny among them none is granted. */
export function deniedAmongQueues(rules: readonly PolicyRule[]): PolicyRule | undefined {
  return rules.find(({ verdict, path }) => verdict === 'deny' && (isWithin(path, QUEUES) || isWithin(QUEUES, path)));
}
