/** Cached plans under a seccomp filter that is not nono's, as in a container: taken where it cannot be an outer session's and nobody listens to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CachedInstallation } from '../../helpers/plan-cache.ts';
import { underFilter } from '../../helpers/seccomp-filter.ts';
import { rootSkip, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const lines = [
  ['wrap', '--allow-cwd', '--', 'cat', 'README'],
  ['run', '--allow-cwd', '--', 'cat', 'README'],
];

test('under a filter of a container the plan is kept and taken, and the same is said', { skip: rootSkip }, () => {
  const at = new CachedInstallation(user);
  const before = underFilter(1);
  for (const args of lines) {
    const [command = '', ...rest] = args;
    const plain = at.start([command, '--no-plan-cache', ...rest], { before });
    assert.equal(plain.stdout, 'a project\n', plain.stderr);
    assert.deepEqual({ ...at.untilHit(args, { before }), hit: false }, plain);
  }
});

test('a plan of another filter, or of none, is a miss', { skip: rootSkip }, () => {
  const at = new CachedInstallation(user);
  const [none, one, two] = [{}, { before: underFilter(1) }, { before: underFilter(2) }];
  const [args = []] = lines;
  for (const [kept, other] of [
    [none, one],
    [one, none],
    [one, two],
    [two, one],
  ] as const) {
    at.forget();
    at.untilHit(args, kept);
    assert.ok(at.misses(args, other), JSON.stringify([kept, other]));
  }
});

test('a filter that somebody listens to, or that an outer session could have set, has no cache', {
  skip: rootSkip,
}, () => {
  const at = new CachedInstallation(user);
  for (const before of [underFilter(1, { listened: true }), underFilter(1, { noNewPrivs: true })])
    for (const args of lines) {
      for (let i = 0; i < 2; i++) {
        const start = at.start(args, { before });
        assert.equal(start.hit, false);
        assert.equal(start.stdout, 'a project\n', start.stderr);
      }
      assert.deepEqual(at.entries(), []);
    }
});

test('where nobody’s end can be waited for, nothing is known, and there is no cache', { skip: rootSkip }, () => {
  const at = new CachedInstallation(user);
  const before = [
    'python3',
    '-c',
    'import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execvp(sys.argv[1], sys.argv[1:])',
    ...underFilter(1),
  ];
  for (let i = 0; i < 2; i++) assert.equal(at.start(lines[0] as readonly string[], { before }).hit, false);
  assert.deepEqual(at.entries(), []);
});

test('where a filter refuses listeners nothing is known, and there is no cache: a supervised start says why it cannot be', {
  skip: rootSkip,
}, () => {
  const at = new CachedInstallation(user, { planner: true });
  const before = underFilter(1, { refusesListeners: true });
  for (let i = 0; i < 2; i++) {
    const [wrapped, supervised] = lines.map((args) => at.start(args, { before }));
    assert.equal(wrapped?.stdout, 'a project\n', wrapped?.stderr);
    assert.equal(wrapped?.hit, false);
    assert.equal(supervised?.code, 126);
    assert.equal(supervised?.stdout, '');
    assert.match(supervised?.stderr ?? '', /with a listener: operation not permitted/);
    assert.deepEqual(at.entries(), []);
  }
});
