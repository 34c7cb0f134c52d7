/** Runs a script in the engine of nono-planner, as the product runs its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAtEnd } from './left-behind.ts';
import { root } from './users.ts';

export const planner = join(root, 'native/build/nono-planner');

/** `source` ends with `host.finish(bytes)`: those, as text. */
export function runInEngine(source: string, words: readonly string[] = []): string {
  const dist = mkdtempSync(join(tmpdir(), 'nono-engine-'));
  removeAtEnd(dist);
  writeFileSync(join(dist, 'cli.cjs'), '');
  writeFileSync(join(dist, 'script.js'), `host.begin = () => {${source}\n};`);
  const compiled = spawnSync(planner, ['--compile', join(dist, 'script.js'), join(dist, 'planner.bytecode')], {
    encoding: 'utf8',
  });
  assert.equal(compiled.status, 0, compiled.stderr);
  const out = join(dist, 'result');
  const run = 'exec "$0" 9 wrap node "$1/cli.cjs" "$@" 9>"$1/result"';
  const done = spawnSync('sh', ['-c', run, planner, dist, ...words], {
    encoding: 'utf8',
    env: { NONO_PLANNER_WHY: '1' },
  });
  assert.equal(done.status, 0, done.stderr);
  return readFileSync(out, 'utf8');
}
