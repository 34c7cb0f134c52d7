import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compiled } from '../helpers/compiled.ts';
import { root } from '../helpers/users.ts';
import { buildDirectory } from './driver.ts';

/** The main enforcement tests once more, under a launcher that stops at the first bad memory access or undefined behaviour. NONO_SANITIZE=all takes every one. */
const own = ['fuzz', 'sanitize'];
const every = process.env['NONO_SANITIZE'] === 'all';
/** Most of the time they wait for each other's processes. In npm test another file runs beside them. */
const atATime = every ? 3 : 2;
const suites = every
  ? readdirSync(import.meta.dirname, { encoding: 'utf8', recursive: true })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => name.slice(0, -'.test.ts'.length))
      .filter((name) => !own.includes(name))
  : ['open/open', 'rules/deny', 'loop/held', 'path/proc', 'start/ending', 'start/nested'];

const without = process.env['NONO_TEST_LAUNCHER'] !== undefined && 'another launcher was asked for';
const compiles =
  spawnSync('cc', ['-fsanitize=address,undefined', '-x', 'c', '-', '-o', '/dev/null'], {
    input: 'int main(void){return 0;}',
  }).status === 0;

/** What the files are compiled to is kept, as in npm test. */
const loader = ['--import', join(root, 'scripts/tsx-loader.mjs')];

/** Where to begin; what follows the line is shown with it. */
const isFailure = /^ *not ok|AddressSanitizer|runtime error/;

test('no memory error under ASan and UBSan', {
  skip: without || (!compiles && 'the compiler has no sanitizers'),
  // Long: beside the fuzzers all of them take minutes, and this only ends what hangs.
  timeout: every ? 1_200_000 : 300_000,
}, async () => {
  const out = buildDirectory();
  chmodSync(out, 0o755);
  // Nothing is optimised away before it is looked at, and it is built in half the time.
  const settings = { SANITIZE: '1', ONLY: 'nono-launch', CFLAGS: '-O0 -g1' };
  // A quarter of a minute of a processor: kept while no source of it changes, nor native/build.sh.
  compiled(join(out, 'nono-launch'), process.env['CC'] ?? 'cc', ['build.sh', JSON.stringify(settings)], () => {
    const built = spawnSync('sh', [join(root, 'native/build.sh')], {
      env: { ...process.env, ...settings, OUT: out },
      encoding: 'utf8',
    });
    assert.equal(built.status, 0, built.stderr);
  });
  const files = suites.map((name) => join(root, `test/native/${name}.test.ts`));
  const env: NodeJS.ProcessEnv = { ...process.env, NONO_TEST_LAUNCHER: join(out, 'nono-launch') };
  // Set by the runner for its own children: with it the inner run would report to the outer one in a binary form.
  delete env['NODE_TEST_CONTEXT'];
  const child = spawn(
    process.execPath,
    [...loader, '--test', `--test-concurrency=${atATime}`, '--test-timeout=120000', '--test-reporter=tap', ...files],
    { env },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const [code] = await once(child, 'close');
  const failures = said.split('\n').flatMap((line, i, all) => (isFailure.test(line) ? all.slice(i, i + 30) : []));
  assert.equal(code, 0, failures.join('\n') || said.slice(-4000));
  assert.match(said, /# pass [1-9]\d\d/);
});
