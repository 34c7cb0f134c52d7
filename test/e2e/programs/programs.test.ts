/** Real programs start and work under the default profile with a writable working directory, as root and as an ordinary user. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, rootSkip, users } from '../../helpers/users.ts';

interface Case {
  readonly argv: readonly string[];
  /** What the output must show, so that starting alone does not pass. */
  readonly shows: RegExp;
}

const cases: readonly Case[] = [
  { argv: ['git', 'status', '--short'], shows: /hello\.c/ },
  { argv: ['git', 'log', '--oneline'], shows: /first commit/ },
  { argv: ['git', 'commit', '--allow-empty', '-m', 'inside'], shows: /inside/ },
  { argv: ['python3', '-c', 'import json, ssl, sqlite3, ctypes; print("python", 6 * 7)'], shows: /python 42/ },
  { argv: ['python3', '-m', 'json.tool', 'data.json'], shows: /"answer": 42/ },
  { argv: ['gcc', '-o', 'hello', 'hello.c'], shows: /^$/ },
  { argv: ['./hello'], shows: /hello from c/ },
  { argv: ['make', '-s'], shows: /made/ },
  { argv: ['tar', 'cvf', 'x.tar', 'hello.c'], shows: /hello\.c/ },
  { argv: ['curl', '--version'], shows: /libcurl/ },
  { argv: ['ssh', '-V'], shows: /OpenSSH/ },
  { argv: ['vim', '--version'], shows: /Vi IMproved/ },
  { argv: ['vim', '-es', '-c', 'normal ihello', '-c', 'wq', 'by-vim.txt'], shows: /^$/ },
  {
    argv: ['sqlite3', 'x.db', 'create table if not exists t(a); insert into t values(42); select a from t limit 1;'],
    shows: /42/,
  },
  { argv: ['perl', '-MFile::Temp', '-e', 'print "perl ", 6*7'], shows: /perl 42/ },
  { argv: ['tmux', '-V'], shows: /tmux/ },
  { argv: ['less', 'hello.c'], shows: /hello from c/ },
  { argv: ['awk', 'BEGIN { print 6 * 7 }'], shows: /42/ },
  { argv: ['find', '.', '-name', 'hello.c'], shows: /hello\.c/ },
  { argv: ['mktemp'], shows: /\/tmp\// },
  {
    argv: ['bash', '-c', 'cat <(echo substituted) && ls /proc/self/fd >/dev/null && echo ok'],
    shows: /substituted\s+ok/,
  },
  { argv: ['ps', '-o', 'pid,comm'], shows: /ps/ },
  { argv: ['id', '-u'], shows: /\d+/ },
  { argv: ['sort', 'data.json'], shows: /answer/ },
  { argv: ['sh', '-c', 'diff hello.c hello.c && echo same'], shows: /same/ },
];

function prepare(home: string, prefix: readonly string[]): string {
  const dir = join(home, 'project');
  const script = `cd "${dir}" && git init -q . && git config user.email t@example.org && git config user.name t && git commit -q --allow-empty -m "first commit"
printf '#include <stdio.h>\\nint main(void){puts("hello from c");}\\n' > hello.c; printf 'all:\\n\\t@echo made\\n' > Makefile; printf '{"answer": 42}\\n' > data.json`;
  const [program = '', ...args] = [...prefix, 'sh', '-c', script];
  const made = spawnSync(program, args, { env: environment(home), encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  return dir;
}

for (const user of users) {
  describe(`programs under the default profile, as ${user.name}`, () => {
    const home = makeHome(user);
    const cwd = prepare(home, user.prefix);
    const grants = ['run', '--silent', '--allow-cwd', '--allow', '.', '--'];
    for (const { argv, shows } of cases) {
      test(argv.slice(0, 3).join(' '), () => {
        const done = nono(user, [...grants, ...argv], { cwd, home });
        assert.equal(done.code, 0, `stderr: ${done.stderr}`);
        assert.match(`${done.stdout}${done.stderr}`, shows);
      });
    }
    test('node', () => {
      // The product's own Node, at a place that this user can read.
      const node = realpathSync(join(installationFor(user), 'node_modules/.bin/node'));
      const done = nono(user, ['run', '-s', '--allow', '.', '--read', join(node, '..'), '--', node, '-p', '6*7'], {
        cwd,
        home,
      });
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, /42/);
    });
    test('what they cannot do: read a key, write beside, list the home', () => {
      writeFileSync(join(home, 'canary'), 'untouched');
      const script = `cat ../.ssh/id_ed25519; echo x > ../canary; echo x > ../planted; ls ..`;
      const done = nono(user, [...grants, 'sh', '-c', script], { cwd, home });
      assert.doesNotMatch(done.stdout, /SECRET|canary/);
      assert.equal((done.stderr.match(/Permission denied/g) ?? []).length >= 3, true, done.stderr);
      const host = spawnSync('sh', ['-c', `cat ${home}/canary; ls ${home}/planted 2>&1`], { encoding: 'utf8' });
      assert.match(host.stdout, /^untouched/);
      assert.match(host.stdout, /No such file/);
    });
  });
}

test('both kinds of user were tried', { skip: rootSkip }, () => assert.equal(users.length, 2));
