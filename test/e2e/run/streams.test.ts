/** Exit codes, signals and standard streams pass through `run`, `wrap` and a piped `shell` unchanged. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { pause } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';

for (const user of users) {
  const home = makeHome(user);
  const cwd = join(home, 'project');
  for (const command of ['run', 'wrap']) {
    describe(`${command} as ${user.name}`, () => {
      const sh = (script: string, input: string | Buffer = '') =>
        nono(user, [command, '-s', '--allow', '.', '--', 'sh', '-c', script], { cwd, home, input });
      for (const code of [0, 1, 7, 255]) test(`exit ${code}`, () => assert.equal(sh(`exit ${code}`).code, code));
      for (const [signal, number] of [
        ['TERM', 15],
        ['KILL', 9],
        ['SEGV', 11],
      ] as const) {
        test(`killed by SIG${signal}`, () => {
          const done = sh(`kill -${signal} $$`);
          // wrap leaves nothing of nono behind, so there the signal itself is seen.
          if (command === 'wrap') assert.equal(done.signal, `SIG${signal}`);
          else assert.equal(done.code, 128 + number);
        });
      }
      test('a megabyte of every byte passes through a pipe', () => {
        const bytes = randomBytes(1 << 20).toString('base64');
        assert.equal(sh('cat', bytes).stdout, bytes);
      });
      test('standard output and error stay apart', () => {
        const done = sh('echo out; echo err >&2');
        assert.equal(done.stdout, 'out\n');
        assert.equal(done.stderr, 'err\n');
      });
      test('arguments arrive untouched', () => {
        const odd = ['', ' ', '*', '$HOME', "it's", '--', '-x', 'ü\n'];
        const done = nono(user, [command, '-s', '--allow', '.', '--', 'printf', '[%s]', ...odd], { cwd, home });
        assert.equal(done.stdout, odd.map((a) => `[${a}]`).join(''));
      });
    });
  }
  describe(`run as ${user.name}`, () => {
    test('SIGTERM reaches the command, which may handle it', async () => {
      const [program = '', ...rest] = [
        ...user.prefix,
        join(installationFor(user), 'bin/nono'),
        'run',
        '-s',
        '--allow',
        '.',
        '--',
        'sh',
        '-c',
        'trap "echo bye; exit 42" TERM; echo ready; while :; do sleep 0.05; done',
      ];
      const child = spawn(program, rest, { cwd, env: environment(home) });
      let out = '';
      child.stdout.on('data', (d: Buffer) => {
        out += d.toString();
      });
      while (!out.includes('ready')) await pause(10);
      child.kill('SIGTERM');
      // What it printed last can be read after its exit is seen.
      const code = await new Promise((resolve) => child.on('close', resolve));
      assert.equal(code, 42);
      assert.match(out, /bye/);
    });
    test('what the command leaves behind ends with it', () => {
      const started = Date.now();
      const done = nono(
        user,
        ['run', '-s', '--allow', '.', '--', 'sh', '-c', 'setsid sleep 300 >/dev/null 2>&1 & echo $!'],
        { cwd, home },
      );
      assert.equal(done.code, 0);
      assert.ok(Date.now() - started < 20_000);
      assert.throws(() => process.kill(Number(done.stdout.trim()), 0), /ESRCH/);
    });
  });
  describe(`shell without a terminal, as ${user.name}`, () => {
    test('reads commands from its standard input and never asks', () => {
      const done = nono(user, ['shell', '-s', '--allow', '.'], {
        cwd,
        home,
        input: 'echo from-stdin; cat ../notes.txt; exit 7\n',
      });
      assert.equal(done.code, 7, done.stderr);
      assert.match(done.stdout, /from-stdin/);
      assert.match(done.stderr, /Permission denied/);
    });
  });
}
