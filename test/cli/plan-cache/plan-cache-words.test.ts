/** The words behind the command decide nothing of its plan: a start with others takes the plan, and gives the command its own words. What stands before them does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CachedInstallation } from '../../helpers/plan-cache.ts';
import { type TestUser, users } from '../../helpers/users.ts';

function prepared(user: TestUser): CachedInstallation {
  const at = new CachedInstallation(user);
  at.write('project/secret', 'the secret\n');
  at.write('project/script', 'echo from a script "$@"\n');
  at.write('project/.env', 'denied\n');
  at.profile('mine', {
    workdir: { access: 'readwrite' },
    environment: { set_vars: { A: '$HOME/b' } },
    commands: { deny: ['mv'] },
  });
  return at;
}

const lines: readonly (readonly string[])[] = [
  ['secret'],
  [],
  ['-c', 'echo "$0 $1"', 'zero', 'one'],
  ['./script', 'a', 'b'],
  ['--allow', '/', '--', '-p', 'mine'],
  ['', '-', '--', 'ünï'],
  ['/etc/shadow', '~/.ssh/id_ed25519', '$HOME'],
  Array.from({ length: 300 }, (_, i) => `word${i}`),
];

/** Whose they are makes no difference. */
const user = users.at(-1) as TestUser;

test('whatever the words are, the plan and all that is kept of it is the same', () => {
  const at = prepared(user);
  for (const flags of [
    ['wrap', '-v', '--allow-cwd'],
    ['run', '-p', 'mine', '--allow', '.', '--deny', `${at.project}/**/.env`, '--block-command', 'dd', '--env', 'A'],
  ]) {
    at.untilHit([...flags, '--', 'sh', 'script']);
    for (const words of lines)
      assert.ok(
        at.keepsTheSame([...flags, '--', 'sh', 'script'], {}, [...flags, '--', 'sh', ...words], {}),
        `${flags.join(' ')}: ${words.join(' ')}`,
      );
  }
});

test('a hit gives the command the words of its own start', () => {
  const at = prepared(user);
  const said = (start: { stdout: string }): string => start.stdout;
  for (const flags of [
    ['wrap', '-s', '--allow-cwd', '--'],
    ['run', '-sp', 'mine', '--allow-cwd'],
  ]) {
    at.untilHit([...flags, 'printf', '[%s]', 'x']);
    for (const words of lines) {
      const start = at.untilHit([...flags, 'printf', '[%s]', ...words]);
      assert.equal(said(start), words.length === 0 ? '[]' : words.map((word) => `[${word}]`).join(''));
    }
  }
  assert.equal(at.entries().length, 2, 'one for each, and not for each line');
});

const other: readonly (readonly [string, readonly string[]])[] = [
  ['another command', ['wrap', '-s', '--allow-cwd', '-r', '/etc', '--', 'head', 'secret']],
  ['the same program by another name', ['wrap', '-s', '--allow-cwd', '-r', '/etc', '--', '/bin/cat', 'secret']],
  ['without the two dashes', ['wrap', '-s', '--allow-cwd', '-r', '/etc', 'cat', 'secret']],
  ['a flag more', ['wrap', '-s', '--allow-cwd', '-r', '/etc', '--block-net', '--', 'cat', 'secret']],
  ['a flag less', ['wrap', '-s', '-r', '/etc', '--', 'cat', 'secret']],
  ['another value', ['wrap', '-s', '--allow-cwd', '-r', '/usr', '--', 'cat', 'secret']],
  ['flags in another order', ['wrap', '--allow-cwd', '-s', '-r', '/etc', '--', 'cat', 'secret']],
  ['the command as the value of a flag', ['wrap', '-s', '--allow-cwd', '-r', 'cat', '--', 'cat', 'secret']],
];
test('what stands before the words, changed, is a miss', () => {
  const at = prepared(user);
  at.write('project/cat', '');
  const kept = ['wrap', '-s', '--allow-cwd', '-r', '/etc', '--', 'cat', 'secret'];
  for (const [what, args] of other) {
    at.untilHit(kept);
    assert.ok(at.misses(args), what);
  }
});

test('a word that is not UTF-8 is a miss, wherever it stands', () => {
  const at = prepared(user);
  at.untilHit(['wrap', '-s', '--allow-cwd', '--', 'printf', '%s', 'x']);
  // Overlong, a surrogate, past the last character, cut short.
  for (const bytes of ['\\377', '\\300\\257', '\\340\\200\\257', '\\355\\240\\200', '\\364\\220\\200\\200', '\\303']) {
    const before = ['sh', '-c', `exec "$@" "$(printf '${bytes}')"`, '-'];
    for (let i = 0; i < 2; i++)
      assert.equal(at.start(['wrap', '-s', '--allow-cwd', '--', 'printf', '%s'], { before }).hit, false, bytes);
  }
  const printed = ['wrap', '-s', '--allow-cwd', '--', 'printf', '%s'];
  at.hitAfter([...printed, 'x'], {}, [...printed, 'ünï€😀\u{10ffff}'], {});
});

test('a command that is refused by name is refused, whatever plan there is', () => {
  const at = prepared(user);
  const flags = ['wrap', '-s', '-p', 'mine', '--allow-cwd', '--'];
  at.untilHit([...flags, 'cat', 'mv', 'secret']);
  for (const command of ['mv', '/bin/mv', './mv'])
    for (let i = 0; i < 2; i++) {
      const start = at.start([...flags, command, 'secret', 'gone']);
      assert.match(start.stderr, /blocked/, command);
      assert.equal(readFileSync(`${at.project}/secret`, 'utf8'), 'the secret\n');
    }
});

test('what was denied is told of the words of this start', () => {
  const at = prepared(user);
  at.untilHit(['run', '-s', '--allow-cwd', '--', 'cat', 'secret']);
  const start = at.untilHit(['run', '-s', '--allow-cwd', '--', 'cat', `${at.home}/notes.txt`]);
  assert.match(start.stderr, /notes\.txt/);
});
