/** Mounts that lie in the world of an attempt before its session starts. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
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
  world.notMade.add(place);
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

const DISK_BYTES = 120 << 20;
const FILE_BYTES = 1 << 20;

function must(program: string, ...args: readonly string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${program}: ${done.error?.message ?? done.stderr}`);
  return done.stdout;
}

/** A disk with btrfs on it: `sub`, a subvolume, and in it `file`, which shares its blocks with a copy. Hears when one of them is no longer so. */
export function btrfsBefore(world: World, name: string): void {
  const disk = join(world.hidden, 'disk');
  const at = join(world.base, name);
  writeFileSync(disk, '');
  truncateSync(disk, DISK_BYTES);
  must('mkfs.btrfs', '-q', disk);
  mountedBefore(world, name, '-o', 'loop', disk);
  world.notMade.delete(at);
  must('btrfs', 'subvolume', 'create', join(at, 'sub'));
  const file = join(at, 'sub', 'file');
  writeFileSync(file, 'shared\n'.repeat(FILE_BYTES));
  must('cp', '--reflink=always', file, join(at, 'sub', 'copy'));
  const look = (): string => {
    must('btrfs', 'filesystem', 'sync', at);
    const received = /Received UUID:.*/.exec(must('btrfs', 'subvolume', 'show', join(at, 'sub')))?.[0];
    return `${received}, ${must('btrfs', 'filesystem', 'du', '-s', '--raw', file)}`;
  };
  const before = look();
  const heard = (): string => {
    const after = look();
    return after === before ? '' : `the disk has ${after}`;
  };
  world.services.push({ kind: 'received', said: '', heard, end: () => {} });
}
