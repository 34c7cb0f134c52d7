/** `nono profile`: the commands that write files of the user's. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { closeTerminals, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
const config = join(home, '.config/nono');
const profiles = join(config, 'profiles');
const run = (args: readonly string[], env: Record<string, string> = {}): Outcome =>
  nono(user, ['profile', ...args], { cwd, home, env });
const file = (name: string): string => join(profiles, `${name}.json`);
const read = (name: string): string => readFileSync(file(name), 'utf8');
after(closeTerminals);

describe('init', () => {
  test('writes what validates, once', () => {
    assert.equal(run(['init', 'made', '--extends', 'default', '--groups', 'git_config', '--description', 'd']).code, 0);
    const made = JSON.parse(read('made'));
    assert.equal(made.extends, 'default');
    assert.deepEqual(made.meta, { name: 'made', version: '1.0.0', description: 'd' });
    assert.deepEqual(made.groups, { include: ['git_config'] });
    assert.deepEqual(made.workdir, { access: 'readwrite' });
    assert.deepEqual(made.filesystem, { allow: [], read: [] });
    // `--strict` fails for an old spelling, of which every start would warn.
    assert.equal(run(['validate', 'made', '--strict']).code, 0);
    const again = run(['init', 'made']);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /Use --force to overwrite/);
    assert.equal(run(['init', 'made', '--force']).code, 0);
    assert.equal(JSON.parse(read('made')).extends, undefined);
  });
  test('to standard output, which makes no file', () => {
    const made = run(['init', 'shown', '-o', '-']);
    assert.equal(made.code, 0);
    assert.equal(JSON.parse(made.stdout).meta.name, 'shown');
    assert.equal(made.stderr, '');
    assert.equal(JSON.parse(run(['schema', '-o', '-']).stdout).type, 'object');
    assert.deepEqual([file('shown'), join(cwd, '-')].map(existsSync), [false, false]);
  });
  test('a full one validates', () => {
    assert.equal(run(['init', 'whole', '--full']).code, 0);
    const done = run(['validate', 'whole', '--strict']);
    assert.equal(done.code, 0);
    assert.doesNotMatch(done.stdout, /\[warn\]/);
  });
  test('refuses names, groups and bases that there are not', () => {
    for (const args of [['-x-'], ['a b'], ['../x'], ['x', '--groups', 'nope'], ['x', '--extends', 'nope']])
      assert.notEqual(run(['init', ...args]).code, 0, args.join(' '));
    assert.equal(existsSync(file('x')), false);
  });
});

describe('edit', () => {
  const editor = (script: string): Record<string, string> => ({ EDITOR: `sed -i -e '${script}'` });
  test('saves what is valid, and leaves nothing behind', () => {
    run(['init', 'one', '--description', 'before']);
    assert.equal(run(['edit', 'one'], editor('s/before/after/')).code, 0);
    assert.match(read('one'), /"after"/);
    assert.deepEqual(
      readdirSync(profiles).filter((name) => name.startsWith('.one')),
      [],
    );
  });
  test('what is not valid is named by line, kept, and not saved', () => {
    const before = read('one');
    const done = run(['edit', 'one'], editor('s/"filesystem"/"filesistem"/'));
    assert.equal(done.code, 1);
    assert.match(done.stderr, /:\d+:\d+: unknown key 'filesistem' \(did you mean 'filesystem'\?\)/);
    assert.equal(read('one'), before);
    const kept = /what was edited is in (\S+)/.exec(done.stderr)?.[1] ?? '';
    assert.match(readFileSync(kept, 'utf8'), /filesistem/);
    // It is no profile.
    assert.doesNotMatch(run(['list']).stdout, /edit-/);
  });
  test('a profile that changed meanwhile stays as it is', () => {
    const other = `sh -c 'echo "{}" > ${file('one')}; sed -i s/after/mine/ "$1"' x`;
    const done = run(['edit', 'one'], { EDITOR: other });
    assert.equal(done.code, 1);
    assert.match(done.stderr, /changed meanwhile/);
    assert.equal(read('one'), '{}\n');
  });
  test('an editor that fails changes nothing; a built-in profile is not edited', () => {
    assert.equal(run(['edit', 'one'], { EDITOR: 'false' }).code, 1);
    assert.match(run(['edit', 'default']).stderr, /built in and cannot be edited/);
  });
  test('on a terminal it asks, and edits again', async () => {
    run(['init', 'two', '--description', 'before']);
    // Wrong the first time, right the second.
    const script = `sh -c 'grep -q filesistem "$1" && sed -i s/filesistem/filesystem/ "$1" || sed -i -e s/filesystem/filesistem/ -e s/before/after/ "$1"' x`;
    const t = new TestTerminal({
      argv: [join(installationFor(user), 'bin/nono'), 'profile', 'edit', 'two'],
      cwd,
      env: environment(home, { EDITOR: script }),
    });
    await t.until('Edit it again? [y/N]', 30_000);
    t.write('y\r');
    assert.equal((await t.untilEnd(30_000)).code, 0);
    assert.match(read('two'), /"after"/);
    assert.match(read('two'), /"filesystem"/);
  });
});

describe('promote', () => {
  const drafts = join(config, 'profile-drafts');
  const draft = (text: string): void => {
    mkdirSync(drafts, { recursive: true });
    writeFileSync(join(drafts, 'new.json'), text);
  };
  test('shows, asks, and takes the place', () => {
    draft('{ "extends": "default", "meta": { "name": "new" } }\n');
    const shown = run(['promote', 'new', '--diff']);
    assert.equal(shown.code, 0);
    assert.match(shown.stdout, /^ {2}\+ \{ "extends": "default"/m);
    assert.equal(existsSync(file('new')), false);
    const unasked = run(['promote', 'new']);
    assert.equal(unasked.code, 1);
    assert.match(unasked.stderr, /nobody to ask/);
    assert.equal(run(['promote', 'new', '--yes']).code, 0);
    assert.match(read('new'), /"extends": "default"/);
    assert.equal(existsSync(join(drafts, 'new.json')), false);
  });
  test('a draft that is no profile stays a draft', () => {
    draft('{ "extend": "default" }\n');
    assert.equal(run(['promote', 'new', '--yes']).code, 1);
    assert.match(read('new'), /"extends": "default"/);
  });
});

type Entry = { path: string; source?: string };

test('show --format manifest: what is granted, in the words of the format, and never more', () => {
  mkdirSync(profiles, { recursive: true });
  writeFileSync(
    file('exported'),
    JSON.stringify({
      extends: 'default',
      groups: { include: ['persistence_guard'] },
      filesystem: {
        allow: ['$WORKDIR'],
        read: ['~/secrets'],
        read_file: ['/etc/hostname'],
        deny: ['~/secrets/key', '**/.env'],
      },
      network: { block: true, open_port: [8080], open_port_range: [[9000, 9001]], listen_port: [0, 7000] },
      resources: { memory: '1M', max_processes: 7 },
      workdir: { access: 'readwrite' },
    }),
  );
  const done = run(['show', 'exported', '--format', 'manifest']);
  assert.equal(done.code, 0, done.stderr);
  const manifest = JSON.parse(done.stdout);
  assert.equal(manifest.version, '0.1.0');
  const grants = new Map<string, unknown>(
    manifest.filesystem.grants.map(({ path, source: _source, ...grant }: Entry) => [path, grant]),
  );
  assert.deepEqual(grants.get(cwd), { access: 'readwrite', type: 'directory' });
  assert.deepEqual(grants.get('/etc/hostname'), { access: 'read', type: 'file' });
  assert.deepEqual(grants.get('/dev/null'), { access: 'readwrite', type: 'file' });
  // Its own entries only are granted: the format would make that all of the home directory.
  assert.equal(grants.get(home), undefined);
  const denies = new Map<string, unknown>(
    manifest.filesystem.deny.map(({ path, source: _source, ...deny }: Entry) => [path, deny]),
  );
  assert.deepEqual(denies.get(join(home, 'secrets/key')), {});
  assert.deepEqual(denies.get(join(home, '.ssh')), {});
  assert.deepEqual(denies.get('/**/.env'), {});
  assert.deepEqual(denies.get(join(cwd, '**/.git/config')), { access: 'write' });
  assert.deepEqual(manifest.network, {
    mode: 'blocked',
    dns: false,
    ports: { bind: [7000], localhost: [8080], localhost_range: [[9000, 9001]] },
    allow_listen: ['*:0'],
  });
  assert.deepEqual(manifest.resources, { memory_bytes: 1048576, max_processes: 7 });
  assert.equal(manifest.process.signal_mode, 'isolated');
  assert.equal(run(['show', 'exported', '--format', 'yaml']).code, 2);
  assert.equal(run(['show', 'exported', '--format', 'manifest', '--raw']).code, 2);
  assert.match(run(['show', 'exported', '--format', 'profile']).stdout, /profile 'exported'/);
});

test('schema and guide', () => {
  const schema = JSON.parse(run(['schema']).stdout);
  assert.ok(schema.properties.filesystem);
  const out = join(home, 'schema.json');
  assert.equal(run(['schema', '-o', out]).code, 0);
  assert.deepEqual(JSON.parse(readFileSync(out, 'utf8')), schema);
  assert.match(run(['guide']).stdout, /^# Writing a profile/);
});
