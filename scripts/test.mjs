// npm test: format and lint, types, then every test. Arguments are files or folders to run instead of all of them; `--only-tests` skips the checks.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { longestFirst } from './test/order.mjs';
import { runFiles } from './test/run-files.mjs';
import { secondTry } from './test/second-try.mjs';

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
// A file waits for a third of its time and more: for a screen, a key, a process. One file more than there are processors leaves none of them idle, two more only make each other slow.
const concurrency = Math.max(2, Math.min(4, availableParallelism() + 1));
if (files.length > 1)
  process.stdout.write(
    `${files.length} files, ${concurrency} at a time; what they say comes in the order of their start\n`,
  );
const first = await runFiles(root, longestFirst(root, files), concurrency);
const again = secondTry(first.failures);
if (again.length > 0) {
  process.stdout.write(
    `\nsecond tries: ${again.length}, alone; something was not there in time, and nothing else failed\n`,
  );
  for (const file of again) process.stdout.write(`  ${relative(root, file)}\n`);
}
// Passed only where the runner says so of the whole: a run that ends before that has failed.
const passed = first.passed || (again.length > 0 && (await runFiles(root, again, 1)).passed);
process.exitCode = passed ? 0 : 1;
