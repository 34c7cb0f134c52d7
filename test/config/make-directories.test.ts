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

test('several that start at once all have it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'nono-directories-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const module = join(root, 'src/config/make-directories.ts');
  // The other one comes between the parent and the directory.
  const script = `
    const fs = process.getBuiltinModule('node:fs');
    const { makeDirectories } = await import(${JSON.stringify(module)});
    const path = ${JSON.stringify(join(directory, 'a/b'))};
    const { mkdirSync } = fs;
    fs.mkdirSync = (made, options) => {
      mkdirSync(made, options);
      if (!made.endsWith('/b')) mkdirSync(path);
    };
    process.getBuiltinModule('node:module').syncBuiltinESMExports();
    makeDirectories(path, 0o700);`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
});

test('where nothing can be made, a command ends, with one line', () => {
  assert.throws(() => makeDirectories('/proc/none/nono', 0o700), { code: 'ENOENT' });
  const env = { ...process.env, XDG_CONFIG_HOME: '/proc/none' };
  const done = spawnSync(join(root, 'bin/nono'), ['profile', 'init', 'x'], { env, encoding: 'utf8', timeout: 20_000 });
  assert.equal(done.status, 1);
  assert.match(done.stderr, /^nono: \S+x\.json: cannot be written \(ENOENT\)[^\n]*\n$/);
});
