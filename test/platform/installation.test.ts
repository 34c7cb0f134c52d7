import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { installationRoot, nativeProgram } from '../../src/platform/installation.ts';

test('the root is found from the sources and from the bundle', () => {
  const root = join(import.meta.dirname, '../..');
  assert.equal(installationRoot(), root);
  assert.equal(installationRoot(join(root, 'dist')), root);
});

test('a place without an installation, and one without native programs, say what to do', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nono-root-'));
  assert.throws(() => installationRoot(dir), { name: 'NonoError', code: 'installation' });
  assert.throws(
    () => nativeProgram('nono-launch', dir),
    (error: Error & { hint: string }) => /build:native.*apt install gcc/.test(error.hint),
  );
  rmSync(dir, { recursive: true });
});
