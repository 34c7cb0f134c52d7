/** Full-screen programs in the pane: each draws, takes keys, ends, and leaves the prompt intact. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, key } from '../../helpers/terminal.ts';
import { environment, makeHome, type TestUser, users } from '../../helpers/users.ts';
import { backAtPrompt, enter, openShell, refuseHeld, runLine } from './shell-helpers.ts';

function missing(program: string): string | undefined {
  return spawnSync('which', [program]).status === 0 ? undefined : `${program} is not on this machine`;
}

function repository(user: TestUser, home: string): void {
  const [program = '', ...args] = [
    ...user.prefix,
    'sh',
    '-c',
    `cd "${home}/project" && git init -q . && git config user.email t@example.org && git config user.name t && for i in $(seq 1 60); do git commit -q --allow-empty -m "commit number $i"; done`,
  ];
  execFileSync(program, args, { env: environment(home) });
}

afterEach(closeTerminals);

for (const user of users) {
  describe(`nono shell as ${user.name}: programs in the pane`, { timeout: 120_000 }, () => {
    test('vim edits and saves a file', { skip: missing('vim') }, async () => {
      const home = makeHome(user);
      const t = await openShell({ user, home });
      enter(t, 'vim -u NONE new.txt');
      await t.until(/\n~ [\s\S]*\n~ /);
      t.write('ihello from vim');
      await t.until('hello from vim');
      t.write(`${key.escape}:wq${key.enter}`);
      // It throws away what is typed while it leaves.
      await backAtPrompt(t);
      await runLine(t, 'true', 'BACK');
      assert.equal(readFileSync(join(home, 'project/new.txt'), 'utf8'), 'hello from vim\n');
      enter(t, 'exit');
      await t.untilEnd();
    });
    test('less pages and searches', { skip: missing('less') }, async () => {
      const t = await openShell({ user, home: makeHome(user) });
      enter(t, 'seq 1 500 | less');
      await t.until(/\n20\b/);
      t.write(`/^333${key.enter}`);
      await t.until('333');
      t.write('q');
      await backAtPrompt(t);
      await runLine(t, 'true', 'BACK');
      enter(t, 'exit');
      await t.untilEnd();
    });
    test('htop draws and quits', { skip: missing('htop') }, async () => {
      const t = await openShell({ user, home: makeHome(user) });
      enter(t, 'htop');
      // It makes its settings directory, which nothing grants: denied once for all, it goes on without.
      await t.until(/HELD +mkdir +~\/\.config/);
      await refuseHeld(t);
      await t.until(/Load average|PID/);
      t.write('q');
      await backAtPrompt(t);
      await runLine(t, 'true', 'BACK');
      enter(t, 'exit');
      await t.untilEnd();
    });
    test('git log pages', { skip: missing('git') }, async () => {
      const home = makeHome(user);
      repository(user, home);
      const t = await openShell({ user, home });
      enter(t, 'git log');
      await t.until('commit number 60');
      t.write('G');
      await t.until(/commit number 1\s/);
      t.write('q');
      await backAtPrompt(t);
      await runLine(t, 'true', 'BACK');
      enter(t, 'exit');
      await t.untilEnd();
    });
    test('a nested tmux works', { skip: missing('tmux') }, async () => {
      const t = await openShell({ user, home: makeHome(user) });
      enter(t, 'tmux -f /dev/null -S ./sock new -s inner');
      await t.until(/\[inner\]/);
      enter(t, "echo in''side-tmux");
      await t.until('inside-tmux');
      enter(t, 'exit');
      await t.until('[exited]');
      await backAtPrompt(t);
      await runLine(t, 'true', 'BACK');
      enter(t, 'exit');
      await t.untilEnd();
    });
    test('fzf filters and prints the choice', { skip: missing('fzf') }, async () => {
      const t = await openShell({ user, home: makeHome(user) });
      enter(t, 'seq 100 200 | fzf > chosen');
      await t.until(/101\/101/);
      t.write('157');
      await t.until(/\s1\/101/);
      t.write(key.enter);
      await backAtPrompt(t);
      enter(t, 'echo chose $(cat chosen)');
      await t.until('chose 157');
      enter(t, 'exit');
      await t.untilEnd();
    });
    test('resizing reaches the program', async () => {
      const t = await openShell({ user, home: makeHome(user), cols: 120, rows: 36 });
      // Ended by a key: of a loop of programs bash loses a Ctrl-C that arrives when one has ended and the next has not begun.
      enter(t, 'until read -rsn1 -t 0.1; do echo size $(stty size); done');
      const sizes = (screen: string) =>
        Array.from(screen.matchAll(/size (\d+) (\d+)/g), ([, ...two]) => two.map(Number));
      await t.until((screen) => sizes(screen).length > 0);
      const before = sizes(await t.text()).at(-1) ?? [];
      t.resize(140, 50);
      await t.until((screen) => sizes(screen).at(-1)?.[0] === (before[0] ?? 0) + 14);
      const after = sizes(await t.text()).at(-1) ?? [];
      assert.ok((after[1] ?? 0) > (before[1] ?? 0));
      t.write('q');
      await backAtPrompt(t);
      enter(t, 'exit');
      await t.untilEnd();
    });
    test('nothing of the host leaks into the shell: descriptors, environment', async () => {
      const t = await openShell({
        user,
        home: makeHome(user),
        env: { LD_PRELOAD: '', TMUX: '/tmp/x,1,1', NODE_OPTIONS: '--no-warnings' },
      });
      await runLine(t, 'ls /proc/self/fd | tr "\\n" " "; env | grep -cE "^(TMUX|NONO_RELAY|NODE_OPTIONS)"', 'END');
      const screen = await t.text();
      assert.match(screen, /0 1 2 3 \s*0|0 1 2 3\s+0/);
      enter(t, 'exit');
      await t.untilEnd();
    });
  });
}

test('the programs that this file is about were there', () => {
  const absent = ['vim', 'less', 'htop', 'git', 'tmux', 'fzf'].filter((p) => missing(p) !== undefined);
  // In CI they are installed by name; elsewhere their tests are skipped and counted.
  if (process.env['CI'] === 'true') assert.deepEqual(absent, []);
  assert.equal(existsSync('/proc/self/fd'), true);
});
