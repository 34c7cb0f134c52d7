// npm test: format and lint, types, then every test. Arguments are files or folders to run instead of all of them; `--only-tests` skips the checks.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const options = process.argv.slice(2);

function run(name, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) process.stderr.write(`nono: cannot run ${command}: ${error.message}\n`);
  if (status !== 0) {
    process.stderr.write(`nono: ${name} failed\n`);
    process.exit(status || 1);
  }
}

/** A sandbox test on a kernel without the sandbox would pass by testing nothing. */
function requireKernel() {
  const launcher = join(root, 'native/build/nono-launch');
  const probe = spawnSync(launcher, ['--probe'], { encoding: 'utf8' });
  const facts = Object.fromEntries(
    (probe.stdout ?? '')
      .trim()
      .split(/\s+/)
      .map((fact) => fact.split('=')),
  );
  const lacking = [];
  if (!(Number(facts.abi) >= 1)) lacking.push('Landlock');
  if (facts.notify !== '1') lacking.push('seccomp user notification');
  if (lacking.length > 0) {
    process.stderr.write(`nono: this kernel has no ${lacking.join(' and no ')}: the tests would show nothing here\n`);
    process.exit(1);
  }
}

function testFiles(path) {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path).toSorted();
  return entries.flatMap((entry) => {
    const file = join(path, entry);
    if (statSync(file).isDirectory()) return entry === 'fixtures' ? [] : testFiles(file);
    return /\.test\.tsx?$/.test(entry) ? [file] : [];
  });
}

if (!options.includes('--only-tests')) {
  run('the build', process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale']);
  run('biome', join(root, 'node_modules/@biomejs/cli-linux-x64/biome'), ['check', '--error-on-warnings']);
  run('tsc', join(root, 'node_modules/.bin/tsc'), ['--project', root]);
}
requireKernel();
const named = options.filter((option) => !option.startsWith('--')).map((path) => join(root, path));
const absent = named.find((path) => !existsSync(path));
if (absent !== undefined) {
  process.stderr.write(`nono: ${absent} does not exist\n`);
  process.exit(2);
}
const files = (named.length > 0 ? named : [join(root, 'test')]).flatMap(testFiles);
// Some tests measure time and all start processes: more files at once than processors only makes them slow together.
const concurrency = Math.max(1, Math.min(4, availableParallelism()));
run('the tests', process.execPath, [
  '--import',
  join(root, 'scripts/tsx-loader.mjs'),
  '--import',
  join(root, 'scripts/end-of-tests.mjs'),
  '--test',
  `--test-concurrency=${concurrency}`,
  '--test-timeout=120000',
  ...files,
]);
