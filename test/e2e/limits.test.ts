/** `--memory` and its like, $TMPDIR and --private-tmp, with real programs. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../helpers/run.ts';
import { environment, installationFor, makeHome, users } from '../helpers/users.ts';

for (const user of users) {
  describe(`limits, ${user.name}`, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const run = (...args: string[]) => nono(user, ['run', '--allow-cwd', '--allow', '.', ...args], { cwd, home });

    test('a memory hog ends, and the start says how that is held', () => {
      const hog = ['--', 'perl', '-e', 'my $x = "x" x 200_000_000; print length $x'];
      assert.equal(run('-s', '--memory', '600M', ...hog).stdout, '200000000');
      const held = run('--memory', '100M', ...hog);
      assert.notEqual(held.code, 0);
      assert.equal(held.stdout, '');
      assert.match(held.stderr, /limits: memory 100 MiB (?:in all \(cgroup\)|for each process)/);
    });

    test('nono wrap says it too, and is as silent as it was told to be', () => {
      const wrapped = ['--allow-cwd', '--max-file-size', '64K', '--', 'sh', '-c', 'ulimit -f'];
      const said = nono(user, ['wrap', ...wrapped], { cwd, home });
      assert.match(said.stderr, /limits: files of 65536 bytes \(RLIMIT_FSIZE\)/);
      assert.match(said.stdout, /^(?:128|64)$/m);
      assert.equal(nono(user, ['wrap', '-s', ...wrapped], { cwd, home }).stderr, '');
    });

    test('processor time', () => {
      const done = run('-s', '--cpu-time', '1', '--', 'sh', '-c', 'while :; do :; done');
      assert.equal(done.code, 128 + 9);
    });

    test('the size of files', () => {
      const done = run(
        '-s',
        '--max-file-size',
        '64K',
        '--',
        'sh',
        '-c',
        'ulimit -f unlimited; head -c 100000 /dev/zero > big',
      );
      assert.notEqual(done.code, 0);
      assert.equal(statSync(join(cwd, 'big')).size, 65_536);
    });

    test('what is no limit is named', () => {
      for (const [flag, value] of [
        ['--memory', 'lots'],
        ['--memory', '12'],
        ['--max-processes', '0'],
        ['--cpu-time', '1.5'],
        ['--max-file-size', '-1'],
      ] as const) {
        const done = run(`${flag}=${value}`, '--', 'true');
        assert.equal(done.code, 2, `${flag}=${value}: ${done.stderr}`);
        assert.match(done.stderr, new RegExp(flag));
      }
    });

    test('a profile asks for them too, and a flag wins', () => {
      const file = join(home, 'small.json');
      writeFileSync(file, '{ "resources": { "max_file_size": "4K", "cpu_time": 30 } }');
      chmodSync(file, 0o644);
      const write = 'head -c 20000 /dev/zero > sized; wc -c < sized; ulimit -t';
      assert.equal(run('-s', '-p', file, '--', 'sh', '-c', write).stdout.trim(), '4096\n30');
      assert.equal(run('-s', '-p', file, '--max-file-size', '8K', '--', 'sh', '-c', write).stdout.trim(), '8192\n30');
    });

    test('the user’s own soft limit on open files', () => {
      const command = `ulimit -Sn 300; exec ${installationFor(user)}/bin/nono run -s --allow-cwd -- sh -c 'ulimit -Sn'`;
      const [program = '', ...rest] = [...user.prefix, 'sh', '-c', command];
      assert.equal(spawnSync(program, rest, { cwd, env: environment(home), encoding: 'utf8' }).stdout, '300\n');
    });

    test('$TMPDIR is private, usable, and gone afterwards', () => {
      const done = run('-s', '--', 'sh', '-c', 'cd "$TMPDIR" && pwd && stat -c %a . && mktemp && echo x > f && cat f');
      const [path = '', mode, file = '', content] = done.stdout.trim().split('\n');
      assert.match(path, /\/nono-tmp-\d+-\d+-\w+$/, done.stderr);
      assert.equal(mode, '700');
      assert.ok(file.startsWith(`${path}/`));
      assert.equal(content, 'x');
      assert.equal(existsSync(path), false);
    });

    test('a host that was killed takes it along', async () => {
      const [program = '', ...rest] = [
        ...user.prefix,
        join(installationFor(user), 'bin/nono'),
        'run',
        '-s',
        '--allow-cwd',
        '--',
      ];
      const child = spawn(program, [...rest, 'sh', '-c', 'echo $TMPDIR; exec sleep 60'], {
        cwd,
        env: environment(home),
      });
      const path = await new Promise<string>((resolve) => {
        child.stdout.once('data', (data) => resolve(String(data).trim()));
      });
      assert.equal(existsSync(path), true);
      child.kill('SIGKILL');
      for (let i = 0; i < 100 && existsSync(path); i++) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(existsSync(path), false);
    });

    test('--private-tmp leaves nothing else of /tmp', () => {
      const shared = mkdtempSync(join(tmpdir(), 'nono-shared-'));
      process.on('exit', () => rmSync(shared, { recursive: true, force: true }));
      chmodSync(shared, 0o777);
      writeFileSync(join(shared, 'letter'), 'SHARED');
      const script = `cat ${shared}/letter; echo y > ${shared}/new; echo y > /tmp/nono-new-${process.pid}; ls /tmp; echo z > "$TMPDIR/f" && cat "$TMPDIR/f"`;
      const open = run('-s', '--', 'cat', join(shared, 'letter'));
      assert.equal(open.stdout, 'SHARED', 'granted without it');
      const closed = run('-s', '--private-tmp', '--', 'sh', '-c', script);
      assert.equal(closed.stdout, 'z\n', closed.stderr);
      assert.equal(existsSync(join(shared, 'new')), false);
      assert.equal(existsSync(`/tmp/nono-new-${process.pid}`), false);
      const named = run('-s', '--private-tmp', '--read', shared, '--', 'cat', join(shared, 'letter'));
      assert.equal(named.stdout, 'SHARED', 'what is granted by name stays granted');
      assert.equal(readFileSync(join(shared, 'letter'), 'utf8'), 'SHARED');
    });
  });
}
