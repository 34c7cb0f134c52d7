import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadNetworkProfiles } from '../../../src/policy/profile/network-file.ts';
import { networkProfile } from '../../../src/policy/profile/network-profiles.ts';
import { hostsIn, packageRegistries, type RegistrySources } from '../../../src/policy/profile/package-registries.ts';
import { parseProfile } from '../../../src/policy/profile/parse-profile.ts';
import { exampleProfiles } from '../../helpers/example-profiles.ts';
import { builtin, root } from '../support.ts';

const all = loadNetworkProfiles(root);
const groupsOf = (name: string) => networkProfile(all, { text: name, at: 'p.json:1:2' }).map((one) => all.groups[one]);
const hostsOf = (name: string) => groupsOf(name).flatMap((one) => (one?.from === 'hosts' ? one.hosts : []));

test('network profiles put groups together; registries are found out on the machine', () => {
  const developer = hostsOf('developer');
  for (const host of ['api.anthropic.com', 'github.com', 'rekor.sigstore.dev', 'docs.rs'])
    assert.ok(developer.includes(host), host);
  const asks = (name: string) => groupsOf(name).some((one) => one?.from === 'package-managers');
  assert.deepEqual([asks('developer'), asks('minimal')], [true, false]);
  const minimal = hostsOf('minimal');
  assert.ok(minimal.includes('api.openai.com') && !minimal.includes('github.com'));
  for (const name of ['minimal', 'developer', 'claude-code', 'codex', 'opencode', 'enterprise'])
    assert.ok(all.profiles[name], name);
  const { sigstore } = all.groups;
  assert.equal(sigstore?.from === 'hosts' && sigstore.hosts.length, 4);
  assert.throws(
    () => groupsOf('develper'),
    (error: Error & { hint?: string }) =>
      /p\.json:1:2.*'develper'/.test(error.message) && /'developer'/.test(error.hint ?? ''),
  );
});

test('every network profile that a built-in profile names exists', () => {
  for (const [name, profile] of Object.entries(builtin.profiles)) {
    const wanted = profile.settings['network.network_profile']?.value;
    if (wanted) assert.ok(all.profiles[wanted], `${name}: ${wanted}`);
  }
});

function sources(extra: Partial<RegistrySources>): RegistrySources {
  return { env: {}, home: '/home/u', read: () => undefined, list: () => [], ask: () => undefined, ...extra };
}

const configured: readonly (readonly [string, Partial<RegistrySources>, readonly string[]])[] = [
  ['npm', { env: { npm_config_registry: 'https://npm.corp.example/r/' } }, ['npm.corp.example']],
  [
    'npm',
    {
      read: (file) =>
        file === '/home/u/.npmrc'
          ? '@acme:registry=https://a.corp.example/\n//a.corp.example/:_authToken=https://no.example\n# registry=https://old.example\n'
          : undefined,
    },
    ['a.corp.example'],
  ],
  ['npm', { ask: (argv) => (argv[0] === 'npm' ? 'https://asked.example/\n' : undefined) }, ['asked.example']],
  ['pip', { env: { PIP_INDEX_URL: 'https://me:secret@pip.corp.example:8443/simple' } }, ['pip.corp.example']],
  [
    'pip',
    {
      read: (file) =>
        file === '/etc/pip.conf'
          ? '[global]\nindex-url = https://p.example/simple\nextra-index-url =\n  https://q.example/x\n'
          : undefined,
    },
    ['p.example', 'q.example'],
  ],
  [
    'pip',
    { ask: (argv) => (argv[0] === 'python3' ? 'https://simple.example/\nfiles.example.org\n' : undefined) },
    ['simple.example', 'files.example.org'],
  ],
  [
    'cargo',
    { list: (dir) => (dir === '/home/u/.cargo/registry/index' ? ['index.c.example-6f17d22bba15001f', 'tmp'] : []) },
    ['index.c.example'],
  ],
  [
    'cargo',
    {
      read: (file) =>
        file === '/home/u/.cargo/config.toml'
          ? '[source.m]\nregistry = "sparse+https://rs.example/index/"\n'
          : undefined,
    },
    ['rs.example'],
  ],
  [
    'go',
    { env: { GOPROXY: 'https://go.example,direct', GOSUMDB: 'sum.go.example' } },
    ['go.example', 'sum.go.example'],
  ],
  [
    'gem',
    { ask: (argv) => (argv[0] === 'gem' ? '*** CURRENT SOURCES ***\n\nhttps://gems.example/\n' : undefined) },
    ['gems.example'],
  ],
  [
    'maven',
    {
      read: (file) =>
        file === '/home/u/.m2/settings.xml'
          ? '<!-- <url>https://not.example</url> -->\n<mirror><url>http://no.example/</url><blocked>true</blocked></mirror><mirror><url>https://mvn.example/m2</url></mirror>'
          : undefined,
    },
    ['mvn.example'],
  ],
  [
    'maven',
    {
      list: (dir) => (dir === '/usr/share/maven/lib' ? ['maven-core-3.x.jar', 'maven-model-builder-3.x.jar'] : []),
      ask: (argv) =>
        argv.includes('/usr/share/maven/lib/maven-model-builder-3.x.jar')
          ? '<project xmlns="http://pom.example"><url>https://central.example/m2</url>'
          : undefined,
    },
    ['central.example'],
  ],
];

for (const [i, [name, from, hosts]] of configured.entries()) {
  test(`registries of ${name}, ${i + 1}`, () => {
    const found = packageRegistries(sources(from));
    assert.deepEqual([...found.keys()], [name]);
    assert.deepEqual(found.get(name), hosts);
  });
}

test('nothing installed, nothing let through; words without a dot are no hosts', () => {
  assert.equal(packageRegistries(sources({})).size, 0);
  assert.deepEqual(hostsIn('http://localhost:4873/ ftp://x.example https://'), []);
});

test('the three example profiles', () => {
  const examples = exampleProfiles();
  assert.deepEqual(
    examples.map((one) => one.name),
    ['data-processing', 'example-agent', 'offline-build'],
  );
  for (const { name, file, text } of examples) {
    const profile = parseProfile(text, file, name);
    assert.ok(profile.description, name);
    assert.ok(!(name in builtin.profiles));
    assert.deepEqual(profile.oldSpellings, []);
  }
});

test('ten built-in profiles, and with the examples thirteen; four of later versions', () => {
  const later = ['bun-dev', 'java-dev', 'linux-host-compat', 'mise-dev'];
  for (const name of later) assert.ok(builtin.profiles[name], name);
  const names = Object.keys(builtin.profiles).filter((name) => !later.includes(name));
  assert.deepEqual(names.sort(), [
    'claude-code',
    'codex',
    'default',
    'go-dev',
    'node-dev',
    'openclaw',
    'opencode',
    'python-dev',
    'rust-dev',
    'swival',
  ]);
});
