import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ErrorCode, NonoError } from '../../src/platform/errors.ts';
import { resolveIn, temporary } from './support.ts';

interface Case {
  readonly what: string;
  readonly text: string | Uint8Array;
  readonly code?: ErrorCode;
  /** Line and column of the complaint, if it can have one. */
  readonly at?: string;
  readonly says: RegExp;
  readonly hint?: RegExp;
}

const cases: readonly Case[] = [
  { what: 'an empty file', text: '', at: '1:1', says: /empty/ },
  { what: 'only white space and a comment', text: ' \n// nothing\n', says: /missing|no value/ },
  { what: 'JSON that is cut off', text: '{\n  "meta": {\n    "name": "x"\n', at: '4:1', says: /closing '}'/ },
  {
    what: 'a string that is cut off',
    text: '{\n  "meta": { "name": "x\n} }',
    at: '2:21',
    says: /string is not closed/,
  },
  { what: 'a missing comma', text: '{\n  "extends": "default"\n  "meta": {}\n}', at: '3:3', says: /comma is missing/ },
  { what: 'a list instead of an object', text: '[]', at: '1:1', says: /one JSON object/ },
  { what: 'two objects', text: '{} {}', at: '1:4', says: /follows the end/ },
  { what: 'binary data', text: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe), says: /not text/ },
  { what: 'NUL bytes', text: '{"meta":\0{}}', says: /NUL/ },
  { what: 'deep nesting', text: '{"meta":'.repeat(90_000), says: /nested too deeply|is larger than|missing/ },
  { what: 'a file of megabytes', text: `{"meta":{"name":"${'x'.repeat(2 << 20)}"}}`, says: /larger than/ },
  {
    what: 'an unknown key',
    text: '{\n  "filesytem": { "allow": [] }\n}',
    at: '2:3',
    says: /unknown key 'filesytem'/,
    hint: /did you mean 'filesystem'/,
  },
  {
    what: 'an unknown key further in',
    text: '{\n  "policy": {\n    "add_deny_acces": ["~/x"]\n  }\n}',
    at: '3:5',
    says: /unknown key 'policy\.add_deny_acces'/,
    hint: /did you mean 'add_deny_access'/,
  },
  {
    what: '__proto__ as a key',
    text: '{ "__proto__": { "block": true } }',
    at: '1:3',
    says: /unknown key '__proto__'/,
  },
  {
    what: 'a key that appears twice',
    text: '{\n  "network": { "block": true },\n  "network": { "block": false }\n}',
    at: '3:3',
    says: /'network' appears twice, first at .*:2:3/,
  },
  {
    what: 'a wrong type',
    text: '{\n  "network": { "block": "yes" }\n}',
    at: '2:25',
    says: /'network\.block' must be boolean, not 'yes'/,
  },
  {
    what: 'a word instead of a list',
    text: '{ "filesystem": { "read": "~/x" } }',
    at: '1:27',
    says: /'filesystem\.read' must be a?\s?list/,
  },
  {
    what: 'a number in a list of paths',
    text: '{ "filesystem": { "read": ["~/x", 3] } }',
    at: '1:35',
    says: /must be string or object, not 3/,
  },
  { what: 'null as a section', text: '{ "filesystem": null }', at: '1:17', says: /must be/ },
  {
    what: 'a value that is none of the words',
    text: '{ "workdir": { "access": "full" } }',
    at: '1:26',
    says: /workdir\.access/,
  },
  { what: 'an empty path', text: '{ "filesystem": { "read": [""] } }', at: '1:28', says: /path is empty/ },
  {
    what: 'an unknown variable',
    text: '{ "filesystem": { "deny": ["$SECRETS/x"] } }',
    at: '1:28',
    says: /unknown variable \$SECRETS/,
  },
  {
    what: "another user's home",
    text: '{ "filesystem": { "read": ["~bob/x"] } }',
    at: '1:28',
    says: /another user's home/,
  },
  {
    what: 'an unknown group',
    text: '{\n  "security": { "groups": ["deny_credential"] }\n}',
    code: 'group-not-found',
    at: '2:28',
    says: /no policy group 'deny_credential'/,
    hint: /deny_credentials/,
  },
  {
    what: 'a group named like an object property',
    text: '{ "security": { "groups": ["constructor"] } }',
    code: 'group-not-found',
    says: /'constructor'/,
  },
  {
    what: 'excluding a required group',
    text: '{ "policy": { "exclude_groups": ["deny_credentials"] } }',
    code: 'policy-invalid',
    at: '1:34',
    says: /required/,
  },
  {
    what: 'excluding an unknown group',
    text: '{ "groups": { "exclude": ["nope_at_all"] } }',
    code: 'group-not-found',
    at: '1:27',
    says: /nope_at_all/,
  },
  {
    what: 'a base that does not exist',
    text: '{ "extends": "defualt" }',
    code: 'profile-not-found',
    at: '1:14',
    says: /'defualt'/,
    hint: /'default'/,
  },
  {
    what: 'a base that cannot be a name',
    text: '{ "extends": "a b" }',
    code: 'profile-not-found',
    at: '1:14',
    says: /cannot be the name/,
  },
  {
    what: 'extending itself',
    text: '{ "extends": "bad" }',
    at: '1:14',
    says: /circular dependency detected: bad -> bad/,
  },
  {
    what: 'lifting a deny without a grant',
    text: '{ "policy": { "override_deny": ["~/.ssh"] } }',
    code: 'policy-invalid',
    at: '1:33',
    says: /has no matching grant/,
  },
  {
    what: "opening nono's own directory",
    text: '{ "filesystem": { "allow": ["~/.config/nono"] }, "policy": { "override_deny": ["~/.config/nono"] } }',
    code: 'policy-invalid',
    says: /belongs to nono itself/,
  },
  {
    what: 'a pattern as a grant',
    text: '{ "filesystem": { "read": ["/srv/*/public"] } }',
    code: 'not-supported',
    at: '1:28',
    says: /only denies can be patterns/,
  },
  {
    what: 'a pattern as an override',
    text: '{ "policy": { "override_deny": ["~/**"] } }',
    code: 'not-supported',
    at: '1:33',
    says: /only denies can be patterns/,
  },
  {
    what: 'a pattern that is none',
    text: '{ "filesystem": { "deny": ["**/[a"] } }',
    code: 'profile-invalid',
    at: '1:28',
    says: /without '\]'/,
  },
  {
    what: 'a pattern whose braces explode',
    text: '{ "filesystem": { "deny": ["{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"] } }',
    code: 'profile-invalid',
    at: '1:28',
    says: /more than 64/,
  },
  {
    what: 'a condition that names no system',
    text: '{ "filesystem": { "read": [{ "path": "~/x", "when": "beos" }] } }',
    at: '1:53',
    says: /'beos' does not begin with linux, macos or windows/,
  },
  {
    what: 'a condition with a malformed version',
    text: '{ "groups": { "include": [{ "name": "homebrew", "when": ["linux", "macos:>=x"] }] } }',
    at: '1:57',
    says: /'>=x' in 'macos:>=x'/,
  },
  {
    what: 'an unknown key beside a condition',
    text: '{ "filesystem": { "read": [{ "pth": "~/x" }] } }',
    at: '1:30',
    says: /unknown key 'filesystem\.read\.pth'/,
    hint: /did you mean 'path'/,
  },
  {
    what: 'a mistake in the part of another platform',
    text: '{\n  "platform_overrides": {\n    "macos": { "filesystem": { "raed": [] } }\n  }\n}',
    at: '3:32',
    says: /unknown key 'platform_overrides\.macos\.filesystem\.raed'/,
    hint: /did you mean 'read'/,
  },
  {
    what: 'extending from the part of a platform',
    text: '{ "platform_overrides": { "linux": { "extends": "codex" } } }',
    at: '1:38',
    says: /unknown key 'platform_overrides\.linux\.extends'/,
  },
  {
    what: 'a key in the wrong section',
    text: '{\n  "bypass_protection": ["~/x"]\n}',
    at: '2:3',
    says: /unknown key 'bypass_protection'/,
    hint: /did you mean 'filesystem\.bypass_protection'/,
  },
  {
    what: 'a credential without a source',
    text: '{ "network": { "custom_credentials": { "x": { "upstream": "https://x" } } } }',
    at: '1:45',
    says: /exactly one of 'credential_key', 'auth', 'aws_auth' and 'spiffe'/,
  },
  {
    what: 'a way of injecting that does not exist',
    text: '{ "network": { "custom_credentials": { "x": { "upstream": "https://x", "credential_key": "k", "inject_mode": "body" } } } }',
    says: /inject_mode/,
  },
  {
    what: 'a hook without a script',
    text: '{ "session_hooks": { "before": { "timeout_secs": 3 } } }',
    at: '1:32',
    says: /session_hooks\.before\.script/,
  },
  {
    what: 'a port above 65535',
    text: '{ "network": { "open_port": [80, 70000] } }',
    at: '1:34',
    says: /network\.open_port/,
  },
  {
    what: 'policies for single commands',
    text: '{\n  "command_policies": { "commands": { "git": {} } }\n}',
    code: 'not-supported',
    at: '2:23',
    says: /'command_policies'/,
  },
  {
    what: 'a network profile nobody has',
    text: '{ "network": { "network_profile": "develper" } }',
    at: '1:35',
    says: /no network profile 'develper'/,
    hint: /'developer'/,
  },
  { what: 'packs', text: '{ "packs": ["a/b"] }', code: 'not-supported', at: '1:12', says: /'packs'/ },
];

function expectError(work: () => unknown, code: ErrorCode, says: RegExp): NonoError {
  let caught: unknown;
  assert.throws(work, (error) => {
    caught = error;
    return true;
  });
  assert.ok(caught instanceof NonoError, `a NonoError, not ${String(caught)}`);
  assert.equal(caught.code, code, caught.message);
  assert.equal(caught.exitCode, 1, 'as docs/exit-codes.md says');
  assert.match(caught.message, says);
  assert.ok(!caught.message.includes('\n'), 'one line');
  return caught;
}

function home(t: TestContext): string {
  const dir = temporary(t);
  mkdirSync(join(dir, '.config/nono/profiles'), { recursive: true });
  return dir;
}

for (const { what, text, code = 'profile-invalid', at, says, hint } of cases) {
  test(`refused: ${what}`, (t) => {
    const dir = home(t);
    const file = join(dir, '.config/nono/profiles/bad.json');
    writeFileSync(file, text);
    const error = expectError(() => resolveIn(dir, { profile: 'bad' }), code, says);
    assert.ok(error.message.startsWith(`${file}:`), error.message);
    if (at) assert.ok(error.message.startsWith(`${file}:${at}: `), error.message);
    if (hint) assert.match(error.hint ?? '', hint);
  });
}

test('a cycle through two files is named with its links', (t) => {
  const dir = home(t);
  const profiles = join(dir, '.config/nono/profiles');
  writeFileSync(join(profiles, 'a.json'), '{ "extends": "b" }');
  writeFileSync(join(profiles, 'b.jsonc'), '{\n "extends": ["default", "a"]\n}');
  const error = expectError(
    () => resolveIn(dir, { profile: 'a' }),
    'profile-invalid',
    /circular dependency detected: a -> b -> a/,
  );
  assert.match(error.message, /b\.jsonc:2:25/);
});

test('a chain of more than ten is refused', (t) => {
  const dir = home(t);
  for (let i = 0; i < 12; i++) {
    writeFileSync(join(dir, `.config/nono/profiles/p${i}.json`), i === 11 ? '{}' : `{ "extends": "p${i + 1}" }`);
  }
  expectError(() => resolveIn(dir, { profile: 'p0' }), 'profile-invalid', /more than 10 profiles deep/);
  assert.equal(resolveIn(dir, { profile: 'p3' }).profile, 'p3');
});

test('a profile nobody has', (t) => {
  const dir = home(t);
  writeFileSync(join(dir, '.config/nono/profiles/developer.json'), '{}');
  assert.match(
    expectError(() => resolveIn(dir, { profile: 'develper' }), 'profile-not-found', /'develper'/).hint ?? '',
    /'developer'/,
  );
  expectError(() => resolveIn(dir, { profile: './nope.json' }), 'profile-not-found', /no profile file/);
  expectError(() => resolveIn(dir, { profile: '' }), 'profile-not-found', /cannot be the name/);
  expectError(() => resolveIn(dir, { profile: '../x' }), 'profile-not-found', /no profile file/);
});

test('a directory, a FIFO, a device and a loop of links are not profiles', (t) => {
  const dir = home(t);
  const profiles = join(dir, '.config/nono/profiles');
  mkdirSync(join(profiles, 'd.json'));
  expectError(() => resolveIn(dir, { profile: 'd' }), 'profile-invalid', /is a directory/);
  execFileSync('mkfifo', [join(profiles, 'f.json')]);
  expectError(() => resolveIn(dir, { profile: 'f' }), 'profile-invalid', /not an ordinary file/);
  expectError(() => resolveIn(dir, { profile: '/dev/zero' }), 'profile-invalid', /not an ordinary file/);
  symlinkSync('l.json', join(profiles, 'l.json'));
  expectError(() => resolveIn(dir, { profile: 'l' }), 'profile-invalid', /leads to itself/);
});

test('a dangling link does not fall back to the built-in profile of its name', (t) => {
  const dir = home(t);
  symlinkSync('/nowhere', join(dir, '.config/nono/profiles/claude-code.json'));
  expectError(() => resolveIn(dir, { profile: 'claude-code' }), 'profile-invalid', /leads nowhere/);
});

test('an unreadable profile is named, not skipped', {
  skip: process.getuid?.() === 0 ? 'root reads everything; run in a child below' : false,
}, (t) => {
  const dir = home(t);
  const file = join(dir, '.config/nono/profiles/x.json');
  writeFileSync(file, '{}');
  chmodSync(file, 0);
  expectError(() => resolveIn(dir, { profile: 'x' }), 'profile-invalid', /permission denied/);
});

test('an ordinary user who may not read a profile is told so', { skip: process.getuid?.() !== 0 }, (t) => {
  const dir = home(t);
  chmodSync(dir, 0o755);
  const profiles = join(dir, '.config/nono/profiles');
  const file = join(profiles, 'x.json');
  writeFileSync(file, '{}');
  chmodSync(file, 0);
  const script = `
    const { resolveIn } = await import(${JSON.stringify(join(import.meta.dirname, 'support.ts'))});
    process.setgid(65534); process.setuid(65534);
    try { resolveIn(${JSON.stringify(dir)}, { profile: process.argv[1] }); } catch (e) { console.log(e.code + ' ' + e.message); }`;
  const ask = (name: string): string =>
    execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, name], { encoding: 'utf8' });
  assert.match(ask('x'), /^profile-invalid .*x\.json: cannot be read: permission denied/);
  // A directory that cannot be searched may hold a replacement of a built-in profile.
  chmodSync(profiles, 0);
  assert.match(ask('default'), /^profile-invalid .*cannot be looked up/);
});
