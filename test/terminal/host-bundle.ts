/** host.ts as one file, made like the product's chunks. A test file starts it a dozen times, and two thirds of what such a start takes would be the loading of some hundred modules. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'node_modules/.cache/nono-tests');
// JavaScript, and without types.
const plugins = await import(join(root, 'scripts/build/plugins.mjs'));
const product = await import(join(root, 'scripts/build/bundle.mjs'));
const SOURCES = ['src', 'components', 'test/terminal', 'scripts/build', 'package-lock.json'];

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** By what it is made of: the next run finds it, and never an old one. */
function name(): string {
  const sum = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesBelow(join(root, source))))
    sum.update(`${file}\0`).update(readFileSync(file));
  return join(cache, `host-${sum.digest('hex').slice(0, 16)}.cjs`);
}

async function bundle(file: string): Promise<void> {
  const made = await build({
    ...product.shared,
    absWorkingDir: root,
    entryPoints: [join(import.meta.dirname, 'host.ts')],
    alias: product.emulator(root),
    define: { ...product.shared.define, 'import.meta.dirname': JSON.stringify(import.meta.dirname) },
    banner: { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' },
    plugins: [
      plugins.lazyModules,
      plugins.synchronousYoga(root),
      plugins.inkWithoutDevtools,
      plugins.emulatorClock,
      plugins.lazyStringWidth(root),
    ],
  });
  mkdirSync(cache, { recursive: true });
  // Two files may begin at the same time.
  writeFileSync(`${file}.${process.pid}`, made.outputFiles?.[0]?.text ?? '');
  renameSync(`${file}.${process.pid}`, file);
}

/** Its path. */
export async function hostBundle(): Promise<string> {
  const file = name();
  if (statSync(file, { throwIfNoEntry: false }) === undefined) await bundle(file);
  return file;
}
