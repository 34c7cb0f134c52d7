/** What the list says before anything was denied, on the screens that people have. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, pause } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { enter, openShell } from './shell-helpers.ts';

afterEach(closeTerminals);

const user = users.at(-1) as (typeof users)[number];

for (const [cols, rows] of [
  [80, 24],
  [120, 36],
] as const) {
  describe(`${cols}×${rows}`, () => {
    /** The screen once the list has drawn, its words in a row. */
    const opening = async (...flags: readonly string[]): Promise<string> => {
      const t = await openShell({ user, home: makeHome(user), cols, rows, flags: ['--allow', '.', ...flags] });
      const screen = await t.until('nothing was denied yet');
      enter(t, 'exit');
      await t.untilEnd();
      return screen;
    };

    test('nothing is said of protections when all are in force', async () => {
      assert.doesNotMatch(await opening(), /not in force/);
    });

    test('what is not in force is there in full', async () => {
      const profile = join(makeHome(user), 'open.json');
      writeFileSync(profile, JSON.stringify({ meta: { name: 'open' }, linux: { af_unix_mediation: 'off' } }));
      const screen = await opening('-p', profile, '--block-net');
      assert.match(
        screen.replaceAll(/[\s│|]+/g, ' '),
        /not in force: connecting to local sockets, network by way of local services/,
      );
    });
  });
}

test('what the shell itself was denied is one row and no news, from a plan of before, too', async () => {
  const home = makeHome(user);
  writeFileSync(join(home, '.bashrc'), 'true\n', { mode: 0o644 });
  for (const start of ['first', 'second', 'third']) {
    const t = await openShell({ user, home, cols: 100, rows: 30 });
    const screen = await t.until(/denied during start-up|new denials?/);
    assert.match(screen, /│ DENY +\d denied during start-up +now *\n/, start);
    // Once the list is there what was read late would have been added to it.
    await pause(300);
    assert.doesNotMatch(await t.text(), /new denial|DENY +read/, start);
    enter(t, 'exit');
    await t.untilEnd();
  }
});

test('fish says nothing of its configuration and history where it may not have them, from a plan of before, too', {
  skip: existsSync('/usr/bin/fish') ? false : 'fish is not on this machine',
}, async () => {
  const home = makeHome(user);
  for (const start of ['first', 'second']) {
    const t = await openShell({ user, home, cols: 120, rows: 30, env: { SHELL: '/usr/bin/fish' } });
    await t.until(/nothing was denied yet|denied during start-up/);
    enter(t, "echo one''two; set -q fish_color_command; and echo col''oured");
    await t.until(/onetwo[\s\S]*coloured/);
    await pause(500);
    const screen = await t.text();
    assert.doesNotMatch(screen, /error|DENY +[^\d ]|new denial/, `${start}:\n${screen}`);
    enter(t, 'exit');
    await t.untilEnd();
  }
});

/** What runs below a process, as command lines. */
function commandLinesBelow(ancestor: number): readonly string[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  };
  const parents = new Map(
    all.map((pid) => [Number(pid), Number(/^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1] ?? 0)]),
  );
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === ancestor || (parent > 1 && isBelow(parent));
  };
  return all.filter((pid) => isBelow(Number(pid))).map((pid) => read(pid, 'cmdline').replaceAll('\0', ' '));
}

test('the session is the child of the launcher that waited before Node was there', async () => {
  const t = await openShell({ user, home: makeHome(user), cols: 80, rows: 24, flags: ['--allow', '.'] });
  await t.until('nothing was denied yet');
  const running = commandLinesBelow(t.pid);
  assert.ok(
    running.some((line) => /nono-launch --front shell /.test(line)),
    running.join('\n'),
  );
  enter(t, 'exit');
  await t.untilEnd();
});

test('what is typed while it starts is the shell’s, every key of it', async () => {
  const typed = Array.from({ length: 20 }, (_, i) => `${i}-`).join('');
  const t = await openShell({ user, home: makeHome(user), ahead: `echo "${typed}""whole"\r` });
  // Some of it while Node is loading, some of it later.
  for (let i = 0; i < 10; i += 1) {
    await pause(60);
    t.write(`echo la''ter-${i}\r`);
  }
  await t.until(`${typed}whole`, 20_000);
  for (let i = 0; i < 10; i += 1) await t.until(new RegExp(`^later-${i}\\b`, 'm'));
  enter(t, 'exit');
  await t.untilEnd();
});
