/** The attempts to get out, as far as npm test has time: each user once, races of one second. `npm run test:escape` is the whole of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

test('every attempt is blocked', { timeout: 600_000 }, async (t) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), '--quick', '--seconds', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  const lines = said.split('\n');
  for (const line of lines.filter((l) => /^(skipped|score|second tries)/.test(l))) t.diagnostic(line);
  // From the score on it says what failed.
  assert.equal(code, 0, said.includes('\nscore: ') ? said.slice(said.indexOf('\nscore: ')) : said.slice(-2000));
});
