import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { NonoError } from '../../../src/platform/errors.ts';

import {
  contractPath,
  expandPath,
  homeDirectory,
  PathProblem,
  pathVariables,
} from '../../../src/policy/resolve/variables.ts';
import { random } from '../support.ts';

const variables = pathVariables(
  { HOME: '/home/u', TMPDIR: '/var/t', PYENV_ROOT: '/opt/pyenv', NVM_DIR: '/home' },
  '/work',
  1000,
);

for (const [written, expanded] of [
  ['~', '/home/u'],
  ['~/x', '/home/u/x'],
  ['$HOME/x', '/home/u/x'],
  // Whole names only.
  ['/a/$HOMEx', '/a/$HOMEx'],
  ['$TMPDIR/openclaw-$UID', '/var/t/openclaw-1000'],
  ['$WORKDIR/.cache', '/work/.cache'],
  ['$XDG_CONFIG_HOME', '/home/u/.config'],
  ['$XDG_DATA_HOME/x', '/home/u/.local/share/x'],
  ['$XDG_STATE_HOME', '/home/u/.local/state'],
  ['$NONO_CONFIG', '/home/u/.config/nono'],
  ['$NONO_PACKAGES', '/home/u/.config/nono/packages'],
  ['$PYENV_ROOT/bin', '/opt/pyenv/bin'],
  ['sub/dir', '/work/sub/dir'],
  ['./x', '/work/x'],
  ['/Foo$Bar.class', '/Foo$Bar.class'],
  ['/a~b', '/a~b'],
  // Not set here: no rule.
  ['$XDG_RUNTIME_DIR/x', undefined],
  // A root that holds the home directory would open all of it.
  ['$NVM_DIR', undefined],
] as const) {
  test(`${written} means ${expanded}`, () => assert.equal(expandPath(written, variables), expanded));
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written in a profile
for (const written of ['', '~other/x', '$HOMEX/x', '${HOME}/x', '$NOPE', '/a\0b', '**/.env', '/a/*']) {
  test(`${JSON.stringify(written)} is refused`, () => assert.throws(() => expandPath(written, variables), PathProblem));
}

for (const env of [
  {},
  { HOME: '' },
  { HOME: 'home/u' },
  { HOME: '/h', TMPDIR: 'tmp' },
  { HOME: '/h', XDG_CONFIG_HOME: './c' },
]) {
  test(`${JSON.stringify(env)} is no environment to place rules by`, () => {
    assert.throws(() => pathVariables(env, '/w', 0), NonoError);
  });
}

test('the home directory must be known', () => assert.throws(() => homeDirectory({}), /HOME is not set/));

for (const [path, written] of [
  ['/home/u', '~'],
  ['/home/u/a b', '~/a b'],
  ['/home/user2', '/home/user2'],
  ['/etc/x', '/etc/x'],
] as const) {
  test(`${path} is written ${written}`, () => assert.equal(contractPath(path, '/home/u'), written));
}

for (const path of ['/a/*', '/a/$HOME', '/a/\x24{HOME}', '/a/\uFFFD']) {
  test(`${path} cannot be written in a profile`, () => assert.throws(() => contractPath(path, '/home/u'), PathProblem));
}

test('what is written is read back as the same path, or not written: names that a program inside chose', () => {
  const next = random(20261129);
  const pieces = [
    '$',
    '{',
    '}',
    '~',
    '?',
    '[',
    '\\',
    '.',
    ' ',
    '\n',
    '$HOME',
    '\x24{HOME}',
    '$home',
    '\x24{home}',
    '$_',
    'a',
    'A',
    'é',
    '\u202e',
    '/',
    '!',
  ];
  let written = 0;
  for (let i = 0; i < 20_000; i++) {
    const name = Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)]).join('');
    const path = posix.normalize(`${next(2) === 0 ? '/home/u' : '/srv'}/${name}`).replace(/(.)\/$/, '$1');
    let text: string;
    try {
      text = contractPath(path, '/home/u');
    } catch {
      continue;
    }
    assert.equal(expandPath(text, variables), path, text);
    written++;
  }
  assert.ok(written > 10_000, `${written}`);
});
