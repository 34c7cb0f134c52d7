/** Inside tmux, which moves the cursor at the end of an alternate screen that was left already: what is said at the end stays. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
/** Each test has its own: one that was told to end may still take a command, and lose it. */
let servers = 0;
const WAIT = 60_000;
const skip = spawnSync('which', ['tmux']).status === 0 ? false : 'tmux is not on this machine';
const env = environment(home, { PATH: `${join(installationFor(user), 'bin')}:/usr/bin:/bin`, PS1: '$ ' });

function tmux(...args: string[]): string {
  const server = ['-f', '/dev/null', '-L', `nono-end-${process.pid}-${servers}`];
  return spawnSync('tmux', [...server, ...args], { env, cwd, encoding: 'utf8' }).stdout;
}

const screen = (): string => tmux('capture-pane', '-p');
const type = (line: string): string => tmux('send-keys', '-l', `${line}\r`);

async function until(what: RegExp): Promise<string> {
  for (const end = Date.now() + WAIT; Date.now() < end; ) {
    const text = screen();
    if (what.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`the screen never showed ${what}\n${screen()}`);
}

afterEach(() => {
  tmux('kill-server');
  servers += 1;
});

test('without an alternate screen, too, the shell outside goes on below what was drawn', { skip }, async () => {
  mkdirSync(cwd, { recursive: true });
  tmux('new-session', '-d', '-s', 'one', '-x', '90', '-y', '20', 'bash --norc --noprofile');
  tmux('set-window-option', '-g', 'alternate-screen', 'off');
  await until(/[$#]$/m);
  for (const leave of ['suspend', 'end'] as const) {
    tmux('send-keys', '-R', '-t', 'one');
    type('clear');
    await until(/^[^\n]*[$#]\s*$/);
    type(leave === 'suspend' ? 'nono shell --allow .' : 'fg');
    await until(/^\[nono\]/m);
    type('echo in""side');
    await until(/^inside/m);
    if (leave === 'suspend') {
      tmux('send-keys', 'C-\\');
      await until(/: command/);
      tmux('send-keys', 'C-z');
      await until(/Stopped/);
    } else type('exit 3');
    // What is typed before the prompt outside is dropped with what was meant for the session.
    await until(/\n[^\n]*[#$]\s*$/);
    const mark = leave === 'suspend' ? 'STOPPED' : 'ENDED';
    type(`echo ${mark.slice(0, 3)}""${mark.slice(3)}`);
    await until(new RegExp(`^${mark}`, 'm'));
    const rows = tmux('capture-pane', '-p', '-S', '-60').trimEnd().split('\n');
    const at = rows.findIndex((row) => row.startsWith(mark));
    // Nothing of the frame is below it, and nothing was written over.
    assert.ok(rows.length - at <= 2, rows.join('\n'));
    assert.ok(
      rows.some((row) => row.startsWith('inside')),
      rows.join('\n'),
    );
  }
});

test('the last output, and where a detached session went, are not written over', { skip }, async () => {
  mkdirSync(cwd, { recursive: true });
  tmux('new-session', '-d', '-x', '90', '-y', '40', 'sh');
  await until(/^[#$]/m);
  type('nono shell --allow . --name tmuxed');
  await until(/^\[nono\]/m);
  type('echo in""side');
  await until(/^inside/m);
  tmux('send-keys', 'C-\\');
  await until(/: command/);
  type('D');
  const detached = await until(/^\[nono\] detached: nono attach \d{8}-\d{6}-\d+\n[#$]/m);
  assert.match(detached, /nono shell --allow/);
  type('nono attach tmuxed');
  await until(/^inside/m);
  type('echo last""words; exit 3');
  await until(/lastwords\n[\s\S]*^[#$] ?$/m);
  type('echo co""de $?');
  assert.match(await until(/^code 3/m), /lastwords\n/);
});
