/** Files that several processes of tests may make at the same time. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whole or not at all. Who cannot write there does without: it is made again by the next one. */
export function writeWhole(path: string, make: (unfinished: string) => void): void {
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    make(unfinished);
    renameSync(unfinished, path);
  } catch {
    rmSync(unfinished, { force: true });
  }
}
