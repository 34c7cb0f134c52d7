import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectories } from '../../src/config/make-directories.ts';
import { root } from '../helpers/users.ts';

test('makes what is missing, each for its owner only', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'nono-directories-'));
  t.after(() => rmSync(directory, { recursive: true }));
  makeDirectories(join(directory, 'a/b/c'), 0o700);
  makeDirectories(join(directory, 'a/b/c'), 0o700);
  for (const name of ['a', 'a/b', 'a/b/c']) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o700);
});

test('where nothing can be made, a command ends, with one line', () => {
  assert.throws(() => makeDirectories('/proc/none/nono', 0o700), { code: 'ENOENT' });
  const env = { ...process.env, XDG_CONFIG_HOME: '/proc/none' };
  const done = spawnSync(join(root, 'bin/nono'), ['profile', 'init', 'x'], { env, encoding: 'utf8', timeout: 20_000 });
  assert.equal(done.status, 1);
  assert.match(done.stderr, /^nono: \S+x\.json: cannot be written \(ENOENT\)[^\n]*\n$/);
});
