/** What `nono why` says, and what a program in a session with the same flags gets from the kernel: under --private-tmp, and under claude-code with what lifts its denies. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/line/parse.ts';
import { policyRequest } from '../../../src/cli/start/prepare.ts';
import { withMatches } from '../../../src/policy/decide/with-matches.ts';
import { explainPath } from '../../../src/policy/explain/explain-path.ts';
import { explainSocket } from '../../../src/policy/explain/explain-socket.ts';
import type { Explanation } from '../../../src/policy/explain/explanation.ts';
import { policyContext } from '../../../src/policy/resolve/load.ts';
import { resolvePolicy } from '../../../src/policy/resolve/resolve.ts';
import { nono } from '../../helpers/run.ts';
import { environment, makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

type Operation = 'read' | 'write' | 'connect' | 'bind';
type Question = readonly [Operation, string];

/**
 * Does what was asked, and takes it back: a directory is listed, or something is made in it; a file is opened, and made first where there is none. Prints `allowed`, `denied`, or the errno.
 */
const probe = `
import errno, json, os, socket, sys
def attempt(op, path):
    if op in ('connect', 'bind'):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if op == 'connect': return s.connect(path)
        s.bind(path)
        return os.unlink(path)
    if op == 'read':
        if os.path.isdir(path): return os.listdir(path)
        return os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
    if os.path.isdir(path): path = os.path.join(path, '.probe-%d' % os.getpid())
    there = os.path.lexists(path)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY, 0o600))
    if not there: os.unlink(path)
for op, path in json.load(sys.stdin):
    try:
        attempt(op, path)
        print('allowed')
    except OSError as e:
        print('denied' if e.errno in (errno.EACCES, errno.EPERM) else errno.errorcode[e.errno])
`;

interface World {
  readonly home: string;
  readonly project: string;
  /** In the shared directory, from before the session. */
  readonly shared: string;
}

const made: string[] = [];
after(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

function prepare(user: TestUser): World {
  const home = makeHome(user);
  const project = join(home, 'project');
  const shared = mkdtempSync('/tmp/nono-why-');
  made.push(shared);
  chmodSync(shared, 0o777);
  const write = (path: string): void => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'x\n');
  };
  for (const name of ['file', 'dir/file', 'granted/file', 'denied/file']) write(join(shared, name));
  for (const name of [
    '.claude/settings.json',
    '.claude.json',
    '.npmrc',
    '.bashrc',
    '.aws/credentials',
    '.cargo/credentials.toml',
    '.cargo/registry/x',
    '.config/Code/User/settings.json',
    '.gitconfig',
    'project/.git/hooks/pre-commit',
    'project/.git/config',
    'project/.git/objects/ab/cd',
    'project/.envrc',
    'project/.vscode/settings.json',
    'project/.husky/pre-push',
    'project/sub/.envrc',
    'project/sub/.git/config',
    'project/node_modules/p/.vscode/settings.json',
    'project/node_modules/p/.git/config',
  ])
    write(join(home, name));
  symlinkSync(join(shared, 'file'), join(project, 'to-shared'));
  symlinkSync(join(home, '.ssh/id_ed25519'), join(project, 'to-key'));
  symlinkSync(project, join(shared, 'away'));
  leaveSocket(join(shared, 'socket'));
  leaveSocket(join(project, 'socket'));
  // What the modes of files close is not what is asked about.
  nonoOwns(user, home);
  nonoOwns(user, shared);
  return { home, project, shared };
}

/** A socket that nobody listens at any more. */
function leaveSocket(path: string): void {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const done = spawnSync('python3', [
    '-c',
    'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])',
    path,
  ]);
  assert.equal(done.status, 0, String(done.stderr));
}

function nonoOwns(user: TestUser, path: string): void {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, path]);
}

/** What `nono why` answers, in this process: each start of nono is a second on a busy machine. */
function reasoner(world: World, flags: readonly string[]): (question: Question) => Explanation {
  const before = process.cwd();
  process.chdir(world.project);
  try {
    const { options } = parseCommandLine(['why', ...flags], {});
    const context = policyContext(environment(world.home));
    const policy = withMatches(resolvePolicy(policyRequest(options), context), context.fs);
    return ([op, path]) =>
      op === 'connect' || op === 'bind'
        ? explainSocket(policy, path, op, context.fs)
        : explainPath(policy, path, op, context.fs);
  } finally {
    process.chdir(before);
  }
}

/** Asks both, and compares. How many were allowed and denied. */
function agree(user: TestUser, world: World, flags: readonly string[], questions: readonly Question[]): string {
  const at = { cwd: world.project, home: world.home };
  const input = JSON.stringify(questions);
  const ran = nono(user, ['run', '-s', ...flags, '--', 'python3', '-c', probe], { ...at, input });
  const answers = ran.stdout.trimEnd().split('\n');
  assert.equal(answers.length, questions.length, `${ran.stdout}${ran.stderr}`);
  const why = reasoner(world, flags);
  const wrong: string[] = [];
  const counts = { allowed: 0, denied: 0, not_found: 0 };
  for (const [i, question] of questions.entries()) {
    const { status, reason } = why(question);
    // Nobody listens, or nothing is there: the name may be used.
    const got = ['ECONNREFUSED', 'ENOENT'].includes(answers[i] ?? '') ? 'allowed' : answers[i];
    counts[status] += 1;
    if (status !== got) wrong.push(`${question.join(' ')}: why says ${status} (${reason}), the kernel ${answers[i]}`);
  }
  assert.deepEqual(wrong, [], flags.join(' '));
  assert.ok(counts.allowed > 3 && counts.denied > 3, JSON.stringify(counts));
  // One of them through the command, which must not answer in another way than the functions do.
  const [op, path] = questions[flags.join('').length % 8] as Question;
  const said = nono(user, ['why', '--json', '--path', path, '--op', op, ...flags], at);
  assert.equal(JSON.parse(said.stdout).status, why([op, path]).status, `${op} ${path}\n${said.stdout}${said.stderr}`);
  return `${counts.allowed} allowed, ${counts.denied} denied`;
}

const both = (...paths: readonly string[]): Question[] =>
  paths.flatMap((path) => [['read', path] as const, ['write', path] as const]);

for (const user of users)
  describe(`why and the kernel, ${user.name}`, { timeout: 300_000 }, () => {
    const world = prepare(user);
    const { home, project, shared } = world;
    const asked = (name: string): string => join(shared, name);

    describe('--private-tmp', () => {
      const questions: Question[] = [
        ...both('/tmp', '/var/tmp', '/dev/shm', '/dev/null'),
        ...both(shared, asked('file'), asked('dir'), asked('dir/file'), asked('granted'), asked('granted/file')),
        ...both(asked('denied/file'), join(project, 'to-shared'), asked('away'), join(asked('away'), 'README')),
        ...both(`/tmp/nono-why-new-${process.pid}`, `/var/tmp/nono-why-new-${process.pid}`),
        ['write', asked('new')],
        ['write', asked('granted/new')],
        ['write', `/dev/shm/nono-why-new-${process.pid}`],
        ...both('/proc/self/root/tmp', `/proc/self/root${asked('file')}`, `/tmp/../tmp/./${shared.slice(5)}/file`),
        ...both(project, join(project, 'README'), join(home, 'notes.txt')),
        ['connect', asked('socket')],
        ['bind', asked('new-socket')],
        ['bind', `/tmp/nono-why-socket-${process.pid}`],
        ['connect', join(project, 'socket')],
        ['bind', join(project, 'new-socket')],
        ...both('/proc/self/cwd', '/proc/self/cwd/README', '/proc/thread-self/root/etc/hosts'),
      ];
      const profile = join(home, 'private.json');
      writeFileSync(profile, '{ "private_tmp": true, "workdir": { "access": "readwrite" } }', { mode: 0o644 });
      for (const flags of [
        ['--private-tmp', '--allow', '.'],
        ['--private-tmp', '--allow', '.', '--read', asked('granted')],
        ['--private-tmp', '--allow', '.', '--allow', asked('granted'), '--read-file', asked('file')],
        ['--private-tmp', '--allow', '.', '--allow', shared, '--deny', asked('denied')],
        ['--private-tmp', '--allow', '.', '--allow', '/tmp', '--deny', shared, '--read', asked('dir')],
        ['-p', profile, '--allow-cwd'],
        ['-p', 'claude-code', '--private-tmp', '--allow-cwd'],
        ['--private-tmp', '--allow', '.', '--strict-deny', '--deny', '**/new*'],
      ])
        test(flags.join(' ').replaceAll(shared, '/tmp/…').replaceAll(home, '~'), (t) =>
          t.diagnostic(agree(user, world, flags, questions)),
        );
    });

    describe('sockets that are not mediated', () => {
      const sockets = [1, 2, 3, 4].flatMap((n) => [join(project, `open-${n}`), join(project, `closed/${n}`)]);
      mkdirSync(join(project, 'closed'));
      for (const path of sockets) leaveSocket(path);
      nonoOwns(user, project);
      const profile = join(home, 'off.json');
      writeFileSync(profile, '{ "linux": { "af_unix_mediation": "off" } }', { mode: 0o644 });
      const questions: Question[] = [
        ...both(
          join(project, 'README'),
          join(project, 'closed'),
          join(home, 'notes.txt'),
          join(home, '.ssh/id_ed25519'),
        ),
        ...sockets.map((path) => ['connect', path] as const),
        ['connect', asked('socket')],
      ];
      const off = ['-p', profile, '--allow', '.', '--deny', 'closed'];
      for (const flags of [
        off,
        [...off, '--block-net'],
        [...off, '--block-net', '--open-port', '34567'],
        [...off, '--block-net', '--allow-connect', '127.0.0.1:34567'],
      ])
        test(flags.slice(2).join(' '), (t) => t.diagnostic(agree(user, world, flags, questions)));
    });

    describe('claude-code, and what lifts its denies', () => {
      const own = (name: string): string => join(home, name);
      const questions: Question[] = [
        ...both(home, own('notes.txt'), own('.ssh'), own('.ssh/id_ed25519'), join(project, 'to-key')),
        ...both(own('.claude'), own('.claude/settings.json'), own('.claude.json'), own('.claude.json.lock')),
        ...both(own('.npmrc'), own('.bashrc'), own('.aws/credentials'), own('.gitconfig')),
        ...both(own('.cargo/credentials.toml'), own('.cargo/registry/x'), own('.config/Code/User/settings.json')),
        ...both(project, join(project, '.git'), join(project, '.git/hooks'), join(project, '.git/hooks/pre-commit')),
        ...both(join(project, '.git/config'), join(project, '.git/objects/ab'), join(project, '.git/objects/ab/cd')),
        ...both(join(project, '.envrc'), join(project, 'sub/.envrc'), join(project, 'sub/.git/config')),
        ...both(join(project, '.vscode/settings.json'), join(project, '.husky/pre-push'), join(project, '.husky')),
        ...both(join(project, 'node_modules/p/.vscode/settings.json'), join(project, 'node_modules/p/.git/config')),
        ['write', join(project, '.git/hooks/post-checkout')],
        ['write', join(project, 'new')],
        ['write', join(project, 'sub/.bashrc')],
        ['write', own('.ssh/new')],
        ['write', own('.claude/new')],
      ];
      const profile = join(home, 'lifted.json');
      const lifted = {
        extends: 'claude-code',
        filesystem: {
          read: ['~/.ssh', '~/.aws'],
          bypass_protection: ['~/.ssh/id_ed25519', '$WORKDIR/.git/hooks', '~/.aws'],
        },
        groups: { exclude: ['node_bulk'] },
      };
      writeFileSync(profile, JSON.stringify(lifted), { mode: 0o644 });
      for (const flags of [
        [],
        ['--read', own('.ssh'), '--override-deny', own('.ssh')],
        ['--read', own('.ssh'), '--override-deny', own('.ssh/id_ed25519')],
        ['--allow-file', own('.npmrc'), '--override-deny', own('.npmrc')],
        ['--bypass-protection', join(project, '.git/hooks')],
        ['--bypass-protection', join(project, '.envrc'), '--bypass-protection', join(project, '.vscode')],
        ['--override-deny', project],
        ['--allow', home, '--override-deny', own('.aws'), '--deny', own('.aws/credentials')],
      ])
        test(`claude-code ${flags.join(' ')}`.replaceAll(home, '~'), (t) =>
          t.diagnostic(agree(user, world, ['-p', 'claude-code', '--allow-cwd', ...flags], questions)),
        );
      test('a profile that extends it, with bypass_protection', (t) =>
        t.diagnostic(agree(user, world, ['-p', profile, '--allow-cwd'], questions)));
    });
  });
