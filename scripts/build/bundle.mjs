// esbuild: src/ and its libraries → dist/. One CommonJS file per chunk, each with its V8 code cache.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, licenseTexts } from './licenses.mjs';
import {
  chunkEntries,
  chunks,
  emulatorClock,
  inkWithoutDevtools,
  lazyModules,
  lazyStringWidth,
  synchronousYoga,
} from './plugins.mjs';

const OLD_CHUNK_MS = 10 * 60_000;

/** What every bundle is made with, those of the tests too. */
export const shared = {
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  target: 'node22.15',
  jsx: 'automatic',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  external: ['node-pty'],
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    'import.meta.url': '__url',
  },
};

/** Where the emulator is, for the bundles and for its trial. */
export const emulator = (root) => ({
  '@xterm/headless': join(root, 'node_modules/@xterm/headless/lib-headless/xterm-headless.js'),
});

async function bundleChunk(root, name, define) {
  const result = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: [chunkEntries[name]],
    metafile: true,
    minify: true,
    keepNames: false,
    // A dynamic import becomes a require of the loader's, which knows the chunks.
    supported: { 'dynamic-import': false },
    alias: emulator(root),
    define: { ...shared.define, ...define },
    plugins: [
      chunks(root),
      lazyModules,
      synchronousYoga(root),
      inkWithoutDevtools,
      emulatorClock,
      lazyStringWidth(root),
    ],
  });
  const text = result.outputFiles[0].text;
  const url = text.includes('__url') ? 'const __url=require("node:url").pathToFileURL(__filename).href;' : '';
  return {
    source: `(function(exports,require,module,__filename,__dirname){${url}${text}\n})`,
    inputs: Object.keys(result.metafile.inputs),
  };
}

function writeAtomically(file, data) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, data);
  renameSync(temporary, file);
}

/** Names by content: a start during a build sees the old set or the new one, and never a cache beside another source. */
function writeChunk(dist, name, source) {
  const file = `${name}-${createHash('sha256').update(source).digest('hex').slice(0, 12)}`;
  writeAtomically(join(dist, `${file}.js`), source);
  return file;
}

function removeOldChunks(dist, current) {
  for (const entry of readdirSync(dist)) {
    const stem = /^([a-z]+-[0-9a-f]{12})\.(?:js|cache)$/.exec(entry)?.[1];
    if (stem === undefined || current.includes(stem)) continue;
    const file = join(dist, entry);
    if (Date.now() - statSync(file).mtimeMs > OLD_CHUNK_MS) rmSync(file, { force: true });
  }
}

/** Runs an exported function of a TypeScript source at build time, on any Node. */
async function evaluate(root, file) {
  const result = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: [file],
    alias: emulator(root),
    define: { ...shared.define, 'import.meta.dirname': JSON.stringify(root) },
  });
  const dir = mkdtempSync(join(tmpdir(), 'nono-build-'));
  try {
    writeFileSync(join(dir, 'module.cjs'), result.outputFiles[0].text);
    return createRequire(import.meta.url)(join(dir, 'module.cjs'));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The Node that will run the product: a code cache made by another one would be rejected. */
function productNode(root) {
  const own = join(root, 'node_modules/.bin/node');
  return existsSync(own) ? own : process.execPath;
}

export async function bundle(root) {
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  const table = {};
  const inputs = [];
  const { libraryHolds } = await evaluate(root, 'src/terminal/xterm-door.ts');
  const define = { NONO_PARTS_HOLD: String(libraryHolds()) };
  for (const name of Object.keys(chunkEntries)) {
    const chunk = await bundleChunk(root, name, define);
    table[name] = writeChunk(dist, name, chunk.source);
    inputs.push(...chunk.inputs);
  }
  writeAtomically(join(dist, 'third-party-licenses.txt'), licenseTexts(root, [...bundledPackages(inputs), 'node-pty']));

  const { buildPolicyData } = await evaluate(root, 'src/policy/groups/policy-data.ts');
  writeAtomically(join(dist, 'policy-data.json'), JSON.stringify(buildPolicyData(root)));
  cpSync(join(root, 'src/session/rc'), join(dist, 'rc'), { recursive: true });
  cpSync(join(root, 'src/cli/completions'), join(dist, 'completions'), { recursive: true });

  const loader = readFileSync(join(root, 'scripts/build/loader.cjs'), 'utf8');
  const filled = loader.replace('var chunks = {};', `var chunks = ${JSON.stringify(table)};`);
  if (filled === loader) throw new Error('scripts/build/loader.cjs has no table to fill');
  // The caches last: they are made by the product itself, warmed up.
  const maker = join(root, 'scripts/build/code-cache.cjs');
  execFileSync(productNode(root), [maker, root, JSON.stringify(table)], {
    // What the product says while it is warmed up is for nobody; what went wrong comes by the descriptor of its own.
    stdio: ['ignore', 'ignore', 'ignore', 2],
    cwd: root,
  });
  writeAtomically(join(dist, 'cli.cjs'), filled);
  removeOldChunks(dist, Object.values(table));
}
