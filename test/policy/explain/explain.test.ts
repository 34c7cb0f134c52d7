/** `why` answers as a session decides: the same as decide() and as the native broker, and what it suggests is enough. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import { explainPath } from '../../../src/policy/explain/explain-path.ts';
import { explainScope } from '../../../src/policy/explain/explain-scope.ts';
import { explainVariable } from '../../../src/policy/explain/explain-variable.ts';
import type { Explanation, PathOperation } from '../../../src/policy/explain/explanation.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import type { FileSystem, NodeKind } from '../../../src/policy/plan/file-system.ts';
import type { FlagGrant, PolicyRequest } from '../../../src/policy/resolve/policy-request.ts';
import { type AccessName, access, ruleKind, ruleVerdict } from '../../../src/sandbox/linux/constants.ts';
import { ask, driver, RULES } from '../../native/driver.ts';
import { memoryFileSystem, random, resolveIn } from '../support.ts';

const ROUNDS = Number(process.env['NONO_TEST_ROUNDS'] ?? 250);
const QUESTIONS = 4;
const home = '/home/u';
/** Prefixes of each other, other cases, composed and decomposed letters, and names that patterns are about. */
const names = ['a', 'ab', 'A', '.env', '.ENV', 'caf\u00e9', 'cafe\u0301', 'link', '.ssh'];
const operations = ['read', 'write', 'readwrite'] as const;

type Roll = (below: number) => number;
const pick = <T>(r: Roll, from: readonly T[]): T => from[r(from.length)] as T;

function below(r: Roll, least: number): string {
  return home + Array.from({ length: least + r(4) }, () => `/${r(12) === 0 ? '..' : pick(r, names)}`).join('');
}

/** Directories, files, and links to anywhere, loops and nothing included. */
function world(r: Roll): FileSystem {
  const paths: Record<string, NodeKind | `-> ${string}`> = { [home]: 'directory', '/etc/hosts': 'file' };
  for (let i = 0; i < 10; i++) {
    const at = below(r, 1).replaceAll('..', 'a');
    // Something below what is no directory cannot be.
    const blocked = Object.entries(paths).some(([p, kind]) => at.startsWith(`${p}/`) && kind !== 'directory');
    if (blocked || Object.keys(paths).some((p) => p.startsWith(`${at}/`) || p === at)) continue;
    paths[at] = r(4) === 0 ? `-> ${below(r, 0)}` : r(2) === 0 ? 'file' : 'directory';
  }
  return memoryFileSystem(paths);
}

function grant(r: Roll): FlagGrant {
  const word = pick(r, ['allow', 'read', 'write'] as const);
  const single = r(3) === 0;
  return {
    flag: `--${word}${single ? '-file' : ''}`,
    path: below(r, 0),
    access: word === 'allow' ? 'readwrite' : word,
    expect: single ? 'file' : 'directory',
  };
}

/** A policy as a command line makes it, without what it refuses. */
function policyOf(request: Partial<PolicyRequest>, fs: FileSystem): ResolvedPolicy | undefined {
  try {
    return resolveIn(home, { workdir: home, ...request }, { fs });
  } catch {
    return undefined;
  }
}

function requestOf(flags: readonly string[], before: Partial<PolicyRequest>): Partial<PolicyRequest> {
  const grants = [...(before.grants ?? [])];
  const overrideDeny = [...(before.overrideDeny ?? [])];
  if (flags[0] === '--allow-cwd') return { ...before, allowCwd: true };
  for (let i = 0; i < flags.length; i += 2) {
    const [flag = '', path = ''] = flags.slice(i);
    const word = flag.replace(/^--|-file$/g, '').replace(/-file$/, '');
    if (flag === '--override-deny') overrideDeny.push(path);
    else {
      const expect = flag.endsWith('-file') ? 'file' : 'directory';
      grants.push({ flag, path, access: word === 'allow' ? 'readwrite' : (word as AccessName), expect });
    }
  }
  return { ...before, grants, overrideDeny };
}

test(`why, decide and the broker agree over ${ROUNDS * QUESTIONS} questions, and the suggested flag is enough`, () => {
  const seed = Number(process.env['NONO_TEST_SEED'] ?? 5);
  const r = random(seed);
  const input: string[] = [];
  const asked: { readonly text: string; readonly expected: string }[] = [];
  let suggested = 0;
  let denied = 0;
  let several = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const fs = world(r);
    const request: Partial<PolicyRequest> = {
      grants: Array.from({ length: r(6) }, () => grant(r)),
      denies: Array.from({ length: r(4) }, () => pick(r, ['**/.env', '**/a*/ab', below(r, 1), '.env', '{a,A}/.env'])),
      overrideDeny: r(2) === 0 ? [below(r, 1)] : [],
    };
    const policy = policyOf(request, fs) ?? policyOf({ ...request, overrideDeny: [] }, fs);
    const taken = policyOf(request, fs) === undefined ? { ...request, overrideDeny: [] } : request;
    if (policy === undefined) continue;
    input.push('reset');
    for (const rule of policy.rules)
      input.push(
        `rule ${rule.id} ${ruleVerdict[rule.verdict]} ${ruleKind[rule.kind]} ${access[rule.access]} ${rule.path}`,
      );
    for (let i = 0; i < QUESTIONS; i++) {
      const path = r(8) === 0 ? '/etc/hosts' : below(r, 1);
      const operation: PathOperation = pick(r, operations);
      const found = explainPath(policy, path, operation, fs);
      const where = `seed ${seed}, round ${round}: ${operation} ${path} under ${JSON.stringify(taken)}`;
      const decided = decide(policy, { path: found.real.path, access: operation });
      assert.equal(found.status === 'allowed', decided.verdict === 'allow', where);
      if (decided.verdict === 'allow' || decided.reason === 'denied-by-rule')
        assert.equal(found.rule?.id, decided.rule.id, where);
      if (found.rules !== undefined) {
        // All that matched are named: without them the answer would be another.
        const named = new Set(found.rules.map((rule) => rule.id));
        const without = decide(
          { rules: policy.rules.filter((rule) => !named.has(rule.id)) },
          { path: found.real.path, access: operation },
        );
        if (found.status === 'allowed') assert.equal(without.verdict, 'deny', where);
        else assert.ok(without.verdict === 'allow' || without.reason !== 'denied-by-rule', where);
        for (const rule of found.rules) assert.equal(rule.verdict, found.rules[0]?.verdict, where);
        several += found.rules.length > 1 ? 1 : 0;
      }
      input.push(`ask ${access[operation]} ${found.real.path}`);
      asked.push({ text: where, expected: found.status === 'allowed' ? '1' : '0' });
      if (found.status === 'allowed') continue;
      denied += 1;
      if (found.flags === undefined) continue;
      suggested += 1;
      const again = policyOf(requestOf(found.flags, taken), fs);
      assert.ok(again, `${where}: ${found.flags.join(' ')} is refused`);
      assert.equal(explainPath(again, path, operation, fs).status, 'allowed', `${where}: ${found.flags.join(' ')}`);
    }
  }
  const broker = ask(driver('drivers/decide.c', RULES), [], `${input.join('\n')}\n`);
  const answers = broker.trim().split('\n');
  assert.equal(answers.length, asked.length);
  for (const [i, line] of answers.entries()) assert.equal(line[0], asked[i]?.expected, asked[i]?.text);
  // Otherwise the test asks nothing.
  assert.ok(several > asked.length / 20, `${several} of ${asked.length}`);
  assert.ok(denied > asked.length / 5 && suggested > denied / 3, `${suggested} of ${denied} of ${asked.length}`);
});

const reasonOf = (found: Explanation): string => `${found.status} ${found.reason}`;
const fs = memoryFileSystem({ [`${home}/.ssh/id`]: 'file', [`${home}/project`]: 'directory', '/etc/hosts': 'file' });

test('the reasons of the original', () => {
  const policy = resolveIn(home, { workdir: home }, { fs });
  const why = (path: string, operation: PathOperation = 'read'): string =>
    reasonOf(explainPath(policy, path, operation, fs));
  assert.equal(why('/etc/hosts'), 'allowed granted_path');
  assert.equal(why('/etc/hosts', 'write'), 'denied insufficient_access');
  assert.equal(why('/etc/shadow'), 'denied path_not_granted');
  assert.equal(why(`${home}/.ssh/id`), 'denied sensitive_path');
  assert.equal(why('/proc/self/maps'), 'allowed own_process');
  assert.equal(why('/proc/self/comm', 'write'), 'allowed own_process');
  assert.equal(why('/proc/self/maps', 'write'), 'denied own_process');
  assert.equal(why('/proc/1/environ'), 'denied own_process');
});

test('every rule that matched is named, also one that says the very same', () => {
  const flag = (name: string, path: string, expect: FlagGrant['expect'] = 'directory'): FlagGrant => ({
    flag: name,
    path,
    access: name === '--allow' ? 'readwrite' : name === '--write' ? 'write' : 'read',
    expect,
  });
  const grants = [flag('--read', home), flag('--read', '/etc/hosts', 'file'), flag('--write', `${home}/project`)];
  const policy = resolveIn(home, { workdir: home, grants, denies: ['**/id', `${home}/.ssh`] }, { fs });
  const named = (path: string, operation: PathOperation): unknown =>
    explainPath(policy, path, operation, fs).rules?.map(({ source, raw }) => `${source} ${raw}`);
  assert.deepEqual(named(`${home}/project`, 'readwrite'), [`cli:--write ${home}/project`, `cli:--read ${home}`]);
  assert.deepEqual(named('/etc/hosts', 'read'), ['cli:--read /etc/hosts', 'group:system_read_linux /etc/hosts']);
  assert.deepEqual(named(`${home}/.ssh/id`, 'read'), [
    'cli:--deny **/id',
    `cli:--deny ${home}/.ssh`,
    'group:deny_credentials ~/.ssh',
  ]);
});

test('nothing is suggested for what a loop of links leads to: the flag would be looked up to somewhere else', () => {
  const looped = memoryFileSystem({
    [`${home}/a`]: 'directory',
    [`${home}/a/.env`]: 'directory',
    [`${home}/a/.env/A`]: `-> ${home}/a/.env/A/.env/A`,
  });
  const grants: FlagGrant[] = [{ flag: '--allow', path: home, access: 'readwrite', expect: 'directory' }];
  for (const denies of [[], ['**/.env']]) {
    const policy = resolveIn(home, { workdir: home, grants, denies }, { fs: looped });
    const found = explainPath(policy, `${home}/a/.env/A/x`, 'write', looped);
    assert.equal(found.status, denies.length === 0 ? 'allowed' : 'denied');
    assert.deepEqual([found.flags, found.edit], [undefined, undefined]);
  }
});

test("nothing is suggested for nono's own files", () => {
  const grants: FlagGrant[] = [{ flag: '--allow', path: home, access: 'readwrite', expect: 'directory' }];
  const policy = resolveIn(home, { workdir: home, grants }, { fs });
  const found = explainPath(policy, `${home}/.local/state/nono/x`, 'read', fs);
  assert.equal(reasonOf(found), 'denied nono_protected');
  assert.equal(found.flags, undefined);
  assert.equal(found.edit, undefined);
});

test('scopes and variables', () => {
  const policy = resolveIn(home, { workdir: home, environment: ['TYPED'] }, { fs });
  assert.equal(reasonOf(explainScope(policy, 'signal')), 'denied scope_isolated');
  assert.equal(
    reasonOf(explainScope({ ...policy, scopes: { signal: false, abstractUnix: true } }, 'signal')),
    'allowed scope_open',
  );
  const variable = (name: string, value?: string): string =>
    reasonOf(explainVariable(policy, name, value === undefined ? {} : { [name]: value }));
  assert.equal(variable('GITHUB_TOKEN', 'x'), 'denied variable_not_listed');
  assert.equal(variable('TYPED', 'x'), 'allowed variable_passed');
  assert.equal(variable('PATH', '/bin'), 'allowed variable_passed');
  assert.equal(variable('LD_PRELOAD', 'x.so'), 'denied variable_carries_code');
  assert.equal(variable('HTTPS_PROXY', 'http://u:p@h'), 'denied variable_holds_password');
  assert.equal(variable('NONO_PROFILE', 'x'), 'denied variable_of_nono');
});

test('of a private /tmp, what is free may be made, and what is there is somebody else’s', () => {
  const fs = memoryFileSystem({ '/tmp/theirs': 'file', '/tmp/dir/f': 'file', '/home/u/p/x': 'file' });
  const policy = resolveIn(home, { workdir: home, privateTmp: true, denies: ['/tmp/never'] }, { fs });
  const status = (path: string): string => {
    const { status: word, reason } = explainPath(policy, path, 'readwrite', fs);
    return `${word} ${reason}`;
  };
  assert.equal(status('/tmp/free'), 'allowed session_makes');
  assert.equal(status('/tmp/free/below'), 'allowed session_makes');
  assert.equal(status('/tmp/theirs'), 'denied path_not_granted');
  assert.equal(status('/tmp/dir/new'), 'denied path_not_granted');
  assert.equal(status('/tmp/never'), 'denied filesystem_deny');
  assert.match(status('/tmp'), /^denied/);
  assert.match(explainPath(policy, '/tmp/theirs', 'read', fs).details ?? '', /session that made it/);
});
