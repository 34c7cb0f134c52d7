// npm test: format and lint, types, then every test. Arguments are files or folders to run instead of all of them; `--only-tests` skips the checks.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
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

/**
 * What would be the last to end begins first. The attempts to get out and the builds for sanitizers keep processors of their own busy, so between them stand files that mostly wait.
 * A file that is not named here takes less than ten seconds, or a little more.
 */
const long = [
  'escape/escape.test.ts',
  'terminal/session.test.ts',
  'terminal/points.test.ts',
  'e2e/home.test.ts',
  'native/patterns.test.ts',
  'native/held.test.ts',
  'native/sanitize.test.ts',
  'e2e/shell-network.test.ts',
  'native/property.test.ts',
  'native/property-kernel.test.ts',
  'terminal/pane-and-chrome.test.ts',
  'native/fuzz.test.ts',
  'e2e/shell-approve.test.ts',
  'cli/plan-cache.test.ts',
  'native/fast-path.test.ts',
  'native/robust.test.ts',
  'policy/manifest.test.ts',
  'terminal/flicker.test.ts',
  'cli/plan-cache-search.test.ts',
  'e2e/why-self.test.ts',
  'native/birth.test.ts',
  'native/conformance.test.ts',
  'e2e/detached.test.ts',
  'native/unix-sockets.test.ts',
  'cli/plan-cache-attacks.test.ts',
  'e2e/attach.test.ts',
  'e2e/network-flags.test.ts',
  'cli/inspect.test.ts',
  'e2e/patterns.test.ts',
  'native/pattern.test.ts',
  'policy/floor.test.ts',
  'native/plan.test.ts',
  'cli/bad-profiles.test.ts',
  'e2e/strict.test.ts',
  'e2e/shell-programs.test.ts',
  'e2e/shell-commands.test.ts',
  'e2e/shell-jobs.test.ts',
  'native/net.test.ts',
  'native/chaos.test.ts',
  'e2e/protected-state.test.ts',
  'e2e/save-prompt.test.ts',
];

function longestFirst(files) {
  const places = new Map(long.map((name, place) => [join(root, 'test', name), place]));
  const gone = [...places.keys()].find((file) => !existsSync(file));
  if (gone !== undefined) throw new Error(`the table of long test files names ${gone}, which is not there`);
  const place = (file) => places.get(file) ?? long.length;
  return files.toSorted((a, b) => place(a) - place(b));
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
const loaded = ['tsx-loader.mjs', 'end-of-tests.mjs'].flatMap((name) => ['--import', join(root, 'scripts', name)]);
if (files.length > 1)
  process.stdout.write(
    `${files.length} files, ${concurrency} at a time; what they say comes in the order of their start\n`,
  );
// Not by the command line of Node, which sorts the files by their names.
const tests = runTests({
  files: longestFirst(files),
  concurrency,
  cwd: root,
  execArgv: [...loaded, '--test-timeout=120000'],
});
// Passed only where the runner says so of the whole: a run that ends before that has failed.
process.exitCode = 1;
tests.on('test:summary', ({ file, success }) => {
  if (file === undefined && success) process.exitCode = 0;
});
// Its last lines are the tests that failed, each with its file and its message.
tests.compose(spec).pipe(process.stdout);
