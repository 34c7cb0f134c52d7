/** ^C while a long search for deny patterns runs, in `run` and under the relay of `shell`. A stand-in of the search never ends by itself. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, type TestContext, test } from 'node:test';
import { closeTerminals, key, TestTerminal } from '../helpers/terminal.ts';
import { environment, makeHome, root, users } from '../helpers/users.ts';
import { temporary } from '../policy/support.ts';

afterEach(closeTerminals);

const user = users[0] as (typeof users)[number];

/** An installation whose search is this script. */
function installation(t: TestContext, search: string): string {
  const dir = temporary(t);
  for (const part of ['bin', 'dist', 'profiles', 'package.json'])
    cpSync(join(root, part), join(dir, part), { recursive: true });
  mkdirSync(join(dir, 'native/build'), { recursive: true });
  for (const name of ['nono-launch', 'nono-relay'])
    cpSync(join(root, 'native/build', name), join(dir, 'native/build', name));
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const program = join(dir, 'native/build/nono-search');
  writeFileSync(program, `#!/bin/sh\n${search}\n`);
  chmodSync(program, 0o755);
  return dir;
}

function start(t: TestContext, search: string, ...words: readonly string[]): TestTerminal {
  const home = makeHome(user);
  return new TestTerminal({
    argv: [join(installation(t, search), 'bin/nono'), ...words],
    cwd: join(home, 'project'),
    env: environment(home),
  });
}

test('run: the terminal’s own interrupt ends it, and the command never starts', async (t) => {
  const terminal = start(
    t,
    'echo searching >&2; exec sleep 600',
    'run',
    '--allow',
    '.',
    '--deny',
    '**/.env',
    '--',
    'echo',
    'started',
  );
  await terminal.until('searching');
  terminal.write(key.ctrlC);
  const { code, signal } = await terminal.untilEnd();
  assert.ok(signal === 2 || code === 130, `${code} ${signal}`);
  assert.doesNotMatch(await terminal.text(), /started$/m);
});

test('shell: the search reads the raw terminal, its end is the end, and the terminal is as it was', async (t) => {
  const search =
    'printf searching >&2; while [ "$(dd bs=1 count=1 <&3 2>/dev/null | od -An -tx1)" != " 03" ]; do :; done; exit 130';
  const terminal = start(t, search, 'shell', '--allow', '.', '--deny', '**/.env');
  await terminal.until('searching');
  terminal.write(`x${key.ctrlC}`);
  assert.deepEqual(await terminal.untilEnd(), { code: 130, signal: 0 });
  assert.equal(terminal.inAlternateScreen, false);
});

test('a search that fails is done again by Node, with the same result', async (t) => {
  const terminal = start(
    t,
    'exit 1',
    'run',
    '-s',
    '--allow',
    '.',
    '--deny',
    '**/.env',
    '--',
    'sh',
    '-c',
    'echo x > .env; echo "end $?"',
  );
  await terminal.until('end 2');
  await terminal.untilEnd();
});
