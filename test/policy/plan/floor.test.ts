import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import type { PolicyRule } from '../../../src/policy/model.ts';
import { childOf, isProcessEntry, isWithin } from '../../../src/policy/paths.ts';
import { compilePlan, floorOnlyProblems } from '../../../src/policy/plan/compile.ts';
import { type FileSystem, nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { computeFloor } from '../../../src/policy/plan/floor.ts';
import { floorViolation } from '../../../src/policy/plan/floor-proof.ts';
import { FLOOR_READ_TREE, FLOOR_WRITE_TREE, floorRight, optionFlag } from '../../../src/sandbox/linux/constants.ts';
import type { FloorRule } from '../../../src/sandbox/linux/plan-format.ts';
import { decodePlan } from '../../helpers/decode-plan.ts';
import { memoryFileSystem, random, resolveIn, rules, temporary } from '../support.ts';

const READ = floorRight.readFile | floorRight.readDir | floorRight.execute;
const WRITE = FLOOR_WRITE_TREE;

/** `path rights` per line, with r/w for a whole set. */
function shown(floor: readonly FloorRule[]): string[] {
  const name = (rights: number): string =>
    [
      (rights & READ) === READ ? 'r' : (rights & READ) === 5 ? 'rf' : '',
      (rights & WRITE) === WRITE ? 'w' : (rights & WRITE) === 8 ? 'wf' : '',
      rights & floorRight.ioctlDev ? 'i' : '',
    ].join('');
  return floor.map(({ path, rights }) => `${path} ${name(rights)}`);
}

const home = memoryFileSystem({
  '/h/.ssh/id': 'file',
  '/h/.config/gcloud/t': 'file',
  '/h/.config/other/f': 'file',
  '/h/.config/file': 'file',
  '/h/link': '-> .ssh',
  '/h/notes': 'file',
  '/h/proj/src/a': 'file',
  '/h/sock': 'socket',
  '/dev/null': 'char-device',
  '/dev/pts/0': 'char-device',
  '/dev/pts/ptmx': 'char-device',
  '/dev/sda': 'block-device',
  '/proc/1/environ': 'file',
  '/proc/self': '-> 1',
  '/proc/cpuinfo': 'file',
  '/proc/sys/kernel/x': 'file',
  '/etc/passwd': 'file',
});

const cases: readonly [string, readonly PolicyRule[], readonly string[], readonly string[]][] = [
  ['a tree without denies is one rule', rules('allow tree readwrite /h/proj'), ['/h/proj rw'], []],
  [
    'read and write of one place are one rule',
    rules('allow tree read /h/proj', 'allow tree write /h/proj'),
    ['/h/proj rw'],
    [],
  ],
  [
    'a denied path is carved out, links are not followed',
    rules('allow tree read /h', 'deny tree readwrite /h/.ssh'),
    ['/h/.config r', '/h/notes rf', '/h/proj r', '/h/sock rf'],
    ['/h'],
  ],
  [
    'two levels',
    rules('allow tree readwrite /h', 'deny tree readwrite /h/.ssh', 'deny tree readwrite /h/.config/gcloud'),
    ['/h/.config/file rfwf', '/h/.config/other rw', '/h/notes rfwf', '/h/proj rw', '/h/sock rfwf'],
    ['/h', '/h/.config'],
  ],
  [
    'a write deny carves writing only',
    rules('allow tree readwrite /h/.config', 'deny tree write /h/.config/gcloud'),
    ['/h/.config r', '/h/.config/file wf', '/h/.config/other w'],
    ['/h/.config'],
  ],
  [
    'a denied path that does not exist takes its ancestors off all the same',
    rules('allow tree read /h/proj', 'deny tree read /h/proj/src/.env/deep'),
    ['/h/proj/src/a rf'],
    ['/h/proj', '/h/proj/src'],
  ],
  ['a deny at the grant itself', rules('allow tree read /h/.ssh', 'deny tree read /h/.ssh'), [], []],
  ['a deny above the grant', rules('allow tree read /h/.ssh/id', 'deny tree read /h/.ssh'), [], []],
  [
    'a deny of the other access does not matter',
    rules('allow tree read /h/.ssh', 'deny tree write /h/.ssh'),
    ['/h/.ssh r'],
    [],
  ],
  [
    'a lifted deny is not carved',
    rules('allow tree read /h/.ssh', 'deny tree readwrite /h/.ssh', 'override tree readwrite /h/.ssh'),
    ['/h/.ssh r'],
    [],
  ],
  [
    'lifted for one access is lifted for that one',
    rules('allow tree readwrite /h/.ssh', 'deny tree readwrite /h/.ssh', 'override tree read /h/.ssh'),
    ['/h/.ssh r'],
    [],
  ],
  [
    'an override below a deny opens just that, where it is granted itself',
    rules(
      'allow tree read /h',
      'allow tree read /h/.ssh/id',
      'deny tree read /h/.ssh',
      'override tree read /h/.ssh/id',
    ),
    ['/h/.config r', '/h/.ssh/id rf', '/h/notes rf', '/h/proj r', '/h/sock rf'],
    ['/h'],
  ],
  [
    'an override above a deny opens nothing',
    rules('allow tree read /h/.config', 'deny tree read /h/.config/gcloud', 'override tree read /h/.config'),
    ['/h/.config/file rf', '/h/.config/other r'],
    ['/h/.config'],
  ],
  [
    'a directory denied by itself: what is in it stays',
    rules('allow tree read /h/.config', 'deny exact read /h/.config/other'),
    ['/h/.config/file rf', '/h/.config/gcloud r', '/h/.config/other/f rf'],
    ['/h/.config', '/h/.config/other'],
  ],
  [
    'listing one directory is for the supervisor',
    rules('allow exact read /proc', 'allow exact read /etc/passwd'),
    ['/etc/passwd rf'],
    [],
  ],
  ['what does not exist is for the supervisor', rules('allow tree read /nowhere', 'allow exact write /h/new'), [], []],
  [
    'covered rules are dropped',
    rules('allow tree read /h', 'allow tree read /h/proj', 'allow exact read /h/notes'),
    ['/h r'],
    [],
  ],
  [
    'devices keep their ioctls; whose a terminal is, the supervisor finds out',
    rules('allow tree read /dev/pts', 'allow exact readwrite /dev/null', 'allow exact read /dev/sda'),
    ['/dev/null rfwfi', '/dev/pts/ptmx rfi', '/dev/sda rf'],
    ['/dev/pts'],
  ],
  [
    'entries of processes are never on the floor, nor terminals and disks, not even under /',
    rules('allow tree read /'),
    ['/dev/null rfi', '/dev/pts/ptmx rfi', '/etc r', '/h r', '/proc/cpuinfo rf', '/proc/sys r'],
    ['/', '/dev', '/dev/pts', '/proc'],
  ],
  [
    'nor when named',
    rules('allow tree read /proc/1', 'allow exact read /proc/1/environ', 'allow exact readwrite /dev/pts/0'),
    [],
    [],
  ],
];

for (const [what, list, floor, carved] of cases) {
  test(what, () => {
    const found = computeFloor(list, home);
    assert.deepEqual(shown(found.rules), floor);
    assert.deepEqual(found.carved, carved);
    assertWithinPolicy(found.rules, list, home);
  });
}

test('nor where they are mounted a second time; a disk that is named there is meant', () => {
  const mounts = () =>
    ['proc /proc', 'devtmpfs /dev', 'proc /w/proc', 'devpts /w/pts', 'devtmpfs /w/dev', 'devtmpfs /w/disk'].map(
      (text) => {
        const [type = '', place = ''] = text.split(' ');
        return { id: place, parent: '', device: type, root: '/', place, type };
      },
    );
  const fs = {
    ...memoryFileSystem({
      '/w/proc/1/environ': 'file',
      '/w/pts/0': 'char-device',
      '/w/dev/null': 'char-device',
      '/w/dev/sda': 'block-device',
      '/w/disk': 'block-device',
      '/w/file': 'file',
    }),
    mounts,
  };
  const inside = ['/w/dev/null rfwfi', '/w/file rfwf'];
  assert.deepEqual(shown(computeFloor(rules('allow tree readwrite /w'), fs).rules), inside);
  const named = rules('allow tree readwrite /w', 'allow exact read /w/disk', 'allow exact read /w/pts/0');
  assert.deepEqual(shown(computeFloor(named, fs).rules), ['/w/dev/null rfwfi', '/w/disk rf', '/w/file rfwf']);
});

test('without a supervisor nobody can tell terminals apart: they are on the floor', () => {
  const { rules: found } = computeFloor(rules('allow tree read /dev/pts'), home, false, false);
  assert.deepEqual(shown(found), ['/dev/pts ri']);
});

/** Floor ⊆ policy: every floor rule's path and everything below it, existing or not, is allowed by decide() for the rights it gives. */
function assertWithinPolicy(floor: readonly FloorRule[], list: readonly PolicyRule[], fs: FileSystem): void {
  const check = (path: string, rights: number): void => {
    for (const [bits, access] of [[READ, 'read'] as const, [WRITE, 'write'] as const]) {
      if ((rights & bits) === 0) continue;
      const decision = decide({ rules: list }, { path, access });
      assert.equal(decision.verdict, 'allow', `${access} ${path} is on the floor: ${JSON.stringify({ floor, list })}`);
      assert.ok(!isProcessEntry(path), path);
    }
  };
  for (const rule of floor) {
    check(rule.path, rule.rights);
    const isTree = fs.kind(rule.path) === 'directory';
    assert.equal(isTree || (rule.rights & ~(5 | 8 | floorRight.ioctlDev)) === 0, true, 'no directory rights on files');
    if (!isTree) continue;
    // Verdicts only change at the paths of rules: those, and one name below each, are all there is to try. So is all that exists.
    for (const other of list) {
      if (!isWithin(other.path, rule.path)) continue;
      check(other.path, rule.rights);
      check(childOf(other.path, 'zz'), rule.rights);
    }
    const walk = (dir: string): void => {
      for (const entry of fs.list(dir) ?? []) {
        check(childOf(dir, entry.name), rule.rights);
        if (entry.kind === 'directory') walk(childOf(dir, entry.name));
      }
    };
    walk(rule.path);
  }
}

/** What could be on the floor: existing, allowed with everything that can lie below, and not a link. */
function assertComplete(
  floor: readonly FloorRule[],
  list: readonly PolicyRule[],
  path: string,
  access: 'read' | 'write',
): void {
  const bits = access === 'read' ? READ : WRITE;
  const granted = floor.some((rule) => isWithin(path, rule.path) && (rule.rights & bits) !== 0);
  const treeAllow = list.some(
    (r) => r.verdict === 'allow' && r.kind === 'tree' && r.access.includes(access) && isWithin(path, r.path),
  );
  const closedBelowOrAt = list.some((r) => r.verdict === 'deny' && (isWithin(r.path, path) || isWithin(path, r.path)));
  if (treeAllow && !closedBelowOrAt)
    assert.ok(granted, `${access} ${path} could be on the floor: ${JSON.stringify({ floor, list })}`);
}

test('floor ⊆ policy, and nothing without a deny is missing, on random policies over random trees', (t) => {
  const pick = random(11);
  const names = ['a', 'b', 'c', 'd'];
  for (let round = 0; round < 60; round++) {
    const dir = temporary(t);
    const existing: string[] = [];
    const grow = (at: string, depth: number): void => {
      for (const name of names) {
        const path = join(at, name);
        if (pick(3) === 0) continue;
        existing.push(path);
        if (depth < 3 && pick(2) === 0) {
          mkdirSync(path);
          grow(path, depth + 1);
        } else writeFileSync(path, '');
      }
    };
    grow(dir, 0);
    const somewhere = (): string =>
      join(dir, ...Array.from({ length: pick(5) }, () => names[pick(names.length)] as string));
    for (let i = 0; i < 25; i++) {
      const list = Array.from({ length: 1 + pick(8) }, (_, id): PolicyRule => {
        const path = somewhere();
        return {
          id,
          verdict: (['allow', 'allow', 'deny', 'override'] as const)[pick(4)] as PolicyRule['verdict'],
          kind: pick(4) === 0 ? 'exact' : 'tree',
          access: (['read', 'write', 'readwrite'] as const)[pick(3)] as PolicyRule['access'],
          path,
          raw: path,
          source: 'test',
        };
      });
      const fs = nodeFileSystem();
      const floor = computeFloor(list, fs);
      assertWithinPolicy(floor.rules, list, fs);
      for (const path of existing) {
        assertComplete(floor.rules, list, path, 'read');
        assertComplete(floor.rules, list, path, 'write');
      }
      for (const rule of floor.rules) {
        const inherited = floor.rules
          .filter((r) => r !== rule && isWithin(rule.path, r.path))
          .reduce((sum, r) => sum | r.rights, 0);
        assert.notEqual(rule.rights & ~inherited, 0, 'no covered rule is kept');
      }
    }
  }
});

test('a carved directory of more than twenty thousand entries is left to the supervisor, and said so', (t) => {
  const dir = temporary(t);
  for (let i = 0; i < 20_001; i++) writeFileSync(join(dir, `f${i}`), '');
  const floor = computeFloor(rules(`allow tree read ${dir}`, `deny tree read ${join(dir, 'f7')}`), nodeFileSystem());
  assert.deepEqual(floor.rules, []);
  assert.match(floor.warnings[0] ?? '', /20001 entries/);
});

test('names that are not UTF-8 are not guessed at', (t) => {
  const dir = temporary(t, { ok: '' });
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0x61])]), '');
  const floor = computeFloor(
    rules(`allow tree read ${dir}`, `deny tree read ${join(dir, 'secret')}`),
    nodeFileSystem(),
  );
  assert.deepEqual(shown(floor.rules), [`${join(dir, 'ok')} rf`]);
});

test('the default policy on this machine: floor ⊆ policy, with the home directory granted too', (t) => {
  const dir = temporary(t, {
    '.ssh/id': '',
    '.config/gcloud/x': '',
    '.config/y/z': '',
    'p/q': '',
    '.local/share/keyrings/k': '',
    '.local/bin/x': '',
  });
  const fs = nodeFileSystem();
  for (const grants of [[], [{ flag: '--allow', path: '.', access: 'readwrite', expect: 'directory' }] as const]) {
    const policy = resolveIn(dir, { grants, allowCwd: true });
    const floor = computeFloor(policy.rules, fs);
    // Walking /usr and /sys would take minutes: here the paths of rules are enough, the property test above walks.
    assertWithinPolicy(floor.rules, policy.rules, { ...fs, list: () => [] });
    assert.ok(!floor.rules.some((rule) => isWithin(join(dir, '.ssh'), rule.path)));
    assert.ok(!floor.rules.some((rule) => isProcessEntry(rule.path) || rule.path === '/proc' || rule.path === '/'));
    for (const path of ['/dev/null', '/dev/tty', '/dev/ptmx']) {
      assert.ok((floor.rules.find((rule) => rule.path === path)?.rights ?? 0) & floorRight.ioctlDev, path);
    }
    assert.equal(floor.rules.find((rule) => rule.path === '/usr/bin')?.rights, FLOOR_READ_TREE);
  }
});

test('the plan carries the policy, the environment and the flags', (t) => {
  const dir = temporary(t);
  const policy = resolveIn(dir, { blockNetwork: true });
  const compiled = compilePlan(policy, {
    supervise: true,
    newSession: true,
    mode: 'ask',
    env: { A: '1', B: undefined },
    cwd: dir,
  });
  const plan = decodePlan(compiled.plan);
  assert.deepEqual(plan.env, ['A=1']);
  assert.equal(plan.cwd, dir);
  assert.equal(plan.options.mode, 'ask');
  assert.equal(
    plan.options.flags,
    optionFlag.supervise |
      optionFlag.newSession |
      optionFlag.blockNet |
      optionFlag.unixRules |
      optionFlag.scopeSignal |
      optionFlag.scopeAbstractUnix,
  );
  assert.deepEqual(
    plan.rules,
    policy.rules.map(({ id, verdict, kind, access, path, fixed }) => ({
      id,
      verdict,
      kind,
      access,
      path,
      ...(fixed ? { fixed } : {}),
    })),
  );
  assert.deepEqual(plan.floor, compiled.floor);
  for (const bit of [2, 12, 13, 16, 17, 19, 21, 22, 25, 27, 38, 39])
    assert.equal((plan.options.capabilities >> BigInt(bit)) & 1n, 0n, `capability ${bit}`);
  const wrap = decodePlan(compilePlan(policy, { supervise: false, mode: 'deny', env: {} }).plan);
  assert.equal(wrap.options.flags & optionFlag.supervise, 0);
  assert.equal(wrap.cwd, undefined);
  assert.deepEqual(floorOnlyProblems(policy), []);
});

test('a name that matches and was made between the search and the listing is not on the floor', () => {
  const before = memoryFileSystem({ '/h/proj/.env': 'file', '/h/proj/a': 'file', '/h/proj/sub/x': 'file' });
  const after = memoryFileSystem({
    '/h/proj/.env': 'file',
    '/h/proj/.envrc': 'file',
    '/h/proj/.env.d/y': 'file',
    '/h/proj/.env.open': 'file',
    '/h/proj/a': 'file',
    '/h/proj/sub/x': 'file',
  });
  const policy = rules(
    'allow tree readwrite /h/proj',
    'deny pattern all /h/**/.env*',
    'override tree readwrite /h/proj/.env.open',
  );
  const floor = computeFloor(policy, { ...after, scan: before.list });
  assert.deepEqual(
    floor.rules.map(({ path }) => path),
    ['/h/proj/.env.open', '/h/proj/a', '/h/proj/sub'],
  );
  assert.equal(floorViolation(floor.rules, [...policy, ...floor.matches]), undefined);
  // A guard closes writing only.
  const guarded = rules('allow tree readwrite /h/proj', 'deny pattern write /h/**/.env*');
  const guard = computeFloor(guarded, { ...after, scan: before.list });
  const rights = (path: string): number => guard.rules.find((rule) => rule.path === path)?.rights ?? 0;
  assert.equal(rights('/h/proj/.envrc') & floorRight.writeFile, 0);
  assert.equal(floorViolation(guard.rules, [...guarded, ...guard.matches]), undefined);
});
