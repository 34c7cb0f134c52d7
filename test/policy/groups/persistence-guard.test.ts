/** The group that keeps what would run outside later from being written, and leaves it readable. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { isWithin } from '../../../src/policy/paths.ts';
import { isPattern } from '../../../src/policy/pattern/pattern.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { computeFloor } from '../../../src/policy/plan/floor.ts';
import { floorViolation } from '../../../src/policy/plan/floor-proof.ts';
import { floorRight } from '../../../src/sandbox/linux/constants.ts';
import { builtin, resolveIn, temporary } from '../support.ts';

const may = (policy: ResolvedPolicy, access: 'read' | 'write', path: string): boolean =>
  decide(policy, { path, access }).verdict === 'allow';

const tree = {
  'p/.git/HEAD': '',
  'p/.git/config': '',
  'p/.git/hooks/pre-commit': '',
  'p/.git/modules/sub/config': '',
  'p/src/a.ts': '',
  'p/nested/.envrc': '',
  'p/.env': 'secret',
  'p/.git/hooks/.env': 'secret',
  'other/.git/config': '',
};

const guarded = [
  '.git/config',
  '.git/hooks/pre-commit',
  '.git/hooks/new',
  '.git/modules/sub/config',
  'nested/.envrc',
  'made/later/.git/hooks/post-checkout',
  'made/.git/config',
  '.vscode/tasks.json',
  'x/y/.husky/pre-push',
  '.mcp.json',
  '.claude/settings.local.json',
  'a/.bashrc',
  'a/.npmrc',
  '.hg/hgrc',
  'sub/.hg/sharedpath',
  '.jj/repo/config.toml',
  'a/.gdbinit',
  '.Rprofile',
  '.githooks/pre-commit',
  'a/mise.toml',
  '.mise.local.toml',
  '.opencode/plugin/a.ts',
  '.opencode/plugins/a.ts',
  'a/.opencode/tools/a.ts',
  '.gemini/extensions/x/gemini-extension.json',
  '.gemini/hooks/a.sh',
  '.qwen/settings.json',
  '.roo/mcp.json',
  '.amazonq/mcp.json',
  '.kiro/settings/mcp.json',
  '.clinerules/hooks/TaskStart',
  '.aider.conf.yml',
  'bunfig.toml',
  'a/.bazelrc',
  '.continue/config.yaml',
  'a/.continue/mcpServers/x.yaml',
  '.envrc.local',
  '.yarn/releases/yarn-4.cjs',
  '.mvn/jvm.config',
  'x/gradle/wrapper/gradle-wrapper.jar',
  '.github/hooks/x.json',
  '.windsurf/hooks.json',
  '.devcontainer.json',
  'lefthook-local.yml',
  '.dir-locals-2.el',
  '.helix/languages.toml',
  'ansible.cfg',
  'rust-toolchain.toml',
  'a/jupyter_notebook_config.py',
  '.ghci',
  'a/.tool-versions',
  '.git/lazygit.yml',
  'a/.lazygit.yml',
  '.RData',
  '.jj/workspace-config.toml',
  '.git/sl/config',
  '.prototools',
  'a/.perldb',
  '.byebugrc',
  '.psysh.php',
  'a/renv/activate.R',
  '.lite_project.lua',
  '.theia/tasks.json',
  'a/hie.yaml',
  '.lsp/config.edn',
  '.merlin',
  '.codex/agents/a.toml',
  '.github/lsp.json',
  '.github/skills/a/SKILL.md',
  '.agents/commands/a',
  '.amp/settings.json',
  '.amazonq/cli-agents/default.json',
  '.vibe/tools/a.py',
  '.codebuddy/settings.json',
  '.pdm-plugins/lib/a.py',
  '.bazelversion',
  '.mill-jvm-opts',
  '.chef/config.rb',
];

test('readable, not writable, at any depth, existing or not; everything else as before', (t) => {
  const home = temporary(t, tree);
  const workdir = join(home, 'p');
  const policy = resolveIn(home, { profile: 'codex', workdir, allowCwd: true });
  for (const name of guarded) {
    assert.ok(!may(policy, 'write', join(workdir, name)), name);
    assert.ok(may(policy, 'read', join(workdir, name)), name);
  }
  for (const name of [
    'src/a.ts',
    '.git/HEAD',
    '.git/index',
    'package.json',
    '.claude/CLAUDE.md',
    'hooks/x',
    'gradle/x',
    '.yarn/cache/x.zip',
    '.github/x',
  ])
    assert.ok(may(policy, 'write', join(workdir, name)), name);
  const denied = decide(policy, { path: join(workdir, '.git/config'), access: 'write' });
  assert.ok(denied.verdict === 'deny' && denied.reason === 'denied-by-rule');
  assert.equal(denied.rule.source, 'group:persistence_guard');
  assert.match(denied.rule.why ?? '', /git runs hooks/);
});

test('what is said to be left can be written, and has one reason', (t) => {
  const home = temporary(t, tree);
  const workdir = join(home, 'p');
  const policy = resolveIn(home, { profile: 'codex', workdir, allowCwd: true });
  const leaves = builtin.groups['persistence_guard']?.leaves ?? [];
  const names = leaves.flatMap((one) => one.names).filter((name) => !name.includes(' '));
  assert.ok(names.length > 40 && new Set(names).size === names.length);
  for (const name of names) {
    assert.ok(may(policy, 'write', join(workdir, name)), name);
    assert.ok(may(policy, 'write', join(workdir, 'a/b', name)), name);
  }
});

test('every path in the home directory is one: a pattern means below the working directory', () => {
  const paths = (builtin.groups['persistence_guard']?.rules ?? []).flatMap((rule) => rule.protect ?? []);
  for (const path of paths) assert.ok(path.startsWith('**/') || !isPattern(path), path);
});

test('what a flag lets be written is guarded too; what is not granted stays closed; the group can be left out', (t) => {
  const home = temporary(t, {
    ...tree,
    '.config/nono/profiles/free.json': '{ "extends": "codex", "groups": { "exclude": ["persistence_guard"] } }',
  });
  const workdir = join(home, 'p');
  const grants = [{ flag: '--allow', path: join(home, 'other'), access: 'readwrite', expect: 'directory' }] as const;
  const policy = resolveIn(home, { profile: 'codex', workdir, allowCwd: true, grants });
  assert.ok(!may(policy, 'write', join(home, 'other/.git/config')) && may(policy, 'write', join(home, 'other/x')));
  const free = resolveIn(home, { profile: 'free', workdir, allowCwd: true });
  assert.ok(may(free, 'write', join(workdir, '.git/config')));
});

test('the floor gives reading there and not writing, also beside a pattern that denies reading', (t) => {
  const home = temporary(t, tree);
  const workdir = join(home, 'p');
  for (const denies of [[], ['**/.env']]) {
    const policy = resolveIn(home, { profile: 'codex', workdir, allowCwd: true, denies });
    const floor = computeFloor(policy.rules, nodeFileSystem());
    assert.equal(floorViolation(floor.rules, [...policy.rules, ...floor.matches]), undefined);
    const has = (name: string, right: number): boolean =>
      floor.rules.some((rule) => isWithin(join(workdir, name), rule.path) && (rule.rights & right) !== 0);
    assert.ok(has('.git/config', floorRight.readFile) && !has('.git/config', floorRight.writeFile));
    assert.ok(has('.git/hooks/pre-commit', floorRight.readFile) && !has('.git/hooks/pre-commit', floorRight.writeFile));
    assert.ok(has('src/a.ts', floorRight.writeFile));
    // What the guard matches is not the end of the search for what must not be read.
    for (const name of ['.env', '.git/hooks/.env'])
      assert.equal(has(name, floorRight.readFile), denies.length === 0, `${name} ${denies}`);
  }
});

test('only where something may be written is anything searched', (t) => {
  const home = temporary(t, tree);
  const searched = (profile: string): number =>
    computeFloor(resolveIn(home, { profile, workdir: join(home, 'p') }).rules, nodeFileSystem()).searched;
  // Nobody consented to the working directory.
  assert.equal(searched('codex'), 0);
  assert.equal(searched('openclaw'), 0);
});

test('under wrap its patterns are left out, and named', (t) => {
  const home = temporary(t, tree);
  const policy = resolveIn(home, { profile: 'codex', workdir: join(home, 'p'), allowCwd: true, supervised: false });
  const guards = policy.rules.filter((rule) => rule.source === 'group:persistence_guard');
  assert.ok(guards.some((rule) => rule.path === join(home, '.local/bin')));
  assert.ok(!guards.some((rule) => rule.kind === 'pattern'));
  assert.ok(policy.keysNotInForce?.includes('patterns of persistence_guard'));
  assert.match(policy.warnings.join('\n'), /persistence_guard are not in force under wrap/);
});

test('every profile that writes to the working directory has it, and default has not', () => {
  for (const [name, profile] of Object.entries(builtin.profiles)) {
    const guards = profile.groups.some((word) => word.text === 'persistence_guard');
    if (profile.workdirAccess === 'readwrite') assert.ok(guards, name);
  }
  assert.ok(!builtin.profiles['default']?.groups.some((word) => word.text === 'persistence_guard'));
});
