/** Mounts that lie in the world of an attempt before its session starts. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from '../helpers/compile.ts';
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
  mkdirSync(join(world.base, name));
  mountAt(world, name, ...what);
}

function mountAt(world: World, name: string, ...what: readonly string[]): void {
  const place = join(world.base, name);
  const done = spawnSync('mount', [...what, place], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  world.ignored.add(place);
  mounted.add(place);
  world.services.push({ kind: 'received', said: '', heard: () => '', end: () => unmount(place) });
}

/** A file of /proc at a place of the world, as `ip netns attach` leaves one in /run/netns. */
export function boundBefore(world: World, name: string, file: string): void {
  world.write(name, '');
  mountAt(world, name, '--bind', file);
}

/** A file system that spells names as vfat does, with the secret in it (test/fixtures/spelled.c). */
export async function spelledBefore(world: World, name: string): Promise<void> {
  const place = join(world.base, name);
  mkdirSync(place);
  const server = spawn(fixture('spelled'), [place, world.secret], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = await once(server.stdout, 'data');
  if (String(said) !== 'mounted\n') throw new Error(String(said));
  world.ignored.add(place);
  mounted.add(place);
  const end = (): void => {
    unmount(place);
    server.kill();
  };
  world.services.push({ kind: 'received', said: '', heard: () => '', end });
}
