/** Cached plans under a seccomp filter that is not nono's, as in a container: taken where it cannot be an outer session's and nobody listens to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CachedInstallation } from '../helpers/plan-cache.ts';
import { rootSkip, type TestUser, users } from '../helpers/users.ts';

/** Sets filters that allow everything, as a container's manager does: without no_new_privs, which root may. `times`: how many. */
const filter = (times: number, flags: { noNewPrivs?: boolean; listened?: boolean } = {}): readonly string[] => {
  const script = `import ctypes, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
class Line(ctypes.Structure): _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]
class Program(ctypes.Structure): _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.POINTER(Line))]
program = Program(1, (Line * 1)(Line(6, 0, 0, 0x7fff0000)))
seccomp = {"x86_64": 317, "aarch64": 277}[platform.machine()]
if ${flags.noNewPrivs ? 1 : 0}: assert libc.prctl(38, 1, 0, 0, 0) == 0
for i in range(${times}):
    fd = libc.syscall(seccomp, 1, ${flags.listened ? 8 : 0}, ctypes.byref(program))
    assert fd >= 0
if ${flags.listened ? 1 : 0}:
    child = os.fork()
    if child != 0: sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.execvp(sys.argv[1], sys.argv[1:])`;
  return ['python3', '-c', script];
};

const user = users[0] as TestUser;
const lines = [
  ['wrap', '--allow-cwd', '--', 'cat', 'README'],
  ['run', '--allow-cwd', '--', 'cat', 'README'],
];

test('under a filter of a container the plan is kept and taken, and the same is said', { skip: rootSkip }, () => {
  const at = new CachedInstallation(user);
  const before = filter(1);
  for (const args of lines) {
    const [command = '', ...rest] = args;
    const plain = at.start([command, '--no-plan-cache', ...rest], { before });
    assert.equal(plain.stdout, 'a project\n', plain.stderr);
    assert.deepEqual({ ...at.untilHit(args, { before }), hit: false }, plain);
  }
});

test('a plan of another filter, or of none, is a miss', { skip: rootSkip }, () => {
  const at = new CachedInstallation(user);
  const [none, one, two] = [{}, { before: filter(1) }, { before: filter(2) }];
  const [args = []] = lines;
  for (const [kept, other] of [
    [none, one],
    [one, none],
    [one, two],
    [two, one],
  ] as const) {
    at.forget();
    at.untilHit(args, kept);
    assert.equal(at.start(args, other).hit, false, JSON.stringify([kept, other]));
  }
});

test('a filter that somebody listens to, or that an outer session could have set, has no cache', {
  skip: rootSkip,
}, () => {
  const at = new CachedInstallation(user);
  for (const before of [filter(1, { listened: true }), filter(1, { noNewPrivs: true })])
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
    ...filter(1),
  ];
  for (let i = 0; i < 2; i++) assert.equal(at.start(lines[0] as readonly string[], { before }).hit, false);
  assert.deepEqual(at.entries(), []);
});
