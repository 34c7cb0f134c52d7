import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** As `mkdir -p`. Node's own recursive form tries for ever where a file system answers ENOENT below a directory that exists (/proc). */
export function makeDirectories(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || existsSync(parent)) throw error;
    makeDirectories(parent, mode);
    // Another nono that starts now may have made it meanwhile.
    makeDirectories(path, mode);
  }
}
