/** What is said about a command that cannot be started, and that the flag it names starts it. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { executionHint } from '../../../src/cli/start/cannot-execute.ts';
import { nono } from '../../helpers/run.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const project = join(home, 'project');
mkdirSync(project, { recursive: true });
mkdirSync(join(home, 'my tools'));
const tool = join(home, 'my tools', 'tool');
copyFileSync('/bin/true', tool);
chmodSync(tool, 0o755);
symlinkSync(tool, join(project, 'link'));
writeFileSync(join(project, 'plain'), 'text');
writeFileSync(join(project, 'script'), '#!/nosuch/interpreter\n');
chmodSync(join(project, 'script'), 0o755);

const run = (...args: string[]) => nono(user, ['run', '-s', '--allow', '.', ...args], { cwd: project, home });

test('outside the grants: the smallest flag, which works as it is written', () => {
  for (const command of [tool, './link']) {
    const done = run('--', command);
    assert.equal(done.code, 126);
    assert.match(done.stderr, /permission denied \(--read-file '.*\/my tools\/tool' grants it\)\n$/);
  }
  assert.equal(run('--read-file', tool, '--', tool).code, 0);
});

test('without the right to execute it, without its interpreter, a directory, and in no directory of PATH', () => {
  const says = (command: string, code: number, text: RegExp) => {
    const done = run('--', command);
    assert.equal(done.code, code);
    assert.match(done.stderr, text);
    assert.equal(done.stderr.split('\n').length, 2, done.stderr);
  };
  says('./plain', 126, /\(it is not executable: chmod \+x .*\/plain\)/);
  says('./script', 126, /\(the interpreter that its first line names does not exist\)/);
  says('./', 126, /\(it is a directory\)/);
  says('nosuch-command', 127, /nosuch-command: no such file or directory \(no directory of PATH has it\)/);
});

test('a limit that this kernel cannot hold names the flag that goes without', () => {
  const step = 'limit the number of processes';
  assert.equal(
    executionHint({ step, object: 'no delegated cgroup here', errno: 0 }, { rules: [] }),
    '--allow-degraded starts without this limit',
  );
  assert.equal(executionHint({ step, object: 'x', errno: 22 }, { rules: [] }), undefined);
});

test('a command that is blocked by name: the flag that allows it', () => {
  const done = run('--', 'npm', 'ci');
  assert.equal(done.code, 1);
  assert.match(done.stderr, /if you understand the risks\. \(--allow-command npm\)\n$/);
});
