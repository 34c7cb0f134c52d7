import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mergeProfiles } from '../../../src/policy/profile/merge-profiles.ts';
import { parseProfile } from '../../../src/policy/profile/parse-profile.ts';
import { profileNotes } from '../../../src/policy/profile/profile.ts';
import {
  createProfileStore,
  isProfilePath,
  type ProfileStore,
  preferredProfile,
} from '../../../src/policy/profile/profile-store.ts';
import { builtin, temporary } from '../support.ts';

function store(t: TestContext, files: Record<string, string>): { store: ProfileStore; dir: string } {
  const dir = temporary(t, files);
  return { store: createProfileStore(builtin, join(dir, 'profiles'), dir), dir };
}

const described = (text: string): string => `{ "meta": { "description": "${text}" } }`;

test('a name means the .jsonc file, then the .json file, then the built-in profile', (t) => {
  const { store: found, dir } = store(t, {
    'profiles/both.jsonc': described('jsonc'),
    'profiles/both.json': described('json'),
    'profiles/codex.json': described('mine'),
    'profiles/a_b-c.json': '{}',
  });
  assert.equal(found.load('both', dir).profile.description, 'jsonc');
  assert.equal(found.load('codex', dir).profile.description, 'mine');
  assert.equal(found.load('codex', dir).source, 'user');
  assert.equal(found.load('default', dir).source, 'built-in');
  assert.equal(found.load('default', dir).file, undefined);
  assert.equal(found.load('a_b-c', dir).profile.name, 'a_b-c');
});

test('a / or a .json ending means a file', (t) => {
  for (const path of ['./x', 'a/b', 'x.json', 'x.jsonc', '/x']) assert.ok(isProfilePath(path), path);
  for (const name of ['x', 'x-json', 'default']) assert.ok(!isProfilePath(name), name);
  const { store: found, dir } = store(t, { 'p.json': described('here'), 'sub/q.jsonc': '{ "extends": "../p.json" }' });
  assert.deepEqual(
    [
      found.load('./p.json', dir),
      found.load('p.json', dir),
      found.load(join(dir, 'p.json'), '/'),
      found.load('~/p.json', '/'),
    ].map((loaded) => [loaded.profile.description, loaded.source, loaded.file]),
    Array(4).fill(['here', 'file', join(dir, 'p.json')]),
  );
  // A base given as a file starts at the file that names it.
  const child = found.load('sub/q.jsonc', dir);
  assert.deepEqual(child.files, [join(dir, 'sub/q.jsonc'), join(dir, 'p.json')]);
});

test('bases are merged left to right, then the child; a diamond is no cycle', (t) => {
  const { store: found, dir } = store(t, {
    'profiles/base.json': '{ "filesystem": { "read": ["/0"] } }',
    'profiles/left.json': '{ "extends": "base", "filesystem": { "read": ["/1"] }, "workdir": { "access": "read" } }',
    'profiles/right.json':
      '{ "extends": "base", "filesystem": { "read": ["/2"] }, "workdir": { "access": "readwrite" } }',
    'profiles/child.json':
      '{ "extends": ["left", "right"], "filesystem": { "read": ["/3", "/1"] }, "workdir": { "access": "none" } }',
  });
  const { profile, files } = found.load('child', dir);
  assert.deepEqual(
    profile.grants.map((grant) => grant.text),
    ['/0', '/1', '/2', '/3'],
  );
  // A child can lower its base, unlike in the original.
  assert.equal(profile.workdirAccess, 'none');
  assert.equal(files.length, 4);
});

test('lists add up, set scalars of the child win, a blocked network stays blocked', () => {
  const base = parseProfile(
    `{ "meta": { "description": "base" }, "network": { "block": true }, "workdir": { "access": "readwrite" },
       "security": { "groups": ["a"], "signal_mode": "allow_all", "allowed_commands": ["rm"] },
       "policy": { "add_deny_access": ["/d"], "override_deny": ["/o"], "add_deny_commands": ["x"], "exclude_groups": ["e"] } }`,
    'base.json',
    'base',
  );
  const child = parseProfile(
    `{ "network": { "block": false }, "security": { "groups": ["b", "a"], "signal_mode": "isolated" },
       "commands": { "allow": ["mv"], "deny": ["y"] }, "filesystem": { "deny": ["/e"], "bypass_protection": ["/p"] } }`,
    'child.json',
    'child',
  );
  const merged = mergeProfiles(base, child);
  const texts = (words: readonly { text: string }[]): string[] => words.map((word) => word.text);
  assert.equal(merged.name, 'child');
  assert.equal(merged.description, undefined);
  assert.equal(merged.blockNetwork, true);
  assert.equal(merged.workdirAccess, 'readwrite');
  assert.equal(merged.signalMode, 'isolated');
  assert.deepEqual(texts(merged.groups), ['a', 'b']);
  assert.deepEqual(texts(merged.denies), ['/d', '/e']);
  assert.deepEqual(texts(merged.overrides), ['/o', '/p']);
  assert.deepEqual(merged.allowedCommands, ['rm', 'mv']);
  assert.deepEqual(merged.deniedCommands, ['x', 'y']);
  assert.deepEqual(texts(merged.excludedGroups), ['e']);
});

test('old and new spellings are one model', () => {
  const old = parseProfile(
    `{ "security": { "groups": ["g"], "allowed_commands": ["c"] },
       "policy": { "exclude_groups": ["e"], "add_deny_access": ["/d"], "override_deny": ["/o"], "add_deny_commands": ["x"] } }`,
    'f',
    'p',
  );
  const later = parseProfile(
    `{ "groups": { "include": ["g"], "exclude": ["e"] }, "commands": { "allow": ["c"], "deny": ["x"] },
       "filesystem": { "deny": ["/d"], "bypass_protection": ["/o"] } }`,
    'f',
    'p',
  );
  const plain = (profile: unknown): unknown =>
    JSON.parse(
      JSON.stringify(profile, (key, value) => (key === 'at' ? undefined : key === 'oldSpellings' ? [] : value)),
    );
  assert.deepEqual(plain(old), plain(later));
});

test('keys that promise no protection are read, and said where a run would miss them', () => {
  const profile = parseProfile(
    `{ "$schema": "x", "meta": { "author": "me" }, "hooks": { "claude-code": { "event": "e", "matcher": "m", "script": "s" } },
       "rollback": { "exclude_patterns": ["a"], "exclude_globs": [] }, "undo": {}, "open_urls": { "allow_origins": ["https://a"] },
       "allow_launch_services": true, "interactive": true, "skipdirs": ["x"], "network": { "network_profile": null, "allow_domain": [] },
       "security": { "capability_elevation": true, "wsl2_proxy_policy": "error", "process_info_mode": "isolated" }, "env_credentials": {} }`,
    'f',
    'p',
  );
  assert.deepEqual(
    profileNotes(profile).map((note) => note.key),
    ['hooks'],
  );
});

test('the continuation of a built-in profile is preferred, a user profile is its own', (t) => {
  const { store: found } = store(t, {
    'profiles/default-local.jsonc': '{ "extends": "default" }',
    'profiles/mine.json': '{}',
    'profiles/mine-local.json': '{}',
  });
  assert.equal(preferredProfile(found, 'default'), 'default-local');
  assert.equal(preferredProfile(found, 'default-local'), 'default-local');
  assert.equal(preferredProfile(found, 'codex'), 'codex');
  assert.equal(preferredProfile(found, 'mine'), 'mine');
});

test('names lists built-in profiles and the user’s, which shadow them', (t) => {
  const { store: found } = store(t, {
    'profiles/codex.json': '{}',
    'profiles/z.jsonc': '{}',
    'profiles/notes.txt': '',
  });
  const names = found.names();
  assert.ok(names.some((entry) => entry.name === 'default' && entry.source === 'built-in'));
  assert.deepEqual(
    names.filter((entry) => entry.source === 'user').map((entry) => entry.name),
    ['codex', 'z'],
  );
  assert.equal(names.filter((entry) => entry.name === 'codex').length, 1);
});
