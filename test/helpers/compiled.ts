/**
 * C programs are compiled once for all files of tests: what a compiler made of the same words and the same sources is kept, beside what was made of the tests' own sources
 * (scripts/tsx-loader.mjs).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesSum } from './sources-sum.ts';
import { root } from './users.ts';
import { writeWhole } from './whole-file.ts';

const kept = join(root, 'node_modules/.cache/nono-tests/programs');
const versions = new Map<string, string>();
function versionOf(compiler: string): string {
  const known = versions.get(compiler) ?? String(spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout);
  versions.set(compiler, known);
  return known;
}

let sources: string | undefined;

/** The program at `path`: what `make` makes there, or what it made for the same words before. `make` throws the compiler's words. */
export function compiled(path: string, compiler: string, words: readonly string[], make: () => void): void {
  sources ??= sourcesSum();
  const asked = createHash('sha256')
    .update([versionOf(compiler), compiler, ...words].join('\0'))
    .digest('hex');
  const name = `${sources}-${asked.slice(0, 24)}`;
  try {
    copyFileSync(join(kept, name), path);
    return;
  } catch {
    // Not yet, or thrown away by one that sees other sources.
  }
  make();
  // Somebody may have written a source in the meantime.
  if (sourcesSum() === sources) keep(path, name, sources);
}

/** What was made of other sources goes. */
function keep(path: string, name: string, own: string): void {
  try {
    for (const other of readdirSync(kept)) if (!other.startsWith(own)) rmSync(join(kept, other), { force: true });
  } catch {
    // Nothing is kept yet.
  }
  writeWhole(join(kept, name), (unfinished) => copyFileSync(path, unfinished));
}
