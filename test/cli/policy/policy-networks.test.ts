/** `nono policy networks`: hosts of package registries are what this user's package managers say. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users.at(-1) as TestUser;
const home = makeHome(user);

function networks(...words: readonly string[]): Outcome {
  return nono(user, ['policy', 'networks', ...words], { cwd: '/', home });
}

test('the network profiles, and which groups of hosts they are', () => {
  const shown = networks();
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^ {2}developer +llm_apis, package_registries, github, sigstore, documentation$/m);
  const rows = JSON.parse(networks('--json', '--filter', 'azure').stdout) as { name: string }[];
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['enterprise'],
  );
});

test('a registry of the user is in the place of the usual one, with who named it', () => {
  writeFileSync(join(home, '.npmrc'), 'registry=https://npm.example.org/\n');
  const shown = networks('package_registries');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^ {4}npm\.example\.org {2}\(npm\)$/m);
  const { groups } = JSON.parse(networks('developer', '--json').stdout) as {
    groups: { group: string; hosts: string[]; managers?: Record<string, string[]> }[];
  };
  const registries = groups.find(({ group }) => group === 'package_registries');
  assert.deepEqual(registries?.managers?.['npm'], ['npm.example.org']);
  assert.ok(groups.find(({ group }) => group === 'github')?.hosts.includes('github.com'));
});

test('a name that there is not', () => {
  const { code, stderr } = networks('developr');
  assert.equal(code, 2);
  assert.equal(stderr, "nono: there is no network profile or group of hosts 'developr' (did you mean 'developer'?)\n");
});
