/** Editors, databases, test runners, static programs and debuggers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, single, skipped } from './model.ts';

const TRANSACTIONS = 1000;
const SAVES = 100;
const TEST_FILES = 12;
const GO_FILES = 1000;

/** Each save makes a backup, writes anew and removes the backup; the swap file is written after each change. Not waiting for the disk. */
export const vim = single(`vim, ${SAVES} saves with a swap file`, ({ machine }, material, title) => {
  const tool = machine.find('vim');
  if (tool.skip !== undefined) return skipped(title, tool.skip);
  const script = join(material, 'edit.vim');
  writeFileSync(
    script,
    `set swapfile directory=. backup backupdir=. updatecount=1 nofsync swapsync=\nedit text\nfor i in range(${SAVES})\n  call append(line('$'), 'line ' . i)\n  preserve\n  write\nendfor\nquit\n`,
  );
  return {
    title,
    before: ['sh', '-c', 'echo one > text'],
    argv: [tool.path, '-es', '-u', 'NONE', '-S', script],
    rounds: 7,
  };
});

/** Not waiting for the disk: each transaction makes its journal and removes it. */
export const sqlite = single(`sqlite3, ${TRANSACTIONS} transactions`, ({ machine }, material, title) => {
  const tool = machine.find('sqlite3');
  if (tool.skip !== undefined) return skipped(title, tool.skip);
  const script = join(material, 'transactions.sql');
  const inserts = Array.from({ length: TRANSACTIONS }, (_, i) => `insert into t values(${i}, 'row ${i}');\n`);
  writeFileSync(script, `pragma synchronous=off;\ncreate table t(a integer primary key, b);\n${inserts.join('')}`);
  return { title, argv: [tool.path, '-init', script, 'data.db', 'select count(*) from t;'], rounds: 7 };
});

export const nodeTest = single(`node --test, ${TEST_FILES} files`, ({ machine }, material, title) => {
  for (let i = 0; i < TEST_FILES; i++)
    writeFileSync(
      join(material, `t${i}.test.cjs`),
      `const { test } = require('node:test');\nconst fs = require('node:fs');\nfor (let i = 0; i < 20; i++) test('writes ' + i, () => { const d = fs.mkdtempSync('t${i}-'); fs.writeFileSync(d + '/a', 'x'); fs.renameSync(d + '/a', d + '/b'); fs.rmSync(d, { recursive: true }); });\n`,
    );
  return {
    title,
    before: ['sh', '-c', `cp '${material}'/*.cjs .`],
    argv: [machine.node, '--test', '--test-concurrency=2'],
    rounds: 5,
  };
});

/** The fast path's library cannot be loaded into it: each of its calls is trapped. */
export const go = single(
  `static Go program, ${GO_FILES} files written, read and removed`,
  ({ machine, workspace }, material, title) => {
    const tool = machine.find('go');
    if (tool.skip !== undefined) return skipped(title, tool.skip);
    writeFileSync(join(material, 'go.mod'), 'module m\n\ngo 1.19\n');
    writeFileSync(
      join(material, 'main.go'),
      `package main

import (
	"fmt"
	"os"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	for i := 0; i < ${GO_FILES}; i++ {
		dir := fmt.Sprintf("d%d", i/50)
		must(os.MkdirAll(dir, 0o755))
		must(os.WriteFile(fmt.Sprintf("%s/f%d", dir, i), make([]byte, 512), 0o644))
	}
	for i := 0; i < ${GO_FILES}; i++ {
		_, err := os.ReadFile(fmt.Sprintf("d%d/f%d", i/50, i))
		must(err)
	}
	for i := 0; i < ${GO_FILES}; i += 50 {
		must(os.RemoveAll(fmt.Sprintf("d%d", i/50)))
	}
}
`,
    );
    const env = { ...workspace.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', GOTELEMETRY: 'off' };
    must([tool.path, 'build', '-o', 'prog', '.'], material, { ...env, GOCACHE: join(material, 'cache') });
    return { title, argv: [join(material, 'prog')], rounds: 9 };
  },
);

const debugged = `#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int depth(int n) { return n ? depth(n - 1) + 1 : 0; }
int main(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(depth(3));
	int status;
	return waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3 ? 0 : 1;
}
`;

export const gdb = single('gdb, to a breakpoint in a child', (bench, material, title) => {
  const { machine, workspace } = bench;
  const tool = machine.find('gdb');
  const unavailable = tool.skip ?? machine.find('cc').skip;
  if (tool.path === undefined || unavailable !== undefined) return skipped(title, unavailable ?? 'not found');
  mkdirSync(join(material, 'src'));
  writeFileSync(join(material, 'src/child.c'), debugged);
  must(['cc', '-g', '-O0', '-o', 'child', 'src/child.c'], material, workspace.env);
  const commands = ['set startup-with-shell off', 'set follow-fork-mode child', 'break depth if n==0', 'run', 'bt'];
  const said = [...commands, 'continue'].flatMap((command) => ['-ex', command]);
  return {
    title,
    argv: [tool.path, '-nx', '-batch', ...said, join(material, 'child')],
    rounds: 7,
    notOnFloor: 'without a supervisor /proc/PID/mem is closed',
  };
});
