import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { updateFile } from '../../src/config/atomic-update.ts';
import { namesBeside } from '../../src/config/names-beside.ts';
import { NonoError } from '../../src/platform/errors.ts';
import { temporary } from '../policy/support.ts';

test('a new file is for its owner only, in a directory for its owner only', (t) => {
  const dir = temporary(t);
  const file = join(dir, 'a/b/c.json');
  const mask = process.umask(0);
  t.after(() => process.umask(mask));
  assert.deepEqual(
    updateFile(file, (current) => `${current}!`),
    { file, before: undefined, after: 'undefined!' },
  );
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(dir, 'a/b')).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(join(dir, 'a/b')), ['c.json'], 'no lock and no temporary is left');
});

test('mode and owner stay, and the file is replaced, not rewritten', (t) => {
  const dir = temporary(t, { f: 'old' });
  const file = join(dir, 'f');
  chmodSync(file, 0o640);
  const inode = statSync(file).ino;
  updateFile(file, () => 'new');
  const after = statSync(file);
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.equal(after.mode & 0o777, 0o640);
  assert.notEqual(after.ino, inode);
});

test('what a killed nono left beside the file is in nobody’s way', (t) => {
  const dir = temporary(t, { f: 'old' });
  const file = join(dir, 'f');
  writeFileSync(namesBeside(file).fresh, 'half of it');
  updateFile(file, () => 'new');
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.deepEqual(readdirSync(dir), ['f']);
});

test('nothing is written when nothing changes', (t) => {
  const dir = temporary(t, { f: 'same' });
  const inode = statSync(join(dir, 'f')).ino;
  updateFile(join(dir, 'f'), (text) => text ?? '');
  assert.equal(statSync(join(dir, 'f')).ino, inode);
});

test('a link stays a link, and what it leads to is replaced beside itself', (t) => {
  const dir = temporary(t, { 'dotfiles/p.json': '1', 'profiles/p.json': '-> ../dotfiles/p.json' });
  updateFile(join(dir, 'profiles/p.json'), (text) => `${text}2`);
  assert.ok(lstatSync(join(dir, 'profiles/p.json')).isSymbolicLink());
  assert.equal(readFileSync(join(dir, 'dotfiles/p.json'), 'utf8'), '12');
});

test('a transform that throws leaves the file and no lock', (t) => {
  const dir = temporary(t, { f: 'x' });
  assert.throws(
    () =>
      updateFile(join(dir, 'f'), () => {
        throw new NonoError('profile-invalid', 'no');
      }),
    /no/,
  );
  assert.deepEqual(readdirSync(dir), ['f']);
  assert.equal(readFileSync(join(dir, 'f'), 'utf8'), 'x');
});

test('an edit made by somebody else meanwhile is not lost', (t) => {
  const dir = temporary(t, { f: 'a' });
  const file = join(dir, 'f');
  let calls = 0;
  updateFile(file, (current) => {
    // An editor, which knows no lock, saves between our read and our rename.
    if (calls++ === 0) writeFileSync(file, `${current}b`);
    return `${current}c`;
  });
  assert.equal(calls, 2);
  assert.equal(readFileSync(file, 'utf8'), 'abc');
});

test('a file that appears while it is being created is not replaced', (t) => {
  const file = join(temporary(t), 'f');
  let calls = 0;
  updateFile(file, (current) => {
    if (calls++ === 0) writeFileSync(file, 'theirs ');
    return `${current ?? ''}ours`;
  });
  assert.equal(readFileSync(file, 'utf8'), 'theirs ours');
});

test('a file is taken away, and is there again when somebody wrote it meanwhile', (t) => {
  const dir = temporary(t, { f: 'a' });
  const file = join(dir, 'f');
  let calls = 0;
  const edited = updateFile(file, (current) => {
    if (calls++ === 0) writeFileSync(file, `${current}b`);
    return current === 'a' ? undefined : current;
  });
  assert.deepEqual(edited, { file, before: 'ab', after: 'ab' });
  assert.deepEqual(readdirSync(dir), ['f']);
  assert.equal(readFileSync(file, 'utf8'), 'ab');
  assert.deepEqual(
    updateFile(file, () => undefined),
    { file, before: 'ab', after: undefined },
  );
  assert.deepEqual(readdirSync(dir), []);
});

/** The lock has no order: one of many may be unlucky for longer than a person would wait. */
const PATIENCE_MS = 60_000;

test('eight processes that each append twenty lines lose none', async (t) => {
  const file = join(temporary(t), 'f');
  const script = `
    const { updateFile } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/config/atomic-update.ts'))});
    for (let i = 0; i < 20; i++) updateFile(${JSON.stringify(file)}, (text) => (text ?? '') + process.argv[1] + '-' + i + '\\n', ${PATIENCE_MS});`;
  await Promise.all(
    Array.from(
      { length: 8 },
      (_, n) =>
        new Promise<void>((resolve, reject) => {
          const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, String(n)], {
            stdio: 'inherit',
          });
          child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
        }),
    ),
  );
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.equal(new Set(lines).size, 160);
  assert.equal(lines.length, 160);
});

test('a lock left by a process that died is taken over', (t) => {
  const dir = temporary(t, { f: 'x' });
  const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  writeFileSync(join(dir, 'f.lock'), dead);
  updateFile(join(dir, 'f'), () => 'y');
  writeFileSync(join(dir, 'f.lock'), '');
  utimesSync(join(dir, 'f.lock'), 1, 1);
  updateFile(join(dir, 'f'), () => 'z');
  assert.equal(readFileSync(join(dir, 'f'), 'utf8'), 'z');
  assert.deepEqual(readdirSync(dir), ['f']);
});

test('what cannot be written is one clear line', (t) => {
  const dir = temporary(t, { file: 'x', 'd.json': null });
  const fails = (file: string, message: RegExp): void => {
    assert.throws(
      () => updateFile(file, () => 'y'),
      (error) => error instanceof NonoError && message.test(error.message),
    );
  };
  fails(join(dir, 'file/below.json'), /cannot be written \(E(NOTDIR|EXIST)\)/);
  fails(join(dir, 'd.json'), /is a directory/);
  symlinkSync('/nowhere/deep/x', join(dir, 'dangling'));
  fails(join(dir, 'dangling'), /leads nowhere/);
  assert.deepEqual(readdirSync(dir).sort(), ['d.json', 'dangling', 'file']);
});
