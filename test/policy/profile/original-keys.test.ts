/** Every key of the original's two eras, one at a time, from a list that was not made from our schema: it is read, and not read over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NonoError } from '../../../src/platform/errors.ts';
import { mergeProfiles } from '../../../src/policy/profile/merge-profiles.ts';
import { parseProfile } from '../../../src/policy/profile/parse-profile.ts';
import { resolveIn, temporary } from '../support.ts';

const credential = { upstream: 'https://api.example.com', credential_key: 'example' };

/** The first era: section, key, a value. Aliases are keys too. */
const era: readonly (readonly [key: string, value: unknown])[] = [
  ['extends', 'default'],
  ['extends', ['default', 'codex']],
  ['meta.name', 'x'],
  ['meta.version', '1.0.0'],
  ['meta.description', 'text'],
  ['meta.author', 'somebody'],
  ['security.groups', ['git_config']],
  ['security.allowed_commands', ['rm']],
  ...['isolated', 'allow_same_sandbox', 'allow_all'].flatMap((value): [string, unknown][] => [
    ['security.signal_mode', value],
    ['security.process_info_mode', value],
  ]),
  ['security.ipc_mode', 'shared_memory_only'],
  ['security.ipc_mode', 'full'],
  ['security.capability_elevation', true],
  ['security.wsl2_proxy_policy', 'error'],
  ['security.wsl2_proxy_policy', 'insecure_proxy'],
  ...['allow', 'read', 'write', 'allow_file', 'read_file', 'write_file'].map((key): [string, unknown] => [
    `filesystem.${key}`,
    ['/a'],
  ]),
  ['policy.exclude_groups', ['homebrew']],
  ['policy.add_allow_read', ['/a']],
  ['policy.add_allow_write', ['/a']],
  ['policy.add_allow_readwrite', ['/a']],
  ['policy.add_deny_access', ['/a']],
  ['policy.add_deny_commands', ['curl']],
  ['policy.override_deny', ['/a']],
  ['network.block', true],
  ['network.network_profile', 'minimal'],
  ['network.allow_domain', ['a.example']],
  ['network.proxy_allow', ['a.example']],
  ['network.allow_proxy', ['a.example']],
  ['network.credentials', ['openai']],
  ['network.proxy_credentials', ['openai']],
  ['network.open_port', [3000]],
  ['network.listen_port', [8080]],
  ['network.upstream_proxy', 'proxy.example:3128'],
  ['network.upstream_bypass', ['internal.example']],
  ...[
    { inject_mode: 'header', inject_header: 'X-Key', credential_format: '{}' },
    { inject_mode: 'url_path', path_pattern: '/bot{}/', path_replacement: '/bot{}/' },
    { inject_mode: 'query_param', query_param_name: 'key' },
    { inject_mode: 'basic_auth' },
    { env_var: 'KEY', endpoint_rules: [{ method: 'GET', path: '/v1/**' }] },
  ].map((more): [string, unknown] => ['network.custom_credentials', { x: { ...credential, ...more } }]),
  ['env_credentials', { openai: 'OPENAI_API_KEY', 'op://v/i/f': 'A', 'apple-password://s/a': 'B', 'env://X': 'C' }],
  ['secrets', { openai: 'OPENAI_API_KEY' }],
  ...['none', 'read', 'write', 'readwrite'].map((value): [string, unknown] => ['workdir.access', value]),
  ['hooks', { 'claude-code': { event: 'PostToolUseFailure', matcher: '.*', script: 'hook.sh' } }],
  ['rollback.exclude_patterns', ['target']],
  ['rollback.exclude_globs', ['*.tmp']],
  ['undo.exclude_patterns', ['target']],
  ['open_urls.allow_origins', ['https://a.example']],
  ['open_urls.allow_localhost', true],
  ['allow_launch_services', true],
  ['interactive', true],
  ['skipdirs', ['vendor']],
];

/** What the later era has beyond that. */
const later: readonly (readonly [key: string, value: unknown])[] = [
  ['groups.include', ['git_config']],
  ['groups.exclude', ['homebrew']],
  ['filesystem.deny', ['/a']],
  ['filesystem.bypass_protection', ['/a']],
  ['commands.allow', ['rm']],
  ['commands.deny', ['curl']],
  ...['', '_bind', '_dir', '_dir_bind', '_subtree', '_subtree_bind'].map((end): [string, unknown] => [
    `filesystem.unix_socket${end}`,
    ['/run/x'],
  ]),
  ['filesystem.suppress_save_prompt', ['/a']],
  ['filesystem.ignore', ['/a']],
  ['environment.allow_vars', ['AWS_*']],
  ['environment.deny_vars', ['SECRET']],
  ['environment.set_vars', { A: 'b' }],
  ['linux.af_unix_mediation', 'off'],
  ['linux.af_unix_mediation', 'pathname'],
  ['linux.sandbox_policy', 'external'],
  ['diagnostics.suppress_system_services', ['x']],
  ['session_hooks.before', { script: 'a.sh', timeout_secs: 5 }],
  ['session_hooks.after', { script: 'b.sh' }],
  ['packs', ['acme/strict']],
  ['command_args', ['--x']],
  ['binary', 'claude'],
  ['allow_gpu', true],
  ['credential_capture', { x: { command: ['print-token'], timeout_secs: 5, ttl_secs: 900, cache_path_regex: '.*' } }],
  ['command_policies', { commands: { git: { executable: '/usr/bin/git', sandbox: { fs_read: ['.'] } } } }],
  ['network.allow_http2', true],
  ['network.tls_intercept', { ca_lifecycle: 'session', ca_validity: '1d', leaf_validity: '1h' }],
  ['network.allow_domain', [{ domain: 'a.example', endpoints: [{ method: 'GET', path: '/v1/**' }] }]],
  ...[
    {
      auth: {
        token_url: 'https://a.example/token',
        client_id: 'i',
        client_secret: 'env://S',
        scope: 's',
      },
    },
    { aws_auth: { profile: 'p', region: 'eu-west-1', service: 'bedrock' } },
    { credential_key: 'k', proxy: { inject_mode: 'header' } },
    { credential_key: 'k', tls_ca: '/ca.pem', tls_client_cert: '/c.pem', tls_client_key: '/k.pem' },
  ].map((more): [string, unknown] => [
    'network.custom_credentials',
    { x: { upstream: 'https://api.example.com', ...more } },
  ]),
  ['unsafe_macos_seatbelt_rules', ['(allow default)']],
  ['filesystem.read', [{ path: '/a', when: 'linux' }]],
  ['groups.include', [{ name: 'git_config', when: '!macos' }]],
  ['open_urls.allow_origins', [{ origin: 'https://a.example', when: ['linux', 'macos:>=15'] }]],
];

function withKey(key: string, value: unknown): string {
  return JSON.stringify(key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value));
}

const read = (text: string) => parseProfile(text, 'p.jsonc', 'p');
/** The model without the places, which differ for every text; `policy.add_allow_…` takes files too. */
const model = (text: string): string =>
  JSON.stringify(read(text), (name, value) =>
    name === 'at' || name === 'oldSpellings' || name === 'expect' ? undefined : value,
  );
const empty = model('{}');

for (const [name, keys] of [
  ['the first era', era],
  ['the later era', later],
] as const)
  test(`${name}: ${keys.length} keys and values are read, each on its own`, () => {
    for (const [key, value] of keys) {
      const text = withKey(key, value);
      assert.notEqual(model(text), empty, `${text} says nothing to us`);
    }
  });

test('JSONC, `$schema`, and sections that are empty or null', () => {
  assert.equal(
    model('// words\n{ "$schema": "https://x.example/s.json", /* more */ "filesystem": { "allow": [], }, }'),
    empty,
  );
  for (const section of ['security', 'filesystem', 'policy', 'network', 'rollback', 'open_urls', 'workdir'])
    assert.doesNotThrow(() => read(`{ "${section}": {} }`), section);
});

test('old and new spelling of one key mean the same', () => {
  for (const [old, now, value] of [
    ['security.groups', 'groups.include', ['git_config']],
    ['security.allowed_commands', 'commands.allow', ['rm']],
    ['policy.exclude_groups', 'groups.exclude', ['homebrew']],
    ['policy.add_allow_read', 'filesystem.read', ['/a']],
    ['policy.add_allow_write', 'filesystem.write', ['/a']],
    ['policy.add_allow_readwrite', 'filesystem.allow', ['/a']],
    ['policy.add_deny_access', 'filesystem.deny', ['/a']],
    ['policy.add_deny_commands', 'commands.deny', ['curl']],
    ['policy.override_deny', 'filesystem.bypass_protection', ['/a']],
    ['network.proxy_allow', 'network.allow_domain', ['a.example']],
    ['network.allow_proxy', 'network.allow_domain', ['a.example']],
    ['network.proxy_credentials', 'network.credentials', ['openai']],
    ['secrets', 'env_credentials', { x: 'X' }],
    ['undo', 'rollback', { exclude_patterns: ['a'] }],
    ['filesystem.ignore', 'filesystem.suppress_save_prompt', ['/a']],
  ] as const)
    assert.equal(model(withKey(old, value)), model(withKey(now, value)), `${old} and ${now}`);
});

test('inheritance, key by key', () => {
  const merged = (base: string, child: string) => mergeProfiles(read(base), read(child));
  // Cannot be unset.
  assert.equal(merged('{ "network": { "block": true } }', '{ "network": { "block": false } }').blockNetwork, true);
  assert.equal(merged('{ "security": { "signal_mode": "allow_all" } }', '{}').signalMode, 'allow_all');
  assert.equal(
    merged('{ "security": { "signal_mode": "allow_all" } }', '{ "security": { "signal_mode": "isolated" } }')
      .signalMode,
    'isolated',
  );
  assert.equal(merged('{ "workdir": { "access": "readwrite" } }', '{}').workdirAccess, 'readwrite');
  assert.equal(
    merged('{ "workdir": { "access": "readwrite" } }', '{ "workdir": { "access": "read" } }').workdirAccess,
    'read',
  );
  const lists = merged('{ "filesystem": { "read": ["/a", "/b"] } }', '{ "filesystem": { "read": ["/b", "/c"] } }');
  assert.deepEqual([...new Set(lists.grants.map((grant) => grant.text))], ['/a', '/b', '/c']);
});

test('the groups of `default` are in every profile, and a required one cannot be taken out', (t) => {
  const home = temporary(t, {
    '.config/nono/profiles/alone.json': '{ "security": { "groups": ["git_config"] } }',
    '.config/nono/profiles/less.json': '{ "policy": { "exclude_groups": ["user_tools"] } }',
    '.config/nono/profiles/open.json': '{ "policy": { "exclude_groups": ["deny_credentials"] } }',
  });
  const sources = (profile: string): Set<string> =>
    new Set(resolveIn(home, { profile }).rules.map((rule) => rule.source));
  for (const group of ['deny_credentials', 'system_read_linux', 'git_config', 'user_tools'])
    assert.ok(sources('alone').has(`group:${group}`), group);
  assert.ok(!sources('less').has('group:user_tools') && sources('less').has('group:deny_credentials'));
  assert.throws(
    () => resolveIn(home, { profile: 'open' }),
    (error) => error instanceof NonoError && /'deny_credentials' is required/.test(error.message),
  );
});

test('the working directory: what a profile says, `read` without one, and nothing under `default` by name', (t) => {
  const home = temporary(t, {
    'work/x': '',
    '.config/nono/profiles/rw.json': '{ "workdir": { "access": "readwrite" } }',
  });
  const grant = (profile: string | undefined, allowCwd: boolean) =>
    resolveIn(home, { profile, allowCwd, workdir: `${home}/work` }).workdirGrant;
  assert.deepEqual(grant(undefined, true), { access: 'read', state: 'granted' });
  assert.deepEqual(grant(undefined, false), { access: 'read', state: 'needs-consent' });
  assert.deepEqual(grant('default', true), { access: 'none', state: 'none' });
  assert.deepEqual(grant('rw', true), { access: 'readwrite', state: 'granted' });
});
