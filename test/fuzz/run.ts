/** npm run test:fuzz: the fuzzers for longer than npm test, then every native test under ASan and UBSan. `-- --seconds 3600 plan` runs one of them for an hour. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' } },
  allowPositionals: true,
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) {
  process.stderr.write(`--seconds takes a number of seconds, not '${values.seconds}'\n`);
  process.exit(2);
}
const native = join(import.meta.dirname, '..', 'native');
const files = positionals.length > 0 ? ['fuzz'] : ['fuzz', 'sanitize'];
const env: NodeJS.ProcessEnv = {
  ...process.env,
  NONO_FUZZ_SECONDS: String(seconds),
  NONO_SANITIZE: 'all',
  NONO_CHAOS_MS: String(seconds * 150),
};
if (positionals.length > 0) env['NONO_FUZZ_TARGETS'] = positionals.join(',');
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    // Both at once: the fuzzers end by the clock and take what the other leaves, which is a processor most of the time.
    '--test-concurrency=2',
    `--test-timeout=${(seconds * 8 + 900) * 1000}`,
    ...files.map((name) => join(native, `${name}.test.ts`)),
  ],
  { stdio: 'inherit', env },
);
process.exit(status ?? 1);
