import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadBuiltinData } from '../../../src/policy/groups/builtin.ts';
import { profileNotes } from '../../../src/policy/profile/profile.ts';
import { expandPath, pathVariables } from '../../../src/policy/resolve/variables.ts';
import { builtin, root, temporary } from '../support.ts';

const { groups, profiles } = builtin;

/** The groups of the original's era, which its users' profiles name. */
const eraGroups =
  `deny_credentials deny_keychains_linux deny_keychains_macos deny_browser_data_linux deny_browser_data_macos deny_macos_private
  deny_shell_history deny_shell_configs system_read_linux system_write_linux system_read_macos system_write_macos user_tools
  user_caches_linux user_caches_macos claude_cache_linux claude_code_linux claude_code_macos codex_macos opencode_linux node_runtime
  python_runtime rust_runtime go_runtime nix_runtime homebrew vscode_linux vscode_macos git_config unlink_protection dangerous_commands
  dangerous_commands_macos dangerous_commands_linux`.split(/\s+/);

test('all 33 groups of the original exist', () => {
  assert.equal(eraGroups.length, 33);
  for (const name of eraGroups) assert.ok(groups[name], name);
});

test('the 62 denied paths and 49 refused commands of the original, over all platforms, and what lies in /run', () => {
  const all = eraGroups.flatMap((name) => groups[name]?.rules ?? []);
  const denied = all.flatMap((rule) => rule.deny ?? []);
  const running = denied.filter((path) => /^(?:\/run|\$XDG_RUNTIME_DIR)\//.test(path));
  assert.ok(running.includes('/run/secrets') && running.includes('$XDG_RUNTIME_DIR/containers/auth.json'));
  assert.equal(denied.length - running.length, 62);
  assert.equal(all.flatMap((rule) => rule.commands ?? []).length, 49);
});

test('the deny groups are required, and nothing else is', () => {
  const required = Object.entries(groups).filter(([, group]) => group.required);
  assert.deepEqual(required.map(([name]) => name).sort(), eraGroups.filter((name) => name.startsWith('deny_')).sort());
});

test('every rule says why, and every path can be placed', () => {
  const variables = pathVariables({ HOME: '/home/u' }, '/work', 1000);
  for (const [name, group] of Object.entries(groups)) {
    for (const rule of group.rules) {
      assert.ok(rule.why.length >= 5, name);
      for (const list of [rule.read, rule.write, rule.readwrite, rule.list, rule.deny]) {
        for (const path of list ?? []) {
          const expanded = expandPath(path, variables);
          assert.ok(expanded === undefined || /^\/([^/]+(\/[^/]+)*)?$/.test(expanded), `${name}: ${path}`);
          // Rules on $WORKDIR or relative ones would follow the command around.
          assert.ok(/^[~/$]/.test(path) && !path.includes('$WORKDIR'), `${name}: ${path}`);
        }
      }
    }
  }
});

test('no group opens a place of secrets', () => {
  const opened = Object.values(groups).flatMap((group) =>
    group.platform === 'macos'
      ? []
      : group.rules.flatMap((rule) => [...(rule.read ?? []), ...(rule.write ?? []), ...(rule.readwrite ?? [])]),
  );
  for (const path of [
    '/',
    '~',
    '/etc',
    '/home',
    '/root',
    '/var',
    '/proc',
    '/dev',
    '/dev/console',
    '/etc/ssh',
    '/etc/shadow',
    '/etc/apt',
    '~/.config',
    '~/.local',
  ]) {
    assert.ok(!opened.includes(path), path);
  }
});

test('default lists what the original lists, in its order, then what this version adds', () => {
  const era =
    `deny_credentials deny_keychains_macos deny_keychains_linux deny_browser_data_macos deny_browser_data_linux deny_macos_private
    deny_shell_history deny_shell_configs system_read_macos system_read_linux system_write_macos system_write_linux user_tools homebrew
    dangerous_commands dangerous_commands_macos dangerous_commands_linux`.split(/\s+/);
  const names = profiles['default']?.groups.map((word) => word.text) ?? [];
  assert.deepEqual(names.slice(0, era.length), era);
  assert.ok(names.includes('base_linux'));
  assert.equal(profiles['default']?.workdirAccess, 'none');
});

test('every built-in profile names groups that exist and asks for nothing unenforceable', () => {
  assert.ok(Object.keys(profiles).length >= 2);
  for (const [name, profile] of Object.entries(profiles)) {
    assert.equal(profile.name, name);
    assert.ok(profile.description, name);
    assert.deepEqual(
      profileNotes(profile).filter((note) => note.effect === 'refused'),
      [],
      name,
    );
    assert.deepEqual(profile.oldSpellings, [], name);
    for (const word of [...profile.groups, ...profile.excludedGroups])
      assert.ok(groups[word.text], `${name}: ${word.text}`);
    if (name !== 'default')
      assert.deepEqual(
        profile.extends.map((word) => word.text),
        ['default'],
      );
  }
});

test('the built file is used when it is newer than the sources, and means the same', (t) => {
  const dir = temporary(t, {
    'profiles/groups/g.jsonc': '{ "g": { "description": "d", "rules": [{ "read": ["/a"], "why": "because" }] } }',
    'profiles/builtin/default.jsonc': '{ "security": { "groups": ["g"] } }',
    'profiles/network.jsonc': '{ "groups": {}, "profiles": {} }',
  });
  const sources = loadBuiltinData(dir);
  assert.ok(sources.groups['g']);
  mkdirSync(join(dir, 'dist'));
  const bundle = join(dir, 'dist/policy-data.json');
  writeFileSync(bundle, JSON.stringify({ ...sources, groups: { ...sources.groups, built: sources.groups['g'] } }));
  assert.ok(loadBuiltinData(dir).groups['built']);
  utimesSync(bundle, 1, 1);
  assert.equal(loadBuiltinData(dir).groups['built'], undefined);
  writeFileSync(bundle, '{');
  assert.throws(() => loadBuiltinData(dir), /policy-data\.json cannot be read/);
});

test('the data survives being written as JSON', () => {
  const plain = JSON.parse(JSON.stringify(builtin)) as typeof builtin;
  assert.equal(JSON.stringify(plain), JSON.stringify(builtin));
  assert.ok(JSON.stringify(builtin).length < 200_000);
  assert.ok(root.length > 0);
});
