/** What is typed while a long search for deny patterns runs, in `run` and under the relay of `shell`: ^C ends it, the rest is the shell's. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, type TestContext, test } from 'node:test';
import { typedTo } from '../../helpers/read-so-far.ts';
import { closeTerminals, key, TestTerminal } from '../../helpers/terminal.ts';
import { environment, makeHome, root, users } from '../../helpers/users.ts';
import { temporary } from '../../policy/support.ts';

afterEach(closeTerminals);

const user = users[0] as (typeof users)[number];

/** An installation whose search is this script, with the program itself beside it. */
function installation(t: TestContext, search: string): string {
  const dir = temporary(t);
  for (const part of ['bin', 'dist', 'profiles', 'package.json'])
    cpSync(join(root, part), join(dir, part), { recursive: true });
  cpSync(join(root, 'native/build'), join(dir, 'native/build'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const program = join(dir, 'native/build/nono-search');
  renameSync(program, `${program}-itself`);
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

/** The search itself, told to speak at once and to look at more than its pipe takes, so that it ends when `go` is there and not before. */
function longSearch(t: TestContext): { readonly script: string; readonly go: () => void } {
  const dir = temporary(t);
  for (let i = 0; i < 600; i++) writeFileSync(join(dir, `${i}${'x'.repeat(200)}`), '');
  const more = `P${dir}/*x\\0F${dir}/*x\\0V0\\0${`R${dir}\\0`.repeat(40)}`;
  const request = `{ tr '\\0' '\\n' | grep -v '^V' | tr '\\n' '\\0'; printf '${more}'; }`;
  return {
    script: `${request} | "$0-itself" | { until [ -e ${dir}/go ]; do sleep 0.02; done; cat; }`,
    go: () => writeFileSync(join(dir, 'go'), ''),
  };
}

for (const shell of ['bash', 'sh'])
  test(`${shell}: what is typed meanwhile is the shell’s, in its order, and none of nono’s keys`, async (t) => {
    const { script, go } = longSearch(t);
    const terminal = start(t, script, 'shell', '--shell', `/bin/${shell}`, '--allow', '.', '--deny', '**/.env');
    await terminal.until('searching');
    // The prefix key, the key of the list after it, and what would approve in a dialog. In the shell ^\\ is a signal that it ignores.
    for (const typed of [`${key.prefix}d${key.enter}y${key.enter}`, `echo one''two${key.enter}echo "<thr`])
      await typedTo(terminal, 'nono-search-itself', typed, typed.length);
    go();
    await terminal.until('denials');
    terminal.write(`ee>"${key.enter}`);
    const screen = await terminal.until(/<three>(?!")/);
    assert.match(screen, /\bonetwo/);
    const commands = screen.split('\n').filter((line) => /(?:command )?not found/.test(line));
    assert.equal(commands.length, 2, screen);
    assert.match(screen, /\bd\b.*not found[\s\S]*\by\b.*not found/);
    terminal.write(`exit${key.enter}`);
    await terminal.untilEnd();
  });

test('more than is kept is dropped as a whole, and said', async (t) => {
  const { script, go } = longSearch(t);
  const terminal = start(t, script, 'shell', '--allow', '.', '--deny', '**/.env');
  await terminal.until('searching');
  const typed = `echo be''gun${key.enter}${`echo li''ne${key.enter}`.repeat(6000)}`;
  await typedTo(terminal, 'nono-search-itself', typed, typed.length);
  go();
  await terminal.until('denials');
  await terminal.until('more than 64 KB was typed');
  terminal.write(`echo af''ter${key.enter}`);
  assert.doesNotMatch(await terminal.until('after'), /begun|line$/m);
});
