/** Inside tmux, which moves the cursor at the end of an alternate screen that was left already: what is said at the end stays. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { environment, installationFor, makeHome, type TestUser, users } from '../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
const server = ['-f', '/dev/null', '-L', `nono-end-${process.pid}`];
const WAIT = 60_000;
const skip = spawnSync('which', ['tmux']).status === 0 ? false : 'tmux is not on this machine';
const env = environment(home, { PATH: `${join(installationFor(user), 'bin')}:/usr/bin:/bin`, PS1: '$ ' });

function tmux(...args: string[]): string {
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
  assert.fail(`never on the screen: ${what}\n${screen()}`);
}

after(() => tmux('kill-server'));

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
