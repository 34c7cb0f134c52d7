// For tests; the product is a bundle. Lets Node import .tsx, which its type stripping refuses: esbuild turns the JSX into calls. And keeps what was made of each source, types stripped and compiled: a run of
// all tests starts some hundred processes, each of which would make it again (half of what a process without a session takes).
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(import.meta.dirname);
// By contents: what is in it is never older than its source. Who cannot write there does without.
const cache = join(root, 'node_modules/.cache/nono-tests');
enableCompileCache(join(cache, 'compiled'));

const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/esbuild/package.json'), 'utf8'));

function transformed(file, source) {
  const { transformSync } = require('esbuild');
  return transformSync(source, {
    loader: 'tsx',
    format: 'esm',
    jsx: 'automatic',
    target: 'node22.15',
    sourcemap: 'inline',
    sourcefile: file,
  }).code;
}

/** One for each source file, and at its end what it was made from. */
function kept(file, source) {
  const sum = (...of) => createHash('sha256').update(of.join('\0')).digest('hex');
  const path = join(cache, `${sum(file)}.mjs`);
  const made = `\n// ${sum(version, source)}\n`;
  try {
    const before = readFileSync(path, 'utf8');
    if (before.endsWith(made)) return before;
  } catch {
    // Not yet.
  }
  const code = transformed(file, source) + made;
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${path}.${process.pid}`, code);
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // Made again by the next one.
  }
  return code;
}

// React as the product has it: the one for developers takes three times as long. Not by NODE_ENV, which is that of every program the tests start.
const forDevelopers = /^\.\/cjs\/((?:react|scheduler)[a-z.-]*)\.development\.js$/;

registerHooks({
  resolve(specifier, context, nextResolve) {
    return nextResolve(specifier.replace(forDevelopers, './cjs/$1.production.js'), context);
  },
  load(url, context, nextLoad) {
    if (!url.endsWith('.tsx')) return nextLoad(url, context);
    const file = fileURLToPath(url);
    return { format: 'module', source: kept(file, readFileSync(file, 'utf8')), shortCircuit: true };
  },
});
