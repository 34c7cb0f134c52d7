/** The sum of all sources that a C program of the tests can be made of. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './users.ts';
import { writeWhole } from './whole-file.ts';

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
export function sourcesSum(): string {
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
      writeWhole(summed, (unfinished) => writeFileSync(unfinished, `${now}\n${contents}\n`));
  }
  const sum = createHash('sha256').update(contents);
  for (const path of system) sum.update(`\0${statSync(path, { throwIfNoEntry: false })?.mtimeMs}`);
  return sum.digest('hex').slice(0, 24);
}
