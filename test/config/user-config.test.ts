/** config.toml as the original has it: every key taken, everything else named with its place. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isThere } from '../../src/config/is-there.ts';
import { parseUserConfig, readUserConfig } from '../../src/config/user-config.ts';

/** The tables and keys of the original's documentation, written here from it and not from our table. */
const whole = `
[meta]
version = 1

[overrides.sensitive_paths]
allow = ["~/.ssh/known_hosts"]

[overrides.commands]
allow = ["rm"]

[extensions.paths]
anything = true

[trusted_keys]
"ci@example" = "MFkwEwYHKoZIzj0CAQ"

[rollback]
max_sessions = 10
max_storage_gb = 5.0
max_snapshots = 100
stale_grace_hours = 24

[updates]
check = false

[ui]
theme = "tokyo-night" # mine
detach_sequence = "ctrl-] d"

[redaction]
extra_flags = ["--token"]
extra_headers = ["X-Key"]
extra_query_keys = ["sig"]
`;

test('every key of the original is taken, and what has no effect here is known', () => {
  const config = parseUserConfig(whole, 'f');
  assert.equal(config.theme, 'tokyo-night');
  for (const key of [
    'rollback.max_storage_gb',
    'updates.check',
    'ui.detach_sequence',
    'trusted_keys',
    'redaction.extra_flags',
  ])
    assert.ok(config.withoutEffect.includes(key), key);
  for (const key of ['meta.version', 'ui.theme']) assert.ok(!config.withoutEffect.includes(key), key);
});

test('our own keys of [ui] stand beside it', () => {
  const text = '[ui]\nprefix = "Ctrl-]"\nascii = true\n[ui.keys.list]\nundo = "#"\n';
  assert.deepEqual(parseUserConfig(text, 'f'), { theme: undefined, withoutEffect: [] });
});

describe('what is wrong is one line with its place', () => {
  const cases: readonly (readonly [string, RegExp, RegExp?])[] = [
    ['[ui]\n  them = "x"', /^f:2:3: unknown key 'ui\.them'$/, /did you mean 'theme'\?/],
    ['[rolback]\nmax_sessions = 1', /^f:1:1: unknown key 'rolback'$/, /did you mean 'rollback'\?/],
    ['rollback.max_session = 1', /^f:1:1: unknown key 'rollback\.max_session'$/, /did you mean 'max_sessions'\?/],
    ['# x\n[updates]\ncheck = "no"', /^f:3:1: updates\.check must be true or false$/],
    ['[rollback]\nmax_sessions = -1', /^f:2:1: rollback\.max_sessions must be a whole number/],
    ['[rollback]\nmax_sessions = 1.5', /^f:2:1: rollback\.max_sessions must be a whole number/],
    ['rollback = 3', /^f:1:1: rollback must be a table$/],
    ['[ui]\ntheme = 3', /^f:2:1: ui\.theme must be a string$/],
    ['[redaction]\nextra_flags = ["a", 1]', /^f:2:1: redaction\.extra_flags must be a list of strings$/],
    ['[ui]\nbell = "yes"', /^f:2:1: ui\.bell must be true or false$/],
    ['[ui]\nsplit = "left"', /^f:2:1: ui\.split must be "auto", "right" or "bottom"$/],
    ['# x\n[ui.keys.list]\n  undo = 3', /^f:3:3: ui\.keys\.list\.undo must be a key, or a list of keys$/],
    ['[ui]\ntheme = mocha', /^f:2:\d+: /],
    ['[ui\n', /^f:1:\d+: /],
    ['a = 1\na = 2', /^f:2:\d+: /],
    ['[__proto__]\nx = 1', /^f:1:1: unknown key '__proto__'$/],
  ];
  for (const [text, message, hint] of cases)
    test(JSON.stringify(text), () =>
      assert.throws(
        () => parseUserConfig(text, 'f'),
        (error: Error & { hint?: string }) => {
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/);
          if (hint !== undefined) assert.match(error.hint ?? '', hint);
          return true;
        },
      ),
    );
});

test('a key of any length, or a file that is none, is one short line', () => {
  for (const text of [`[ui]\n"${'a'.repeat(900_000)}" = 1`, `"${'b'.repeat(900_000)}" = 1`])
    assert.throws(
      () => parseUserConfig(text, 'f'),
      (error: Error) => /^f:1:1: unknown key '/.test(error.message) && error.message.length < 200,
    );
  const home = mkdtempSync(join(tmpdir(), 'config-'));
  const file = join(home, 'config.toml');
  try {
    symlinkSync('config.toml', file);
    assert.ok(isThere(file));
    assert.throws(() => readUserConfig(file), /is a link that leads to itself/);
    rmSync(file);
    assert.ok(!isThere(file));
    // A file that opens and cannot be read.
    symlinkSync('/proc/self/mem', file);
    assert.throws(() => readUserConfig(file), /config\.toml: cannot be read \(EIO\)/);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test('JSON in its place is named', () => {
  assert.throws(
    () => parseUserConfig('{"version":"0.1.0"}', '/x/m.json'),
    /\/x\/m\.json: JSON, where a config\.toml is expected/,
  );
});
