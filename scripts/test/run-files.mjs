// Runs test files and tells what failed.
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** @typedef {{ file: string, type: string, message: string }} Failure `type` is the runner's failureType. */

/**
 * Not by the command line of Node, which sorts the files by their names.
 * @param {string} root
 * @param {string[]} files
 * @param {number} concurrency
 * @returns {Promise<{ passed: boolean, failures: Failure[] }>}
 */
export async function runFiles(root, files, concurrency) {
  const loaded = ['tsx-loader.mjs', 'end-of-tests.mjs'].flatMap((name) => ['--import', join(root, 'scripts', name)]);
  const tests = run({ files, concurrency, cwd: root, execArgv: [...loaded, '--test-timeout=120000'] });
  let passed = false;
  const failures = [];
  tests.on('test:summary', ({ file, success }) => {
    if (file === undefined) passed = success;
  });
  tests.on('test:fail', ({ file, details: { error } }) => {
    failures.push({ file, type: error.failureType, message: String(error.cause?.message ?? error.message) });
  });
  // Its last lines are the tests that failed, each with its file and its message.
  const said = tests.compose(spec);
  said.pipe(process.stdout);
  await new Promise((resolve, reject) => said.once('end', resolve).once('error', reject));
  return { passed, failures };
}
