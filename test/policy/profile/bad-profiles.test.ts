import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ErrorCode, NonoError } from '../../../src/platform/errors.ts';
import { resolveIn, temporary } from '../support.ts';
import { badProfiles, hostileProfiles } from './bad-profile-cases.ts';

function expectError(work: () => unknown, code: ErrorCode, says: RegExp): NonoError {
  let caught: unknown;
  assert.throws(work, (error) => {
    caught = error;
    return true;
  });
  assert.ok(caught instanceof NonoError, `a NonoError, not ${String(caught)}`);
  assert.equal(caught.code, code, caught.message);
  assert.equal(caught.exitCode, 1, 'as docs/exit-codes.md says');
  assert.match(caught.message, says);
  assert.ok(!caught.message.includes('\n'), 'one line');
  return caught;
}

function home(t: TestContext): string {
  const dir = temporary(t);
  mkdirSync(join(dir, '.config/nono/profiles'), { recursive: true });
  return dir;
}

for (const { what, text, code = 'profile-invalid', at, says, hint } of [...badProfiles, ...hostileProfiles]) {
  test(`refused: ${what}`, (t) => {
    const dir = home(t);
    const file = join(dir, '.config/nono/profiles/bad.json');
    writeFileSync(file, text);
    const error = expectError(() => resolveIn(dir, { profile: 'bad' }), code, says);
    assert.ok(error.message.startsWith(`${file}:`), error.message);
    if (at) assert.ok(error.message.startsWith(`${file}:${at}: `), error.message);
    assert.ok(error.hint, `what to do about it: ${error.message}`);
    if (hint) assert.match(error.hint, hint);
  });
}

test('a cycle through two files is named with its links', (t) => {
  const dir = home(t);
  const profiles = join(dir, '.config/nono/profiles');
  writeFileSync(join(profiles, 'a.json'), '{ "extends": "b" }');
  writeFileSync(join(profiles, 'b.jsonc'), '{\n "extends": ["default", "a"]\n}');
  const error = expectError(
    () => resolveIn(dir, { profile: 'a' }),
    'profile-invalid',
    /circular dependency detected: a -> b -> a/,
  );
  assert.match(error.message, /b\.jsonc:2:25/);
});

test('a chain of more than ten is refused', (t) => {
  const dir = home(t);
  for (let i = 0; i < 12; i++) {
    writeFileSync(join(dir, `.config/nono/profiles/p${i}.json`), i === 11 ? '{}' : `{ "extends": "p${i + 1}" }`);
  }
  expectError(() => resolveIn(dir, { profile: 'p0' }), 'profile-invalid', /more than 10 profiles deep/);
  assert.equal(resolveIn(dir, { profile: 'p3' }).profile, 'p3');
});

test('a profile nobody has', (t) => {
  const dir = home(t);
  writeFileSync(join(dir, '.config/nono/profiles/developer.json'), '{}');
  assert.match(
    expectError(() => resolveIn(dir, { profile: 'develper' }), 'profile-not-found', /'develper'/).hint ?? '',
    /'developer'/,
  );
  expectError(() => resolveIn(dir, { profile: './nope.json' }), 'profile-not-found', /no profile file/);
  expectError(() => resolveIn(dir, { profile: '' }), 'profile-not-found', /cannot be the name/);
  expectError(() => resolveIn(dir, { profile: '../x' }), 'profile-not-found', /no profile file/);
});

test('a directory, a FIFO, a device and a loop of links are not profiles', (t) => {
  const dir = home(t);
  const profiles = join(dir, '.config/nono/profiles');
  mkdirSync(join(profiles, 'd.json'));
  expectError(() => resolveIn(dir, { profile: 'd' }), 'profile-invalid', /is a directory/);
  execFileSync('mkfifo', [join(profiles, 'f.json')]);
  expectError(() => resolveIn(dir, { profile: 'f' }), 'profile-invalid', /not an ordinary file/);
  expectError(() => resolveIn(dir, { profile: '/dev/zero' }), 'profile-invalid', /not an ordinary file/);
  symlinkSync('l.json', join(profiles, 'l.json'));
  expectError(() => resolveIn(dir, { profile: 'l' }), 'profile-invalid', /leads to itself/);
});

test('a dangling link does not fall back to the built-in profile of its name', (t) => {
  const dir = home(t);
  symlinkSync('/nowhere', join(dir, '.config/nono/profiles/claude-code.json'));
  expectError(() => resolveIn(dir, { profile: 'claude-code' }), 'profile-invalid', /leads nowhere/);
});

test('an unreadable profile is named, not skipped', {
  skip: process.getuid?.() === 0 ? 'root reads everything; run in a child below' : false,
}, (t) => {
  const dir = home(t);
  const file = join(dir, '.config/nono/profiles/x.json');
  writeFileSync(file, '{}');
  chmodSync(file, 0);
  expectError(() => resolveIn(dir, { profile: 'x' }), 'profile-invalid', /permission denied/);
});

test('an ordinary user who may not read a profile is told so', { skip: process.getuid?.() !== 0 }, (t) => {
  const dir = home(t);
  chmodSync(dir, 0o755);
  const profiles = join(dir, '.config/nono/profiles');
  const file = join(profiles, 'x.json');
  writeFileSync(file, '{}');
  chmodSync(file, 0);
  const script = `
    const { resolveIn } = await import(${JSON.stringify(join(import.meta.dirname, '..', 'support.ts'))});
    process.setgid(65534); process.setuid(65534);
    try { resolveIn(${JSON.stringify(dir)}, { profile: process.argv[1] }); } catch (e) { console.log(e.code + ' ' + e.message); }`;
  const ask = (name: string): string =>
    execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, name], { encoding: 'utf8' });
  assert.match(ask('x'), /^profile-invalid .*x\.json: cannot be read: permission denied/);
  // A directory that cannot be searched may hold a replacement of a built-in profile.
  chmodSync(profiles, 0);
  assert.match(ask('default'), /^profile-invalid .*cannot be looked up/);
});
