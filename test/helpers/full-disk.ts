/** A small file system of its own, which a test fills to the last byte. Only root can mount one; everybody has the limit on the size of files. */
import { spawnSync } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestUser } from './users.ts';

export interface SmallDisk {
  readonly directory: string;
  /** Until not one byte more fits. */
  readonly fill: () => void;
  readonly free: () => void;
  readonly remove: () => void;
}

/** Mounted at a directory that does not exist yet, for the user. */
export function smallDisk(directory: string, size: string, user: TestUser): SmallDisk {
  mkdirSync(directory, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', directory]);
  if (mounted.status !== 0) throw new Error(`cannot mount: ${mounted.stderr}`);
  chownSync(directory, user.uid, user.uid);
  const filler = join(directory, 'filler');
  return {
    directory,
    fill: () => {
      const fd = openSync(filler, 'w');
      try {
        for (let size = 1 << 20; size >= 1; ) {
          try {
            if (writeSync(fd, Buffer.alloc(size)) === 0) return;
          } catch {
            size >>= 1;
          }
        }
      } finally {
        closeSync(fd);
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      spawnSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Words before a command that may write no byte into any file: what an ordinary user has instead of a full disk. */
export const noFileGrows: readonly string[] = ['prlimit', '--fsize=0', '--'];
