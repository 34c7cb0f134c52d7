/**
 * C programs are compiled once for all files of tests: what a compiler made of the same words and the same sources is kept, beside what was made of the tests' own sources
 * (scripts/tsx-loader.mjs).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './users.ts';

const kept = join(root, 'node_modules/.cache/nono-tests/programs');

/** Anything in these may be included by anything. */
const directories = ['native', 'test/native', 'test/fixtures'];
/** A package of headers that comes or goes changes them. */
const system = ['/usr/include', '/usr/include/linux', '/usr/include/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu'];

function sourcesSum(): string {
  const sum = createHash('sha256');
  for (const directory of directories) {
    const names = readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((n) => /\.(?:[chS]|sh|def|inc)$/.test(n)).sort())
      sum.update(`\0${directory}/${name}\0`).update(readFileSync(join(root, directory, name)));
  }
  for (const path of system) sum.update(`\0${statSync(path, { throwIfNoEntry: false })?.mtimeMs}`);
  return sum.digest('hex').slice(0, 24);
}

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

/** Who cannot write there does without. What was made of other sources goes. */
function keep(path: string, name: string, own: string): void {
  try {
    mkdirSync(kept, { recursive: true });
    for (const other of readdirSync(kept)) if (!other.startsWith(own)) rmSync(join(kept, other), { force: true });
    const unfinished = join(kept, `${name}.${process.pid}`);
    copyFileSync(path, unfinished);
    renameSync(unfinished, join(kept, name));
  } catch {
    // Made again by the next one.
  }
}
