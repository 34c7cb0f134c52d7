/** A delegated cgroup for tests, where this machine can have one: made by root, given to a user, with a leaf for the processes that start there. */
import { chownSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const hierarchy = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .map((line) => line.split(' '))
  .find(([, , type]) => type === 'cgroup2')?.[1];

function controllers(dir: string): readonly string[] {
  try {
    return readFileSync(join(dir, 'cgroup.controllers'), 'utf8').trim().split(/\s+/);
  } catch {
    return [];
  }
}

/** Why there can be none; undefined when there can. */
export const delegationSkip: string | undefined = ((): string | undefined => {
  if (process.getuid?.() !== 0) return 'not started by root';
  if (hierarchy === undefined) return 'no cgroup2 is mounted';
  const missing = ['memory', 'pids'].filter((one) => !controllers(hierarchy).includes(one));
  if (missing.length > 0)
    return `cgroup2 has no ${missing.join(' and ')} here: the controllers are in use by cgroup v1`;
  try {
    writeFileSync(join(hierarchy, 'cgroup.subtree_control'), '+memory +pids');
    return undefined;
  } catch (error) {
    return `the root cgroup gives no controllers: ${(error as Error).message}`;
  }
})();

export interface Delegated {
  /** Words to put before a command so that it starts in the leaf. */
  readonly prefix: readonly string[];
  /** What nono made and has not removed. */
  left(): readonly string[];
  remove(): void;
}

export function delegate(uid: number): Delegated {
  const top = join(hierarchy ?? '', `nono-test-${process.pid}-${uid}`);
  const leaf = join(top, 'leaf');
  mkdirSync(top);
  writeFileSync(join(top, 'cgroup.subtree_control'), '+memory +pids');
  mkdirSync(leaf);
  for (const dir of [top, leaf])
    for (const name of ['.', 'cgroup.procs', 'cgroup.subtree_control']) chownSync(join(dir, name), uid, uid);
  return {
    prefix: ['sh', '-c', `echo $$ > ${leaf}/cgroup.procs && exec "$@"`, 'sh'],
    left: () => readdirSync(top).filter((name) => name.startsWith('nono-')),
    remove: () => {
      for (const dir of [leaf, top]) rmdirSync(dir);
    },
  };
}
