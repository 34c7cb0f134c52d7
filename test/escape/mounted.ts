/** Mounts that lie in the world of an attempt before its session starts. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

const mounted = new Set<string>();
const unmount = (place: string): void => {
  if (mounted.delete(place)) spawnSync('umount', ['-l', place]);
};
process.on('exit', () => {
  for (const place of mounted) unmount(place);
});

/** What `mount` shows at a place of the world while the attempt is made. */
export function mountedBefore(world: World, name: string, ...what: readonly string[]): void {
  const place = join(world.base, name);
  mkdirSync(place);
  const done = spawnSync('mount', [...what, place], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  world.ignored.add(place);
  mounted.add(place);
  world.services.push({ kind: 'received', said: '', heard: () => '', end: () => unmount(place) });
}
