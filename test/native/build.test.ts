/** native/build.sh beside what builds before it have left. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeAtEnd } from '../helpers/left-behind.ts';
import { root } from '../helpers/users.ts';

test('what a killed build has left of the engine is removed, and not what another build is at', () => {
  const native = mkdtempSync(join(tmpdir(), 'nono-build-'));
  removeAtEnd(native);
  copyFileSync(join(root, 'native/build.sh'), join(native, 'build.sh'));
  for (const name of ['work.killed', 'work.going', '123'])
    mkdirSync(join(native, 'engine-build', name), { recursive: true });
  const hours = (ago: number): Date => new Date(Date.now() - ago * 3_600_000);
  for (const name of ['work.killed', '123']) utimesSync(join(native, 'engine-build', name), hours(2), hours(2));
  // No compiler: the build itself fails, at its first program.
  const build = spawnSync('sh', [join(native, 'build.sh')], { env: { ...process.env, CC: 'false' } });
  assert.notEqual(build.status, 0);
  const left = readdirSync(join(native, 'engine-build'));
  assert.deepEqual(left.filter((name) => /^work\.(?:killed|going)$|^123$/.test(name)).sort(), ['123', 'work.going']);
});
