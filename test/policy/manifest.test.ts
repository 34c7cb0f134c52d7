/** Capability manifests: what is written reads back as the same policy, what a manifest leaves out is not granted, and a wrong one names its place. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NonoError } from '../../src/platform/errors.ts';
import { decide } from '../../src/policy/decide/decide.ts';
import { manifestOf } from '../../src/policy/manifest/manifest.ts';
import type { ResolvedPolicy } from '../../src/policy/model.ts';
import { parentOf } from '../../src/policy/paths.ts';
import { resolvePolicy } from '../../src/policy/resolve/resolve.ts';
import type { RuleAccess } from '../../src/sandbox/linux/constants.ts';
import { contextFor, random, resolveIn, temporary } from './support.ts';

const accesses: readonly RuleAccess[] = ['read', 'write', 'connect'];

/** Every place where a rule begins, what is around it, and names that patterns and bulk directories are about. */
function places(...policies: readonly ResolvedPolicy[]): string[] {
  const names = ['.env', 'node_modules/x/.env', '.git/config', 'node_modules/.git/config', 'sub/key', '.ssh/id'];
  const found = new Set<string>();
  for (const { rules } of policies)
    for (const rule of rules) {
      const at = rule.kind === 'pattern' ? rule.path.replace(/\*\*\//g, 'a/').replaceAll('*', 'b') : rule.path;
      found.add(at).add(parentOf(at));
      for (const name of names) found.add(`${at === '/' ? '' : at}/${name}`);
    }
  return [...found];
}

function sameDecisions(one: ResolvedPolicy, other: ResolvedPolicy, what: string): void {
  for (const path of places(one, other))
    for (const access of accesses) {
      const asked = { path, access };
      assert.equal(decide(other, asked).verdict, decide(one, asked).verdict, `${what}: ${access} ${path}`);
    }
}

function readBack(home: string, policy: ResolvedPolicy, profile: string): ResolvedPolicy {
  const context = contextFor(home);
  const { profile: loaded } = context.store.load(profile, home);
  const manifest = manifestOf(policy, loaded, (path) => context.fs.kind(path) === 'directory');
  // Beside the settings: a manifest elsewhere is itself kept from being written.
  const file = join(home, '.config/nono/manifest.json');
  mkdirSync(join(home, '.config/nono'), { recursive: true });
  writeFileSync(file, JSON.stringify(manifest, null, 2));
  return resolvePolicy({ manifest: file, workdir: home }, contextFor(home));
}

const same = (policy: ResolvedPolicy) => ({
  blocked: policy.blockNetwork,
  net: (policy.netRules ?? []).map(({ id, source, at, raw, why, ...rule }) => JSON.stringify(rule)).sort(),
  unix: policy.unixRules,
  commands: [...policy.blockedCommands].sort(),
  refused: policy.refusedCommands,
  allowed: policy.allowedCommands,
  ipc: policy.ipc,
  limits: policy.limits,
  tmp: [policy.privateTmp, policy.ownedDirectories],
  strict: policy.strict,
  environment: policy.environment,
  scopes: policy.scopes,
});

test('every built-in profile, exported and read back, decides the same', (t) => {
  const home = temporary(t, { '.ssh/id': 'k', 'src/.env': 's', 'sub/key': 'k' });
  for (const name of Object.keys(contextFor(home).builtin.profiles)) {
    const policy = resolveIn(home, { profile: name, allowCwd: true });
    const back = readBack(home, policy, name);
    sameDecisions(policy, back, name);
    assert.deepEqual(same(back), same(policy), name);
  }
});

test('random profiles, exported and read back, decide the same', (t) => {
  const home = temporary(t, {
    'a/b/key': 'k',
    'a/b/.env': 's',
    'a/node_modules/x/.env': 's',
    'c/sub/key': 'k',
    '.ssh/id': 'k',
    'we[ir]d/x': 'w',
    'c/link': '-> ../a/b',
  });
  const below = random(41);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const some = <T>(list: readonly T[]): T[] => list.filter(() => below(3) === 0);
  const paths = [
    '$WORKDIR',
    '~/a',
    '~/a/b',
    '~/a/b/key',
    '~/c/sub',
    '~/c/link',
    '~/.ssh/id',
    '/opt',
    '~/we[ir]d',
    '~/new',
  ];
  const denies = ['**/.env', '~/a/b/key', '~/a/**/*.pem', '~/c/link', '~/we[ir]d/x', '~/new/secret', '/opt/**/key'];
  mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
  for (let round = 0; round < 20; round++) {
    const profile = {
      groups: { include: some(['persistence_guard', 'node_runtime', 'git_config', 'dangerous_commands']) },
      filesystem: {
        allow: some(paths),
        read: some(paths),
        write: some(paths),
        read_file: some(paths),
        deny: some(denies),
        unix_socket: some(['~/a/b/key', '/run/x.sock']),
        unix_socket_subtree_bind: some(['~/c']),
        bulk: some(['node_modules']),
        ...(below(2) === 0 ? { allow_file: ['~/.ssh/id'], bypass_protection: ['~/.ssh/id'] } : {}),
      },
      commands: { deny: some(['curl', 'make']), allow: some(['rm']) },
      network: {
        block: pick([true, false]),
        open_port: some([8080, 9090]),
        open_port_range: some([[9000, 9001]]),
        listen_port: some([0, 7000]),
        connect_port: some([443]),
        allow_connect: some(['10.0.0.1:53', 'udp://localhost:53']),
        allow_listen: some(['127.0.0.1:4000']),
      },
      environment: { allow_vars: some(['FOO', 'BAR_*']), deny_vars: some(['PASSWORD']), set_vars: { A: '$HOME/x' } },
      security: {
        signal_mode: pick(['isolated', 'allow_same_sandbox', 'allow_all']),
        ipc_mode: pick(['shared_memory_only', 'full']),
      },
      resources: below(2) === 0 ? { memory: '64M', max_processes: 9, cpu_time: 3, max_file_size: '1M' } : {},
      linux: { af_unix_mediation: pick(['off', 'pathname']) },
      private_tmp: pick([true, false]),
      strict_deny: pick([true, false]),
      workdir: { access: pick(['none', 'read', 'readwrite']) },
    };
    writeFileSync(join(home, '.config/nono/profiles/made.json'), JSON.stringify(profile));
    const policy = resolveIn(home, { profile: 'made', allowCwd: true });
    const back = readBack(home, policy, 'made');
    sameDecisions(policy, back, JSON.stringify(profile));
    assert.deepEqual(same(back), same(policy), JSON.stringify(profile));
  }
});

const verdict = (policy: ResolvedPolicy, path: string, access: RuleAccess = 'read') =>
  decide(policy, { path, access }).verdict;

function manifest(t: TestContext, text: string | object, tree = {}): { home: string; resolve: () => ResolvedPolicy } {
  const home = temporary(t, tree);
  const file = join(home, 'm.json');
  writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text));
  return { home, resolve: () => resolvePolicy({ manifest: file, workdir: home }, contextFor(home)) };
}

test('nothing of default is added to a manifest, and what is required is', (t) => {
  const { home, resolve } = manifest(
    t,
    { version: '0.1.0', filesystem: { grants: [{ path: '~', access: 'readwrite' }], deny: [{ path: '$WORKDIR/no' }] } },
    { '.ssh/id': 'k', 'no/x': '', 'yes/x': '' },
  );
  const policy = resolve();
  assert.equal(verdict(policy, join(home, 'yes/x'), 'readwrite'), 'allow');
  assert.equal(verdict(policy, join(home, 'no/x')), 'deny');
  assert.equal(verdict(policy, join(home, '.ssh/id')), 'deny', 'a required group');
  assert.equal(verdict(policy, '/usr/bin/env'), 'deny', 'no system group');
  assert.equal(verdict(policy, join(home, 'm.json'), 'write'), 'deny', 'the manifest itself');
  assert.equal(verdict(policy, join(home, '.local/state/nono/x')), 'deny', 'the state of nono');
  assert.equal(policy.workdirGrant?.access, 'none');
  assert.equal(policy.profileFile, undefined);
});

test('a group that a manifest names for a rule makes no rule of nono out of it', (t) => {
  const bad = { version: '0.1.0', filesystem: { grants: [{ path: '/x', access: 'read', source: 'nono' }] } };
  assert.throws(manifest(t, bad).resolve, /'filesystem\.grants\.0\.source': is group:NAME/);
});

test('write-only denies, and grants of single files and of a directory itself', (t) => {
  const { home, resolve } = manifest(
    t,
    {
      version: '0.1.0',
      filesystem: {
        grants: [
          { path: '~/a', access: 'readwrite', type: 'directory' },
          { path: '~/one', access: 'read', type: 'file' },
        ],
        more_grants: [{ path: '~/list', access: 'read', type: 'itself' }],
        deny: [{ path: '~/a/ro', access: 'write' }],
      },
    },
    { 'a/ro/x': '', one: '', 'list/x': '' },
  );
  const policy = resolve();
  assert.equal(verdict(policy, join(home, 'a/ro/x')), 'allow');
  assert.equal(verdict(policy, join(home, 'a/ro/x'), 'write'), 'deny');
  assert.equal(verdict(policy, join(home, 'one')), 'allow');
  assert.equal(verdict(policy, join(home, 'one'), 'write'), 'deny');
  assert.equal(verdict(policy, join(home, 'list')), 'allow');
  assert.equal(verdict(policy, join(home, 'list/x')), 'deny');
});

test('what only a proxy could let through blocks the network as a whole', (t) => {
  for (const part of [
    { network: { mode: 'proxy' } },
    { network: { mode: 'unrestricted', allow_domains: ['example.com'] } },
    { network: { endpoints: [{ host: 'example.com' }] } },
    { credentials: [{ name: 'x', upstream: 'https://example.com', source: 'x' }] },
  ]) {
    const policy = manifest(t, { version: '0.1.0', ...part }).resolve();
    assert.equal(policy.blockNetwork, true, JSON.stringify(part));
    assert.match(policy.warnings.join('\n'), /blocked as a whole/);
  }
  assert.equal(manifest(t, { version: '0.1.0' }).resolve().blockNetwork, false);
});

const bad: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['empty', '', /m\.json:1:1: the file is empty/],
  ['cut off', '{\n  "version": "0.1.0",\n', /m\.json:3:1: a key in double quotes/],
  ['a list', '[]', /m\.json:1:1: a manifest must be one JSON object/],
  ['no version', '{}', /m\.json:1:1: 'version' is missing/],
  ['another version', '{\n  "version": "0.2.0" }', /m\.json:2:14: 'version' must be '0\.1\.0', not '0\.2\.0'/],
  ['an unknown key', '{ "version": "0.1.0",\n "filesytem": {} }', /m\.json:2:2: unknown key 'filesytem'/],
  [
    'an unknown key of a deny',
    '{ "version": "0.1.0", "filesystem": { "deny": [\n{ "pth": "/x" }] } }',
    /m\.json:2:3: unknown key 'filesystem\.deny\.pth'/,
  ],
  ['a key of profiles', '{ "version": "0.1.0", "extends": "default" }', /m\.json:1:23: unknown key 'extends'/],
  ['a repeated key', '{ "version": "0.1.0",\n "version": "0.1.0" }', /m\.json:2:2: 'version' appears twice, first at/],
  [
    'a grant without a path',
    '{ "version": "0.1.0", "filesystem": { "grants": [\n{ "access": "read" }] } }',
    /m\.json:2:1: 'filesystem\.grants\.0\.path' is missing/,
  ],
  [
    'a grant without access',
    '{ "version": "0.1.0", "filesystem": { "grants": [\n{ "path": "/x" }] } }',
    /m\.json:2:1: 'filesystem\.grants\.0\.access' is missing/,
  ],
  [
    'an access that there is not',
    '{ "version": "0.1.0", "filesystem": { "grants": [{ "path": "/x",\n"access": "all" }] } }',
    /m\.json:2:11: 'filesystem\.grants\.0\.access' must be 'read' or 'write' or 'readwrite', not 'all'/,
  ],
  [
    'an empty path',
    '{ "version": "0.1.0", "filesystem": { "deny": [\n{ "path": "" }] } }',
    /m\.json:2:11: 'filesystem\.deny\.0\.path': a path must not be empty/,
  ],
  [
    'a pattern as a grant',
    '{ "version": "0.1.0", "filesystem": { "grants": [{\n"path": "/x/*", "access": "read" }] } }',
    /m\.json:2:9: '\/x\/\*' is a pattern, and only denies can be patterns/,
  ],
  [
    'an unknown variable',
    '{ "version": "0.1.0", "filesystem": { "deny": [{\n"path": "$HOEM/x" }] } }',
    /m\.json:2:9: unknown variable \$HOEM/,
  ],
  [
    'a port that is none',
    '{ "version": "0.1.0", "network": { "ports": {\n"connect": [0] } } }',
    /m\.json:2:13: 'network\.ports\.connect\.0'/,
  ],
  [
    'a range the wrong way round',
    '{ "version": "0.1.0", "network": { "ports": {\n"localhost_range": [[9, 8]] } } }',
    /m\.json:2:21: 'network\.ports\.localhost_range\.0': a range goes from low to high/,
  ],
  [
    'an address that is none',
    '{ "version": "0.1.0", "network": {\n"allow_connect": ["example.com:1"] } }',
    /m\.json:2:19: .*host name/,
  ],
  [
    'a mode that there is not',
    '{ "version": "0.1.0", "network": {\n"mode": "open" } }',
    /m\.json:2:9: 'network\.mode' must be 'blocked' or 'proxy' or 'unrestricted', not 'open'/,
  ],
  [
    'names kept from an open network',
    '{ "version": "0.1.0", "network": {\n"dns": false } }',
    /m\.json:2:8: names cannot be kept from being resolved/,
  ],
  [
    'a limit without a supervisor',
    '{ "version": "0.1.0",\n"resources": { "memory_bytes": 1048576 } }',
    /m\.json:2:32: 'resources' needs process\.exec_strategy "supervised"/,
  ],
  [
    'a limit of nothing',
    '{ "version": "0.1.0", "process": { "exec_strategy": "supervised" },\n"resources": { "memory_bytes": 0 } }',
    /m\.json:2:32: 'resources\.memory_bytes'/,
  ],
  [
    'snapshots',
    '{ "version": "0.1.0", "process": { "exec_strategy": "supervised" },\n"rollback": { "enabled": true } }',
    /m\.json:2:26: no snapshots are taken here/,
  ],
  [
    'a credential without its variable',
    '{ "version": "0.1.0", "credentials": [{ "name": "x", "upstream": "https://x",\n"source": "op://a/b" }] }',
    /m\.json:2:11: credential 'x' needs 'env_var'/,
  ],
  [
    'a path to inject into, unsaid',
    '{ "version": "0.1.0", "credentials": [{ "name": "x", "upstream": "https://x", "source": "x", "inject": {\n"mode": "url_path" } }] }',
    /m\.json:2:9: credential 'x': 'url_path' needs 'path_pattern'/,
  ],
  [
    'a parameter to inject into, unsaid',
    '{ "version": "0.1.0", "credentials": [{ "name": "x", "upstream": "https://x", "source": "x", "inject": {\n"mode": "query_param" } }] }',
    /m\.json:2:9: credential 'x': 'query_param' needs 'query_param_name'/,
  ],
  [
    'a variable that belongs to nono',
    '{ "version": "0.1.0", "environment": { "set_vars": {\n"NONO_X": "1" } } }',
    /m\.json:2:11: NONO_X belongs to nono/,
  ],
];

for (const [what, text, says] of bad)
  test(`a malformed manifest: ${what}`, (t) => {
    assert.throws(manifest(t, text).resolve, (error: unknown) => {
      assert.ok(error instanceof NonoError, String(error));
      assert.match(error.message, says);
      assert.equal(error.exitCode, 1);
      return true;
    });
  });

test('a manifest that is not there, or cannot be read', (t) => {
  const home = temporary(t, { dir: null });
  const resolve = (name: string) => () =>
    resolvePolicy({ manifest: join(home, name), workdir: home }, contextFor(home));
  assert.throws(resolve('none.json'), /there is no manifest .*none\.json/);
  assert.throws(resolve('dir'), /is a directory, not a file/);
  writeFileSync(join(home, 'binary.json'), Uint8Array.of(0x7f, 0xff, 0xfe));
  assert.throws(resolve('binary.json'), /is not text/);
});
