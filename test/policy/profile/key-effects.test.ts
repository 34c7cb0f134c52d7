/** What keys do that have no mechanism here: kept, inherited, and told truthfully by a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyRows, type SettingKey, settingKeys } from '../../../src/policy/profile/key-effects.ts';
import { mergeProfiles } from '../../../src/policy/profile/merge-profiles.ts';
import { oldKeys } from '../../../src/policy/profile/old-keys.ts';
import { parseProfile } from '../../../src/policy/profile/parse-profile.ts';
import { type Profile, profileNotes } from '../../../src/policy/profile/profile.ts';
import { profileRoot, shapeOf } from '../../../src/policy/profile/schema.ts';
import { whenHolds, whenProblem } from '../../../src/policy/profile/when.ts';
import { resolveIn, temporary } from '../support.ts';

const read = (text: string): Profile => parseProfile(text, 'p.json', 'p');

/** What parseProfile has a field for. */
const inTheModel = new Set(
  `$schema extends platform_overrides filesystem policy groups commands environment resources private_tmp strict_deny workdir security.groups
  security.allowed_commands security.signal_mode security.ipc_mode network.block network.open_port network.open_port_range network.listen_port
  network.listen_port_range network.connect_port network.allow_connect network.allow_listen linux.af_unix_mediation`.split(
    /\s+/,
  ),
);

test('every key of the schema is in the model, in the table of effects, or an old spelling', () => {
  const root = shapeOf(profileRoot);
  assert.ok(root.kind === 'object');
  const known = (key: string): boolean => inTheModel.has(key) || key in keyRows || key in oldKeys;
  for (const [section, schema] of Object.entries(root.entries)) {
    if (known(section)) continue;
    const shape = shapeOf(schema);
    assert.ok(shape.kind === 'object', section);
    for (const key of Object.keys(shape.entries)) assert.ok(known(`${section}.${key}`), `${section}.${key}`);
  }
  for (const key of settingKeys) assert.ok(keyRows[key].why.length > 5, key);
});

const values: { readonly [K in SettingKey]?: string } = {
  'network.network_profile': '"developer"',
  'network.allow_domain':
    '["example.com", { "domain": "a.example", "endpoints": [{ "method": "GET", "path": "/**" }] }]',
  'network.deny_domain': '["example.com"]',
  'network.credentials': '["openai"]',
  'network.upstream_proxy': '"proxy:3128"',
  credential_routes: '[{ "name": "a", "provider": "b" }]',
  'linux.isolate': '{ "network": true }',
  env_credentials: '{ "openai": "OPENAI_API_KEY" }',
  session_hooks: '{ "before": { "script": "~/x.sh" } }',
  hooks: '{ "claude-code": { "event": "e", "matcher": "m", "script": "s" } }',
  binary: '"claude"',
  command_args: '["--fast"]',
  'security.process_info_mode': '"allow_all"',
  'linux.sandbox_policy': '"external"',
};

const written = (key: string, value: string): string => {
  const [section, name] = key.split('.');
  return name === undefined ? `{ "${section}": ${value} }` : `{ "${section}": { "${name}": ${value} } }`;
};

for (const [key, value] of Object.entries(values) as [SettingKey, string][]) {
  const { effect } = keyRows[key];
  test(`${key}: ${effect}`, (t) => {
    const home = temporary(t, { '.config/nono/profiles/p.json': written(key, value) });
    const policy = resolveIn(home, { profile: 'p' });
    const said = policy.warnings.filter((line) => line.includes(key) && line.includes('not in force'));
    assert.equal(said.length, 1, policy.warnings.join('\n'));
    assert.equal(policy.blockNetwork, effect === 'blocks-network');
    // The user's word opens the network all the same, and is told what that means.
    const open = resolveIn(home, { profile: 'p', allowNetwork: true });
    assert.equal(open.blockNetwork, false);
  });
}

test('every effect that changes a run has a case above, or refuses', () => {
  for (const key of settingKeys)
    if (!['idle', 'in-force', 'refused'].includes(keyRows[key].effect)) assert.ok(values[key], key);
});

test('null clears a network profile, and what asks for nothing says nothing', () => {
  const base = read('{ "network": { "network_profile": "developer" } }');
  assert.deepEqual(
    profileNotes(mergeProfiles(base, read('{}'))).map((note) => note.key),
    ['network.network_profile'],
  );
  assert.deepEqual(profileNotes(mergeProfiles(base, read('{ "network": { "network_profile": null } }'))), []);
  for (const text of ['{ "network": { "allow_domain": [], "credentials": [] } }', '{ "allow_gpu": true, "packs": [] }'])
    assert.deepEqual(profileNotes(read(text)), [], text);
});

test('lists and maps add up, open_urls is replaced whole, meta is not inherited', () => {
  const base = read(
    `{ "meta": { "author": "a" }, "network": { "allow_domain": ["a", "b"] }, "env_credentials": { "x": "X", "y": "Y" },
       "rollback": { "exclude_patterns": ["n"] }, "open_urls": { "allow_origins": ["https://a"], "allow_localhost": true } }`,
  );
  const child = read(
    `{ "network": { "proxy_allow": ["b", "c"] }, "secrets": { "y": "Z" }, "undo": { "exclude_patterns": ["m"] },
       "open_urls": { "allow_origins": [] } }`,
  );
  const { settings } = mergeProfiles(base, child);
  assert.deepEqual(settings['network.allow_domain']?.value, ['a', 'b', 'c']);
  assert.deepEqual(settings.env_credentials?.value, { x: 'X', y: 'Z' });
  assert.deepEqual(settings['rollback.exclude_patterns']?.value, ['n', 'm']);
  assert.deepEqual(settings.open_urls?.value, { allow_origins: [] });
  assert.equal(settings.meta, undefined);
  assert.equal(settings['network.allow_domain']?.at, 'p.json:1:31');
});

test('old spellings give one warning that names the new ones', (t) => {
  const home = temporary(t, {
    '.config/nono/profiles/base.json': '{ "policy": { "add_deny_access": ["~/d"] } }',
    '.config/nono/profiles/p.json': '{ "extends": "base", "security": { "groups": [] }, "secrets": {} }',
  });
  const said = resolveIn(home, { profile: 'p' }).warnings.filter((line) => line.includes('old spelling'));
  assert.equal(said.length, 1);
  for (const [old, now] of [
    ['policy.add_deny_access', 'filesystem.deny'],
    ['security.groups', 'groups.include'],
    ['secrets', 'env_credentials'],
  ])
    assert.ok(said[0]?.includes(`${old} is now ${now}`), said[0]);
});

const debian = { platform: 'linux', version: '12', distribution: 'debian', like: [], variant: '' } as const;
const fedora = {
  platform: 'linux',
  version: '43',
  distribution: 'fedora',
  like: ['rhel'],
  variant: 'workstation',
} as const;
const mac = { platform: 'macos', version: '15.2', distribution: '', like: [], variant: '' } as const;

test('conditions', () => {
  for (const [condition, expected] of [
    ['linux', [true, true, false]],
    ['!linux', [false, false, true]],
    ['macos:>=15', [false, false, true]],
    ['macos:<15.2', [false, false, false]],
    ['macos:15', [false, false, true]],
    ['linux:debian', [true, false, false]],
    ['!linux:debian', [false, true, true]],
    ['linux:debian-like', [true, false, false]],
    ['linux:rhel-like:>=43', [false, true, false]],
    ['linux:fedora:>=43:workstation', [false, true, false]],
    ['linux:fedora:>=43:server', [false, false, false]],
    ['linux:fedora:>43', [false, false, false]],
    ['windows', [false, false, false]],
  ] as const) {
    assert.equal(whenProblem(condition), undefined, condition);
    assert.deepEqual(
      [debian, fedora, mac].map((host) => whenHolds(condition, host)),
      expected,
      condition,
    );
  }
  for (const bad of ['', 'Linux', 'linux:', 'linux:>=', 'linux:a b', '!!linux', 'debian'])
    assert.ok(whenProblem(bad) !== undefined, bad);
});

test('entries with a condition and parts for a platform', () => {
  const profile = read(
    `{ "filesystem": { "read": ["/a", { "path": "/b", "when": "linux" }, { "path": "/c", "when": ["macos", "windows"] }] },
       "groups": { "include": [{ "name": "git_config" }, { "name": "homebrew", "when": "!linux" }] },
       "workdir": { "access": "readwrite" },
       "platform_overrides": { "linux": { "filesystem": { "read": ["/l"] }, "workdir": { "access": "read" } },
                               "macos": { "filesystem": { "read": ["/m"] } } } }`,
  );
  assert.deepEqual(
    profile.grants.map((grant) => grant.text),
    ['/a', '/b', '/l'],
  );
  assert.equal(profile.grants[1]?.at, 'p.json:1:44');
  assert.deepEqual(
    profile.groups.map((group) => group.text),
    ['git_config'],
  );
  assert.equal(profile.workdirAccess, 'read');
});
