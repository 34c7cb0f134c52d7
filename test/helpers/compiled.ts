/**
 * C programs are compiled once for all files of tests: what a compiler made of the same words and the same sources is kept, beside what was made of the tests' own sources
 * (scripts/tsx-loader.mjs).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './users.ts';

const kept = join(root, 'node_modules/.cache/nono-tests/programs');
/** The sum of the sources' contents, and their state when it was taken. */
const summed = join(root, 'node_modules/.cache/nono-tests/sources-sum');
const SETTLED_MS = 1000;

/** Anything in these may be included by anything. */
const directories = ['native', 'test/native', 'test/fixtures', 'test/escape/drivers'];
/** A package of headers that comes or goes changes them. */
const system = ['/usr/include', '/usr/include/linux', '/usr/include/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu'];

interface Source {
  readonly name: string;
  readonly path: string;
}

function allSources(): readonly Source[] {
  return directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:[chS]|sh|def|inc)$/.test(name))
      .sort()
      .map((name) => ({ name: `${directory}/${name}`, path: join(root, directory, name) })),
  );
}

/** What changes with every write to a source and cannot be put back. */
function state(all: readonly Source[]): string {
  const sum = createHash('sha256');
  for (const { name, path } of all) {
    const { ino, size, ctimeNs } = statSync(path, { bigint: true });
    sum.update(`${name}\0${ino} ${size} ${ctimeNs}\0`);
  }
  return sum.digest('hex');
}

/** By contents: they are read by the first file of tests after a change, and each later one sees that nothing has been written since. Reading them is 60 ms of a processor. */
function sourcesSum(): string {
  const all = allSources();
  const now = state(all);
  let contents = '';
  try {
    const [of, known = ''] = readFileSync(summed, 'utf8').split('\n');
    if (of === now) contents = known;
  } catch {
    // Not yet.
  }
  if (contents === '') {
    const sum = createHash('sha256');
    for (const { name, path } of all) sum.update(`\0${name}\0`).update(readFileSync(path));
    contents = sum.digest('hex');
    // Not of what was written meanwhile; nor of what is so young that a second write could leave it the same time.
    if (state(allSources()) === now && all.every(({ path }) => Date.now() - statSync(path).ctimeMs > SETTLED_MS))
      write(summed, (unfinished) => writeFileSync(unfinished, `${now}\n${contents}\n`));
  }
  const sum = createHash('sha256').update(contents);
  for (const path of system) sum.update(`\0${statSync(path, { throwIfNoEntry: false })?.mtimeMs}`);
  return sum.digest('hex').slice(0, 24);
}

/** Whole or not at all. Who cannot write there does without: it is made again by the next one. */
function write(path: string, make: (unfinished: string) => void): void {
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    make(unfinished);
    renameSync(unfinished, path);
  } catch {
    rmSync(unfinished, { force: true });
  }
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

/** What was made of other sources goes. */
function keep(path: string, name: string, own: string): void {
  try {
    for (const other of readdirSync(kept)) if (!other.startsWith(own)) rmSync(join(kept, other), { force: true });
  } catch {
    // Nothing is kept yet.
  }
  write(join(kept, name), (unfinished) => copyFileSync(path, unfinished));
}
