/** Places, values and streams on which two hosts of the same code could part: what the planner makes of them is what Node makes of them, byte for byte, or it gives up. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { difference } from '../helpers/difference.ts';
import { CachedInstallation, type StartOptions } from '../helpers/plan-cache.ts';
import { type TestUser, users } from '../helpers/users.ts';

const user = users.at(-1) as TestUser;

function prepared(): CachedInstallation {
  const at = new CachedInstallation(user, { planner: true });
  at.write('project/file', 'x');
  at.write('project/new\nline/file', 'x');
  at.write('other/place/file', 'x');
  symlinkSync(join(at.home, 'other'), join(at.project, 'far'));
  return at;
}

const closed = ['sh', '-c', 'exec <&- 1>&- 2>&-; exec "$@"', 'sh'];

test('odd places, variables and streams', () => {
  const at = prepared();
  const deny = ['--allow', '.', '--deny', './**/*.pem'];
  const lines: readonly (readonly [readonly string[], StartOptions])[] = [
    [['run'], { env: { TMPDIR: `${at.project}/far/..` } }],
    [['run', '--allow', 'far/..', '-r', 'new\nline'], {}],
    [['run', ...deny], { before: closed }],
    [['run'], { env: { NONO_THEME: 'no-such-theme' } }],
    [['wrap'], { env: { HOME: `${at.project}/far/..` } }],
    [['wrap', '-r', '/dev/stdin'], { env: { COLUMNS: '40', NO_COLOR: '1' } }],
    [['wrap'], { env: { toString: 'x', X: '\ufeffa\nb' } }],
  ];
  let compared = 0;
  for (const [[kind = '', ...words], options] of lines) {
    const both = at.plannedTwiceIfAtAll([kind, '--allow-cwd', ...words, '--', 'true'], options);
    if (both === undefined) continue;
    compared++;
    assert.equal(both[0], both[1], JSON.stringify([kind, words, options]));
  }
  assert.ok(compared >= 3, `${compared} were made by the planner`);
});

test('a file where the directory of profiles should be is an error in both', () => {
  const at = prepared();
  at.write('.config/nono/profiles', 'no directory');
  for (let i = 0; i < 2; i++) {
    const start = at.start(['run', '--allow-cwd', '--', 'true']);
    assert.equal(start.hit, false);
    assert.match(start.stderr, /cannot be looked up/);
  }
});

test('a start whose command is not found leaves nothing in the cache, whoever has planned it', () => {
  const at = prepared();
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['no-such-command', []],
    ['true', ['env', 'PATH=']],
    ['./no/such/file', []],
  ];
  for (const kind of ['wrap', 'run'])
    for (const [command, before] of lines) {
      const both = at.plannedTwice([kind, '-s', '--allow-cwd', '--', command], { before });
      assert.equal(both[0], both[1], `${kind} ${command}`);
      assert.match(both[0], /^nothing was kept\n127\n/);
    }
});

test('little room, other languages, many variables and many words', () => {
  const at = prepared();
  const limited = (...limits: readonly string[]): StartOptions => ({ before: ['prlimit', ...limits, '--'] });
  const locale = { LC_ALL: 'tr_TR.UTF-8', LC_CTYPE: 'POSIX', LANG: 'C', LANGUAGE: 'de:en', TZ: 'Asia/Tokyo' };
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`VARIABLE_${i}`, `value ${i}`]));
  const long = Array.from({ length: 20_000 }, (_, i) => `word-${i}`);
  const searched = ['-s', '-p', 'claude-code', '--deny', './**/*.pem'];
  const lines: readonly (readonly [string, readonly string[], readonly string[], StartOptions])[] = [
    ['run', searched, [], limited('--nofile=64:64')],
    ['run', searched, [], limited('--stack=262144:262144')],
    ['run', searched, [], limited('--stack=unlimited:unlimited')],
    ['run', searched, [], limited('--as=2147483648:2147483648')],
    ['wrap', [], [], limited('--nproc=1000:1000', '--cpu=100:100')],
    ['run', ['--deny', './**/\u0130*.pem'], [], { env: locale }],
    ['wrap', ['-r', 'new\nline'], [], { env: locale }],
    ['run', ['--env', 'VARIABLE_9*'], [], { env: many }],
    ['wrap', [], [], { env: many }],
    ['run', [], long, {}],
    ['wrap', [], long, {}],
  ];
  for (const [kind, flags, words, options] of lines) {
    const both = at.plannedTwice([kind, '--allow-cwd', ...flags, '--', 'true', ...words], options);
    const what = JSON.stringify([kind, flags, Object.keys(options.env ?? options.before ?? {}).length]);
    assert.equal(difference(...both), '', what);
    assert.match(both[0], /^NONOPCA3/, what);
  }
});

test('without a home that says where it is, Node tells the error', () => {
  const at = prepared();
  const homes: readonly (readonly [StartOptions, RegExp])[] = [
    [{ before: ['env', '-u', 'HOME'] }, /HOME is not set/],
    [{ env: { HOME: '' } }, /HOME is not set/],
    [{ env: { HOME: 'project' } }, /not an absolute path/],
  ];
  for (const kind of ['wrap', 'run'])
    for (const [options, said] of homes) {
      const start = at.start([kind, '-s', '--allow-cwd', '--', 'true'], options);
      assert.equal(start.hit, false);
      assert.match(start.stderr, said);
      assert.deepEqual(at.entries(), []);
    }
});
