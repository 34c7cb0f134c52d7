/** What the user copies goes to a program of theirs: the text arrives, what went wrong is said, and none is waited for without end. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCopyCommand } from '../../../src/session/pane/copy-command.ts';

const env = { PATH: process.env['PATH'], NONO_SECRET: 'x', KEPT: 'y' };
const shell = (script: string, most?: number, ...args: string[]) =>
  runCopyCommand(['sh', '-c', script, 'sh', ...args], 'copied', env, most);

function inDirectory<T>(act: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'nono-copy-'));
  return act(directory).finally(() => rmSync(directory, { recursive: true, force: true }));
}

test('gets the text, and the environment without nono’s own variables', () =>
  inDirectory(async (directory) => {
    const file = join(directory, 'got');
    const problem = await shell(`cat >"$1"; echo " $PWD $KEPT $NONO_SECRET" >>"$1"`, undefined, file);
    assert.equal(problem, undefined);
    assert.equal(readFileSync(file, 'utf8'), 'copied / y \n');
  }));

test('one that does not end is ended with all that it started, and that is said', () =>
  inDirectory(async (directory) => {
    const file = join(directory, 'pids');
    const problem = await shell('trap "" TERM HUP; sleep 600 & echo $$ $! >"$1"; wait', 2000, file);
    assert.equal(problem, 'did not end within 2 s, and was ended');
    for (const pid of readFileSync(file, 'utf8').trim().split(' ')) {
      const gone = () => {
        try {
          return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
        } catch {
          return true;
        }
      };
      for (let left = 200; !gone() && left > 0; left--) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.ok(gone(), `${pid} is still there`);
    }
  }));

test('one that is not there, fails, or does not read is said or let be', async () => {
  assert.equal(await runCopyCommand(['/nowhere/copy'], 'x', env), 'is not there');
  assert.equal(await shell('exit 3'), 'ended with 3');
  assert.equal(await shell('kill -KILL $$'), 'ended with SIGKILL');
  assert.equal(await runCopyCommand(['true'], 'x'.repeat(1 << 20), env), undefined);
});

test('one that cannot even be tried is said, and ends nothing', async () => {
  for (const argv of [[], ['sh', 'a\0b'], ['']]) {
    const problem = await runCopyCommand(argv, 'copied', env);
    assert.match(problem ?? '', /cannot be started/);
  }
});
