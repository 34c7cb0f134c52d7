/** `--memory` and its like, $TMPDIR and --private-tmp, with real programs. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';

const cgroups = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .map((line) => line.split(' '))
  .find(([, , type]) => type === 'cgroup2')?.[1];

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

    test('a grant on cgroups does not lift them', {
      skip: cgroups === undefined ? 'no cgroup2 is mounted' : user.uid !== 0 && 'only root may write there',
    }, (t) => {
      const made = join(cgroups ?? '', `nono-test-${process.pid}`);
      t.after(() => existsSync(made) && rmdirSync(made));
      const make = (...limits: string[]) => run('-s', ...limits, '--allow', cgroups ?? '', '--', 'mkdir', made);
      assert.notEqual(make('--memory', '900M').code, 0);
      assert.equal(existsSync(made), false);
      assert.equal(make().code, 0, 'without limits the grant is one like any other');
      assert.equal(existsSync(made), true);
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
      for (let i = 0; i < 400 && existsSync(path); i++) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(existsSync(path), false);
    });

    describe('--private-tmp', () => {
      const shared = mkdtempSync(join(tmpdir(), 'nono-shared-'));
      const mine = `/tmp/nono-own-${process.pid}-${user.uid}`;
      const clean = (): void => {
        for (const path of [shared, ...['', '-dir', '-moved', '-link', '-sock', '-swap'].map((end) => mine + end)])
          rmSync(path, { recursive: true, force: true });
      };
      process.on('exit', clean);
      chmodSync(shared, 0o777);
      writeFileSync(join(shared, 'letter'), 'SHARED');
      const foreign = join(shared, '..', basename(shared).replace('shared', 'foreign'));
      const within = (script: string) => run('-s', '--private-tmp', '--', 'sh', '-c', `exec 2>&1; ${script}`);

      test('what others have in /tmp is closed: read, written, listed, removed, moved, linked, replaced', (t) => {
        writeFileSync(foreign, 'SHARED');
        chmodSync(foreign, 0o666);
        t.after(() => rmSync(foreign, { force: true }));
        assert.equal(run('-s', '--', 'cat', join(shared, 'letter')).stdout, 'SHARED', 'granted without it');
        const before = statSync(foreign);
        const done = within(
          `cat ${shared}/letter ${foreign}; echo y > ${shared}/new; echo y > ${foreign}; echo y >> ${foreign}; ls ${shared} /tmp; rm -f ${foreign}; mv ${foreign} ${mine}; ln ${foreign} ${mine}
ln -s ${foreign} ${mine}-link && cat ${mine}-link; echo x > ${mine}-swap; mv -f ${mine}-swap ${foreign}; chmod 600 ${foreign}; mkdir ${shared}/d; cd ${shared} && cat letter; cp ${foreign} copy; cat < /proc/self/root${foreign}; echo end`,
        );
        assert.doesNotMatch(done.stdout, /SHARED|letter\n/);
        assert.match(done.stdout, /end\n$/);
        const { mode, ino, ctimeMs } = statSync(foreign);
        assert.deepEqual({ mode, ino, ctimeMs }, { mode: before.mode, ino: before.ino, ctimeMs: before.ctimeMs });
        assert.equal(readFileSync(foreign, 'utf8'), 'SHARED');
        assert.deepEqual(readdirSync(shared), ['letter']);
        const named = run('-s', '--private-tmp', '--read', shared, '--', 'cat', join(shared, 'letter'));
        assert.equal(named.stdout, 'SHARED', 'what is granted by name stays granted');
        clean();
      });

      test('what the session makes there is its own', () => {
        const done = within(
          `cd /; echo one > ${mine}; cat ${mine}; echo two >> ${mine}; wc -l < ${mine}; chmod 600 ${mine}; mv ${mine} ${mine}-moved; head -1 ${mine}-moved; mkdir -p ${mine}-dir/a/b; echo three > ${mine}-dir/a/b/f; cat ${mine}-dir/a/b/f; ls ${mine}-dir/a
printf '#!/bin/sh\\necho ran\\n' > ${mine}-dir/s; chmod +x ${mine}-dir/s; ${mine}-dir/s; ln ${mine}-moved ${mine}-link; tail -1 ${mine}-link; rm ${mine}-link ${mine}-moved; f=$(mktemp -p /tmp); echo four > $f; cat $f; rm $f
perl -MIO::Socket::UNIX -e '$l = IO::Socket::UNIX->new(Local => "${mine}-sock", Listen => 1) or die "$!"; IO::Socket::UNIX->new(Peer => "${mine}-sock") or die "$!"; print "met\\n"; unlink "${mine}-sock"'; echo z > "$TMPDIR/f"; cat "$TMPDIR/f"; rm -r ${mine}-dir; cat ${mine} | wc -c; echo end`,
        );
        assert.match(
          done.stdout,
          /^one\n2\none\nthree\nb\nran\ntwo\nfour\nmet\nz\ncat: .*: No such file or directory\n0\nend\n$/,
        );
        for (const end of ['', '-moved', '-dir', '-sock']) assert.equal(existsSync(mine + end), false, end);
      });

      test('a name that somebody outside takes over is closed again, and so is what an earlier session made', async (t) => {
        const [program = '', ...rest] = [...user.prefix, join(installationFor(user), 'bin/nono'), 'run', '-s'];
        const script = `echo mine > ${mine}; cat ${mine}; read x; cat ${mine} 2>&1; echo y > ${mine}; echo end`;
        const child = spawn(program, [...rest, '--allow-cwd', '--private-tmp', '--', 'sh', '-c', script], {
          cwd,
          env: environment(home),
        });
        t.after(() => child.kill('SIGKILL'));
        let said = '';
        const until = async (word: string): Promise<void> => {
          while (!said.includes(word)) said += String((await once(child.stdout, 'data'))[0]);
        };
        await until('mine');
        rmSync(mine);
        writeFileSync(mine, 'SHARED');
        chmodSync(mine, 0o666);
        child.stdin.write('go\n');
        await until('end');
        assert.doesNotMatch(said, /SHARED/);
        assert.equal(readFileSync(mine, 'utf8'), 'SHARED');
        assert.doesNotMatch(within(`cat ${mine}; echo end`).stdout, /SHARED/);
        clean();
      });
    });
  });
}
