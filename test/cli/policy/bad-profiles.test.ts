/** Every malformed profile through the command line: one line that names the place, the documented exit code, nothing started, nothing on standard output. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { errorCodes } from '../../../src/platform/errors.ts';
import { nono } from '../../helpers/run.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';
import { badProfiles, hostileProfiles } from '../../policy/profile/bad-profile-cases.ts';

/** The place of the complaint, `file:line:column`, follows the program's name. */
const placed = /^nono: (\/[^:]+):(\d+):(\d+): \S/;

/** Nothing starts, and what is said is one line. */
function refused(user: TestUser, home: string, profile: string): string {
  const canary = join(home, 'started');
  const args = ['run', '-p', profile, '--allow-cwd', '--', 'touch', canary];
  const done = nono(user, args, { cwd: home, home });
  assert.equal(done.stdout, '');
  assert.match(done.stderr, /^nono: [^\n]*\n$/, 'one line');
  assert.ok(done.stderr.length < 1500, `${done.stderr.length} characters are no clear line`);
  assert.doesNotMatch(done.stderr, /unexpected|[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]/);
  assert.equal(done.code, errorCodes['profile-invalid'].exit);
  assert.equal(existsSync(canary), false, 'the command was started');
  return done.stderr;
}

function own(user: TestUser, path: string): void {
  spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, path]);
}

describe('malformed text', () => {
  // What is wrong with a text does not depend on who reads it.
  const user = users.at(-1) as TestUser;
  const home = makeHome(user);
  const lines: string[] = [];
  // A home directory for each, so that each can be the profile `bad`.
  const placeOf = (i: number): string => join(home, `home${i}`);
  const all = [...badProfiles, ...hostileProfiles];
  for (const [i, { text }] of all.entries()) {
    const directory = join(placeOf(i), '.config/nono/profiles');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'bad.json'), text);
  }
  own(user, home);
  for (const [i, { what, at, says, hint }] of all.entries()) {
    test(what, () => {
      const file = join(placeOf(i), '.config/nono/profiles/bad.json');
      const line = refused(user, placeOf(i), 'bad');
      lines.push(line);
      assert.match(line, says);
      if (hint) assert.match(line, hint);
      assert.ok(line.startsWith(`nono: ${file}:${at ? `${at}: ` : ''}`), line);
      // One process each is enough for these; that `validate` meets the same, test/cli/policy/inspect.test.ts shows.
      if (i >= badProfiles.length) return;
      const validated = nono(user, ['profile', 'validate', file], { cwd: home, home: placeOf(i) });
      assert.equal(validated.code, 1, validated.stdout);
      if (at) assert.ok(`${validated.stdout}${validated.stderr}`.includes(`${file}:${at}`), validated.stdout);
    });
  }
  test('forty and more name line and column', () => {
    const withPlace = lines.filter((line) => placed.test(line)).length;
    assert.ok(withPlace >= 40, `${withPlace} of ${badProfiles.length}`);
  });
});

for (const user of users) {
  describe(`malformed files, as ${user.name}`, () => {
    const home = makeHome(user);
    const profiles = join(home, '.config/nono/profiles');
    mkdirSync(profiles, { recursive: true });
    const put = (name: string, text: string): void => writeFileSync(join(profiles, name), text);
    put('a.json', '{ "extends": "b" }');
    put('b.jsonc', '{\n "extends": ["default", "a"]\n}');
    for (let i = 0; i < 12; i++) put(`p${i}.json`, i === 11 ? '{}' : `{ "extends": "p${i + 1}" }`);
    put('closed.json', '{}');
    put('child-of-bad.json', '{\n  "extends": "cut"\n}');
    put('cut.json', '{\n  "meta": {');
    mkdirSync(join(profiles, 'directory.json'));
    symlinkSync('loop.json', join(profiles, 'loop.json'));
    symlinkSync('two.json', join(profiles, 'one.json'));
    symlinkSync('one.json', join(profiles, 'two.json'));
    symlinkSync('/nowhere/x.json', join(profiles, 'nowhere.json'));
    spawnSync('mkfifo', [join(profiles, 'fifo.json')]);
    own(user, join(home, '.config'));
    spawnSync('chmod', ['0', join(profiles, 'closed.json')]);

    const others: readonly (readonly [name: string, says: RegExp, place?: true])[] = [
      ['a', /circular dependency detected: a -> b -> a/, true],
      ['p0', /more than 10 profiles deep/, true],
      ['child-of-bad', /cut\.json:2:12: .*closing '}'/, true],
      ['directory', /directory\.json: is a directory/],
      ['loop', /loop\.json: .*leads to itself/],
      ['one', /one\.json: .*leads to itself/],
      ['nowhere', /nowhere\.json: .*leads nowhere/],
      ['fifo', /fifo\.json: .*not an ordinary file/],
      ['/dev/zero', /\/dev\/zero: .*not an ordinary file/],
      ...(user.uid === 0 ? [] : [['closed', /closed\.json: cannot be read: permission denied/] as const]),
    ];
    for (const [name, says, place] of others) {
      test(`the profile ${name}`, () => {
        const line = refused(user, home, name);
        assert.match(line, says);
        if (place) assert.match(line, placed);
      });
    }
  });
}
