// Runs test files and tells what failed.
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { mostExpensive, timesFile } from './times.mjs';

/** @typedef {{ file: string, type: string, message: string }} Failure `type` is the runner's failureType. */

/**
 * Not by the command line of Node, which sorts the files by their names.
 * @param {string} root
 * @param {string[]} files
 * @param {number} concurrency
 * @returns {Promise<{ passed: boolean, failures: Failure[] }>}
 */
export async function runFiles(root, files, concurrency) {
  const times = timesFile();
  // Not told by the environment, which is that of every program the tests start.
  const end = pathToFileURL(join(root, 'scripts/end-of-tests.mjs'));
  end.searchParams.set('times', times);
  const loaded = ['--import', join(root, 'scripts/tsx-loader.mjs'), '--import', end.href];
  const tests = run({ files, concurrency, cwd: root, execArgv: [...loaded, '--test-timeout=120000'] });
  let passed = false;
  const failures = [];
  tests.on('test:summary', ({ file, success }) => {
    if (file === undefined) passed = success;
  });
  tests.on('test:fail', ({ file, details: { error } }) => {
    failures.push({ file, type: error.failureType, message: String(error.cause?.message ?? error.message) });
  });
  // Before the counts, which are what is looked for at the end.
  tests.on('test:diagnostic', ({ nesting, message }) => {
    if (nesting === 0 && /^tests \d+$/.test(message)) process.stdout.write(mostExpensive(root, times));
  });
  // Its last lines are the tests that failed, each with its file and its message.
  const said = tests.compose(spec);
  said.pipe(process.stdout);
  await new Promise((resolve, reject) => said.once('end', resolve).once('error', reject));
  return { passed, failures };
}
