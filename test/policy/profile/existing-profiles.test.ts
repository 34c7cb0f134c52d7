/** Profiles that users of the original have, of both eras: they load as they are, mean what they meant, and are never rewritten. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findNodeAtLocation } from 'jsonc-parser';
import { reportError } from '../../../src/cli/output/report-error.ts';
import { parseJsonc } from '../../../src/config/jsonc-document.ts';
import { NonoError } from '../../../src/platform/errors.ts';
import { settingKeys } from '../../../src/policy/profile/key-effects.ts';
import { parseProfile } from '../../../src/policy/profile/parse-profile.ts';
import { diffProfiles, diffSections } from '../../../src/policy/profile/profile-diff.ts';
import { profileView } from '../../../src/policy/profile/profile-view.ts';
import { profileRoot, type SchemaNode, shapeOf } from '../../../src/policy/profile/schema.ts';
import { contextFor, random, resolveIn, root, temporary } from '../support.ts';

const directory = join(root, 'test/fixtures/profiles');
const files = ['era.json', 'later.jsonc', 'refused.jsonc'];
const textOf = (file: string): string => readFileSync(join(directory, file), 'utf8');

/** This version's own. */
const notInTheOriginal = new Set([
  'resources',
  'private_tmp',
  'strict_deny',
  'filesystem.bulk',
  'network.allow_connect',
  'network.allow_listen',
]);

test('the fixtures use every key of the format', () => {
  const trees = files.map((file) => parseJsonc(textOf(file), file).root);
  const used = (path: readonly string[]): boolean =>
    trees.some((tree) => findNodeAtLocation(tree, [...path]) !== undefined);
  const walk = (schema: SchemaNode, path: readonly string[]): void => {
    const shape = shapeOf(schema);
    if (shape.kind !== 'object' || path.length > 1 || path[0] === 'platform_overrides') return;
    for (const [key, inner] of Object.entries(shape.entries)) {
      const at = [...path, key];
      if (notInTheOriginal.has(at.join('.'))) continue;
      // Approval backends of commands are those of `security`.
      if (path[0] !== 'command_policies') assert.ok(used(at), at.join('.'));
      walk(inner, at);
    }
  };
  walk(profileRoot, []);
});

for (const file of files) {
  test(`${file} loads as it is and is not rewritten`, (t) => {
    const text = textOf(file);
    const name = file.replace(/\.jsonc?$/, '');
    const home = temporary(t, { [`.config/nono/profiles/${file}`]: text });
    const { profile } = contextFor(home).store.load(name, home);
    assert.equal(profile.name, name);
    if (name === 'refused') assert.throws(() => resolveIn(home, { profile: name }), /packs|command_policies/);
    else resolveIn(home, { profile: name });
    assert.equal(readFileSync(join(home, '.config/nono/profiles', file), 'utf8'), text);
  });
}

test('what the first era meant', (t) => {
  const home = temporary(t, { '.config/nono/profiles/era.json': textOf('era.json'), build: null });
  const policy = resolveIn(home, { profile: 'era', allowCwd: true });
  const has = (verdict: string, access: string, path: string): void =>
    assert.ok(
      policy.rules.some((rule) => rule.verdict === verdict && rule.access === access && rule.path === path),
      `${verdict} ${access} ${path}`,
    );
  has('allow', 'readwrite', join(home, 'build'));
  has('allow', 'readwrite', join(home, '.codex'));
  has('allow', 'readwrite', join(home, '.local/share/tool'));
  has('allow', 'read', '/opt/data');
  has('allow', 'write', '/opt/out');
  has('deny', 'all', '/opt/data/private');
  has('override', 'all', join(home, '.aws'));
  assert.ok(policy.blockNetwork);
  assert.ok(policy.netRules?.some((rule) => rule.verdict === 'allow' && rule.raw === '3000'));
  assert.ok(policy.blockedCommands.includes('curl') && !policy.blockedCommands.includes('rm'));
  assert.equal(policy.warnings.filter((line) => line.includes('old spellings')).length, 1);
  const { settings } = contextFor(home).store.load('era', home).profile;
  assert.deepEqual(settings['network.allow_domain']?.value, ['a.example', 'b.example', 'example.com']);
  assert.deepEqual(settings['network.credentials']?.value, ['github', 'openai']);
  assert.deepEqual(settings['rollback.exclude_patterns']?.value, ['target', 'node_modules']);
  assert.deepEqual(Object.keys(settings.env_credentials?.value ?? {}).sort(), [
    'env://GITHUB_TOKEN',
    'op://vault/item/field',
    'openai',
  ]);
});

test('what the later era meant', (t) => {
  const home = temporary(t, { '.config/nono/profiles/later.jsonc': textOf('later.jsonc') });
  const policy = resolveIn(home, { profile: 'later' });
  const paths = policy.rules.filter((rule) => rule.source === 'profile:later').map((rule) => rule.raw);
  for (const here of ['$WORKDIR', '~/not-nixos', '/only/linux', '/opt/private']) assert.ok(paths.includes(here), here);
  for (const elsewhere of ['~/mac', '~/Library']) assert.ok(!paths.includes(elsewhere), elsewhere);
  assert.equal(policy.workdirGrant?.access, 'read');
  assert.equal(policy.warnings.filter((line) => line.includes('old spellings')).length, 1);
  const { settings } = contextFor(home).store.load('later', home).profile;
  assert.deepEqual(settings.open_urls?.value, { allow_origins: ['https://a.example'], allow_localhost: false });
  assert.deepEqual(settings['filesystem.suppress_save_prompt']?.value, ['~/.noise', '~/.cache']);
});

test('policy show and diff show every key that such a profile sets', (t) => {
  const home = temporary(t, { '.config/nono/profiles/later.jsonc': textOf('later.jsonc') });
  const context = contextFor(home);
  const view = profileView(context.store.load('later', home), context.builtin, String);
  const at = (key: string): unknown =>
    key.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], view);
  const { settings } = context.store.load('later', home).profile;
  for (const key of settingKeys)
    if (key !== 'meta' && settings[key]?.value != null) assert.deepEqual(at(key), settings[key]?.value, key);
  assert.equal(at('network.network_profile'), null);
  const shown = JSON.stringify(
    diffSections(diffProfiles(profileView(context.store.load('default', home), context.builtin, String), view)),
  );
  assert.match(shown, /api\.example\.com/);
  assert.doesNotMatch(shown, /\[object Object\]/);
});

test('damage of any kind: one line with its place, or a profile; never anything else', () => {
  const below = random(5);
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    'null',
    '1e999',
    '-1',
    '""',
    '\\',
    '\u0000',
    '//',
    '/*',
    '\n',
    '{}',
    '[[',
    'true',
    '\ud800',
  ];
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const text = textOf(files[below(files.length)] as string);
    const at = below(text.length);
    const cut = below(3) === 0 ? below(40) : below(2);
    const damaged =
      below(5) === 0 ? text.slice(0, at) : text.slice(0, at) + pieces[below(pieces.length)] + text.slice(at + cut);
    try {
      parseProfile(damaged, '/p/x.json', 'x');
    } catch (error) {
      assert.ok(error instanceof NonoError, `${String(error)}\n${damaged}`);
      assert.match(error.message, /^\/p\/x\.json:\d+:\d+: /, damaged);
      const { text: told, exitCode } = reportError(error, 0);
      assert.match(told, /^nono: [^\n]+\n$/);
      assert.equal(exitCode, 1);
      refused++;
    }
  }
  assert.ok(refused > 200, `${refused} of 400`);
});
