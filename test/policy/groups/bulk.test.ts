/** Bulk directories: guards do not look into them, denies do, and where they are bulk is said. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import { explainPath } from '../../../src/policy/explain/explain-path.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { compilePlan } from '../../../src/policy/plan/compile.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { computeFloor } from '../../../src/policy/plan/floor.ts';
import { floorViolation } from '../../../src/policy/plan/floor-proof.ts';
import type { PolicyRequest } from '../../../src/policy/resolve/policy-request.ts';
import { floorRight } from '../../../src/sandbox/linux/constants.ts';
import { decodePlan } from '../../helpers/decode-plan.ts';
import { builtin, resolveIn, temporary } from '../support.ts';

const NAMING = floorRight.make | floorRight.refer;

const may = (policy: ResolvedPolicy, access: 'read' | 'write', path: string): boolean =>
  decide(policy, { path, access }).verdict === 'allow';

const tree = {
  'p/src/a.ts': '',
  'p/node_modules/x/.npmrc': '',
  'p/node_modules/x/.git/hooks/pre-commit': '',
  'p/packages/a/node_modules/y/f': '',
  'p/real/f': '',
  'p/packages/b/node_modules': '-> ../../real',
  'p/packages/c/node_modules': 'a file',
  'p/packages/d/Node_Modules/f': '',
  'p/.git/modules/dist/hooks/x': '',
  'p/.git/objects/00/f': '',
};

const resolve = (home: string, profile: string, more: Partial<PolicyRequest> = {}): ResolvedPolicy =>
  resolveIn(home, { profile, workdir: join(home, 'p'), allowCwd: true, ...more });

test('what a guard would deny may be written in a bulk directory, and what is denied may not', (t) => {
  const home = temporary(t, tree);
  const policy = resolve(home, 'node-dev', { denies: ['**/.env'] });
  const at = (name: string): string => join(home, 'p', name);
  for (const name of ['node_modules/x/.npmrc', 'a/b/node_modules/c/.vscode/x', 'dist/.envrc', '.git/objects/.envrc'])
    assert.ok(may(policy, 'write', at(name)), name);
  for (const name of [
    'src/.npmrc',
    'Node_Modules/x/.npmrc',
    'node_modulesx/.npmrc',
    'x/objects/.envrc',
    // A submodule with the name of a bulk directory.
    '.git/modules/dist/hooks/x',
    '.git/modules/node_modules/config',
    // A repository in one, which git is led into from outside: the directory, a link or a file that says where it is.
    'a/b/node_modules/c/.git/config',
    'dist/.git/hooks/x',
    'dist/x/.git/config.worktree',
    // Of another language: not in this profile.
    'target/.envrc',
  ])
    assert.ok(!may(policy, 'write', at(name)), name);
  for (const name of ['node_modules/.env', 'node_modules/x/.env', 'dist/.env', '.git/objects/.env'])
    for (const access of ['read', 'write'] as const) assert.ok(!may(policy, access, at(name)), `${access} ${name}`);
});

test('existing ones are on the floor as a whole, links, files and other spellings are not, and the floor passes its proof', (t) => {
  const home = temporary(t, tree);
  const naming = (policy: ResolvedPolicy): string[] => {
    const floor = computeFloor(policy.rules, nodeFileSystem());
    assert.equal(floorViolation(floor.rules, [...policy.rules, ...floor.matches]), undefined);
    const own = floor.rules.filter(({ path, rights }) => path.startsWith(`${home}/p`) && (rights & NAMING) !== 0);
    return own.map(({ path }) => path.slice(home.length + 3)).sort();
  };
  // Names in the others have to be seen: one could be that of a repository.
  assert.deepEqual(naming(resolve(home, 'node-dev')), ['.git/objects']);
  // Below a deny: only what has none in it.
  const denies = [join(home, 'p/.git/objects/00/secret')];
  assert.deepEqual(naming(resolve(home, 'node-dev', { denies })), []);
  // A pattern that is no guard's could come to match in any of them.
  assert.deepEqual(naming(resolve(home, 'node-dev', { denies: ['**/.env'] })), []);
  assert.deepEqual(naming(resolve(home, 'node-dev', { denies: ['node_modules/**/.env'] })), ['.git/objects']);
});

test('new ones are born, where no other pattern looks into them; not under wrap', (t) => {
  const home = temporary(t, { 'p/src/a.ts': '' });
  const births = (more: Partial<PolicyRequest>): string[] => {
    const policy = resolve(home, 'node-dev', more);
    const supervise = more.supervised !== false;
    const { plan } = compilePlan(policy, { supervise, mode: 'deny', env: {} }, nodeFileSystem());
    const { births: all = [], bulk = [], closed = [] } = decodePlan(plan);
    assert.deepEqual(closed, supervise ? ['.git/objects'] : []);
    assert.deepEqual(bulk.toSorted(), supervise ? policy.bulk?.map((one) => one.name).toSorted() : []);
    return all.filter(({ kind }) => kind === 'bulk').map((birth) => birth.tree);
  };
  assert.deepEqual(births({}), [join(home, 'p')]);
  assert.deepEqual(births({ denies: ['**/.env'] }), []);
  assert.deepEqual(births({ supervised: false }), []);
});

test('names add up along extends, each with who says it, and a group of them can be left out', (t) => {
  const home = temporary(t, {
    ...tree,
    '.config/nono/profiles/base.json': '{ "extends": "node-dev", "filesystem": { "bulk": ["out", ".yarn/cache"] } }',
    '.config/nono/profiles/child.json':
      '{ "extends": "base", "groups": { "exclude": ["node_bulk"] }, "filesystem": { "bulk": ["gen", { "name": "mac", "when": "macos" }] } }',
  });
  const policy = resolve(home, 'child');
  assert.deepEqual(
    policy.bulk?.map(({ name, source }) => `${name} ${source}`),
    ['out profile:child', '.yarn/cache profile:child', 'gen profile:child', '.git/objects group:git_bulk'],
  );
  const at = (name: string): string => join(home, 'p', name);
  assert.ok(may(policy, 'write', at('out/.envrc')) && may(policy, 'write', at('.yarn/cache/.envrc')));
  assert.ok(!may(policy, 'write', at('node_modules/x/.npmrc')) && !may(policy, 'write', at('cache/.envrc')));
});

test('why and -v say that the guard does not look there, and which rule makes it so', (t) => {
  const home = temporary(t, tree);
  const policy = resolve(home, 'node-dev');
  const why = (name: string, access: 'read' | 'write') =>
    explainPath(policy, join(home, 'p', name), access, nodeFileSystem());
  const inside = why('node_modules/x/.npmrc', 'write');
  assert.equal(inside.status, 'allowed');
  assert.match(inside.details ?? '', /node_modules is bulk \(node_modules, group:node_bulk\), and guards do not look/);
  assert.match(inside.details ?? '', /elsewhere group:persistence_guard would deny it/);
  assert.match(why('node_modules/x/f', 'write').details ?? '', /guards do not look inside$/);
  assert.equal(why('node_modules/x/f', 'read').details, undefined);
  assert.equal(why('src/a.ts', 'write').details, undefined);
  // Through a link it is another place.
  assert.equal(why('packages/b/node_modules/f', 'write').details, undefined);
  const { warnings } = compilePlan(policy, { supervise: true, mode: 'deny', env: {} }, nodeFileSystem());
  assert.match(warnings.join('\n'), /persistence_guard does not look inside node_modules \(group:node_bulk\), dist/);
  const without = resolve(home, 'default', { grants: [] });
  assert.ok(!compilePlan(without, { supervise: true, mode: 'deny', env: {} }).warnings.join().includes('bulk'));
});

test('every built-in profile with the guard names what its languages make, and git’s objects', () => {
  // mise brings the tools of every language.
  const runtimes = {
    node_bulk: ['node_runtime', 'bun_runtime', 'mise_manager'],
    python_bulk: ['python_runtime', 'mise_manager'],
    rust_bulk: ['rust_runtime', 'mise_manager'],
    java_bulk: ['java_runtime', 'mise_manager'],
  };
  for (const [name, profile] of Object.entries(builtin.profiles)) {
    const groups = profile.groups.map((word) => word.text);
    if (!groups.includes('persistence_guard')) continue;
    assert.ok(groups.includes('git_bulk'), name);
    for (const [bulk, ones] of Object.entries(runtimes))
      assert.equal(
        groups.includes(bulk),
        ones.some((one) => groups.includes(one)),
        `${name} ${bulk}`,
      );
  }
});
