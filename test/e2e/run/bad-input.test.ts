/** Bad input gives one clear line and the documented exit code, and nothing is started. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture } from '../../helpers/compile.ts';
import { nono, type Outcome, type RunOptions } from '../../helpers/run.ts';
import { makeHome, users } from '../../helpers/users.ts';

for (const user of users) {
  describe(`bad input, as ${user.name}`, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const profiles = join(home, '.config/nono/profiles');
    mkdirSync(profiles, { recursive: true });
    const profile = (name: string, text: string | Buffer): void => writeFileSync(join(profiles, name), text);
    profile('cut.json', '{\n  "meta": { "name": "cut" },\n  "filesystem": {\n');
    profile('unknown-key.json', '{\n  "meta": { "name": "unknown-key" },\n  "filesytem": {}\n}\n');
    profile('wrong-type.json', '{\n  "meta": { "name": "wrong-type" },\n  "filesystem": { "read": "/etc" }\n}\n');
    profile('no-group.json', '{ "meta": { "name": "no-group" }, "security": { "groups": ["deny_credentails"] } }\n');
    profile('cycle-a.json', '{ "extends": "cycle-b", "meta": { "name": "cycle-a" } }\n');
    profile('cycle-b.json', '{ "extends": "cycle-a", "meta": { "name": "cycle-b" } }\n');
    profile('binary.json', Buffer.from([0, 1, 2, 255, 254, 10, 13]));
    profile('packed.json', '{ "meta": { "name": "packed" }, "packs": ["acme/strict"] }\n');
    spawnSync('chown', ['-R', `${user.uid}`, join(home, '.config')]);

    const canary = join(cwd, 'started');
    const attempt = (flags: readonly string[], options: Partial<RunOptions> = {}): Outcome =>
      nono(user, ['run', ...flags, '--', 'touch', canary], { cwd, home, ...options });
    const refused = (done: Outcome, code: number, line: RegExp): void => {
      assert.equal(done.code, code, `${done.stdout}${done.stderr}`);
      const lines = done.stderr.split('\n').filter((l) => l.startsWith('nono: '));
      assert.equal(lines.length, 1, done.stderr);
      assert.match(lines[0] ?? '', line);
      assert.equal(existsSync(canary), false, 'the command was started');
      assert.doesNotMatch(done.stderr, /^\s+at /m, 'a stack trace is not an error message');
    };

    const inProfile: readonly (readonly [string, RegExp])[] = [
      ['nosuch', /nosuch/],
      ['cut', /cut\.json:\d+:\d+/],
      ['unknown-key', /unknown-key\.json:3:\d+.*filesytem.*filesystem/],
      ['wrong-type', /wrong-type\.json:3:\d+/],
      ['no-group', /deny_credentails.*deny_credentials/],
      ['cycle-a', /cycle-a.*cycle-b.*cycle-a/],
      ['binary', /binary\.json/],
      ['packed', /'packs', which this version cannot enforce/],
      ['../escape', /escape/],
    ];
    for (const [name, line] of inProfile) {
      test(`profile ${name}`, () => refused(attempt(['-p', name, '--allow', '.']), 1, line));
    }
    test('unknown flag', () => refused(attempt(['--alow', '.']), 2, /--alow.*--allow/));
    test('a flag without its value', () => refused(nono(user, ['run', '--allow'], { cwd, home }), 2, /--allow/));
    test('no command', () => refused(nono(user, ['run', '--allow', '.'], { cwd, home }), 2, /command/));
    test('a file given as a directory', () => refused(attempt(['--allow', 'README']), 1, /README.*|directory/));
    test('a directory whose name is not UTF-8, beside the one it would be taken for', () => {
      const inside = [
        'sh',
        '-c',
        'mkdir -p "$(printf "b\\377d")" "$(printf "b\\357\\277\\275d")" && cd "$(printf "b\\377d")" && exec "$@"',
        'sh',
      ];
      refused(attempt(['--allow', '.'], { before: inside }), 1, /current directory is not UTF-8/);
      const granted = [
        'sh',
        '-c',
        'program=$1; shift; exec "$program" run --allow "$(printf "b\\377d")" -- true',
        'sh',
      ];
      refused(attempt([], { before: granted }), 1, /--allow is not UTF-8/);
    });
    test('a missing path warns and the rest holds', () => {
      const done = nono(user, ['run', '--allow', '.', '--read', '/no/such/path', '--', 'true'], { cwd, home });
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stderr, /Skipping non-existent path: \/no\/such\/path/);
    });
    test('a missing command', () => {
      const done = nono(user, ['run', '-s', '--allow', '.', '--', 'no-such-command'], { cwd, home });
      assert.equal(done.code, 127);
      assert.match(done.stderr, /no-such-command/);
    });
    test('a file that cannot be executed', () => {
      const done = nono(user, ['run', '-s', '--allow', '.', '--', './README'], { cwd, home });
      assert.equal(done.code, 126);
      assert.match(done.stderr, /README/);
    });
    test('a kernel without Landlock', () => {
      const done = attempt(['--allow', '.'], { before: [fixture('without-calls')] });
      refused(done, 126, /Landlock/);
    });
    test('a kernel without Landlock, under wrap', () => {
      const done = nono(user, ['wrap', '--allow', '.', '--', 'touch', canary], {
        cwd,
        home,
        before: [fixture('without-calls')],
      });
      refused(done, 126, /Landlock/);
    });
  });
}
