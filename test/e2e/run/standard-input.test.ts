/** A command that is started on a pipe reads from it as ever, and does not write into it: what reads it outside may be a shell. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { installed } from '../../helpers/installed.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';

/** Letter and parent of proc_pid_stat(5); 'X': there is none. */
function stat(pid: number): { state: string; parent: number } {
  try {
    const [state = '', parent = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /s, '').split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return { state: 'X', parent: 0 };
  }
}

async function becomes(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !is(); i++) await pause(10);
  assert.ok(is(), what);
}

for (const user of users)
  for (const kind of ['run', 'wrap'])
    describe(`${kind} as ${user.name}`, { timeout: 120_000 }, () => {
      const home = makeHome(user);
      const cwd = join(home, 'project');
      const words = `${join(installationFor(user), 'bin/nono')} ${kind} -s --allow . --`;
      /** In a shell, whose pipes are pipes. */
      const sh = (script: string): string => {
        const [program = '', ...args] = [...user.prefix, 'sh', '-c', script];
        const done = spawnSync(program, args, { cwd, env: environment(home), encoding: 'utf8', timeout: 60_000 });
        assert.equal(done.stderr, '', script);
        return done.stdout;
      };

      test('a shell outside that reads its commands from the same pipe executes none that was written inside', () => {
        const written = join(home, 'written');
        const attack = `sh -c 'for p in /proc/self/fd/0 /dev/stdin /proc/$$/fd/0; do (echo "touch ${written}" >>$p) 2>/dev/null; done'`;
        const file = 'cp commands script; exec 3<script; rm script; sh <&3';
        for (const input of ['cat commands | sh', file])
          for (const before of ['', words]) {
            rmSync(written, { force: true });
            writeFileSync(join(cwd, 'commands'), `${before} ${attack}\necho went on\n`);
            assert.equal(sh(input), 'went on\n');
            // The first is the control: without a sandbox it does.
            assert.equal(existsSync(written), before === '', `${before} ${input}`);
          }
      });

      test('what is not read inside is left to whoever reads next, to the byte', () => {
        assert.equal(
          sh(
            `printf 'a\\nb\\nc\\n' | { ${words} sh -c 'read x; echo inside $x'; ${words} true; read y; echo outside $y; ${words} cat; }`,
          ),
          'inside a\noutside b\nc\n',
        );
        assert.equal(
          sh(
            `printf 'a\\nb\\nc\\n' >t; exec 3<t; rm t; { ${words} sh -c 'read x; echo inside $x'; read y; echo outside $y; ${words} cat; } <&3`,
          ),
          'inside a\noutside b\nc\n',
        );
        assert.equal(sh(`seq 100000 | { ${words} head -c 100000 >/dev/null; wc -c; }`).trim(), '488895');
      });

      test('megabytes pass, and what comes late', () => {
        const bytes = Buffer.alloc(5_000_000, 'sixteen letters\n');
        writeFileSync(join(cwd, 'bytes'), bytes);
        const sum = createHash('md5')
          .update(readFileSync(join(cwd, 'bytes')))
          .digest('hex');
        assert.equal(sh(`cat bytes | ${words} md5sum`), `${sum}  -\n`);
        assert.equal(sh(`{ sleep 0.3; echo late; } | ${words} cat`), 'late\n');
      });

      test('who writes for ever is told when nobody reads any more', () => {
        assert.equal(sh(`yes | ${words} head -n1`), 'y\n');
      });

      test('the command has no child that it has not made', { skip: !installed('python3') }, () => {
        const waits = 'import os\ntry: print(os.waitpid(-1, os.WNOHANG))\nexcept ChildProcessError: print("none")';
        writeFileSync(join(cwd, 'waits.py'), waits);
        assert.equal(sh(`(sleep 0.2; echo) | ${words} python3 waits.py`), 'none\n');
      });

      test('how the command ended is how it ends', () => {
        for (const [ends, code] of [
          ['exit 7', 7],
          ['kill -TERM $$', 143],
          ['kill -KILL $$', 137],
          ['exec /nowhere/it', 127],
        ])
          assert.equal(sh(`exec 2>/dev/null; echo | ${words} sh -c '${ends}'; echo $?`), `${code}\n`);
      });

      if (kind === 'wrap')
        describe('the process that was started', () => {
          /** It, the command, and what the shell that started both says when it reads on. `first` is done before the test hears of the command. */
          async function started(script: string, first = '') {
            for (const name of ['pids', 'go']) rmSync(join(cwd, name), { force: true });
            const inside = `${first}echo $PPID $$ >new; mv new pids; ${script}`;
            const outside = `printf 'a\nb\nc\n' | { ${words} sh -c '${inside}'; echo code $?; read y; echo outside $y; } 2>&1`;
            const shell = spawn(
              user.prefix[0] ?? 'sh',
              [...user.prefix.slice(1), ...(user.prefix.length > 0 ? ['sh'] : []), '-c', outside],
              {
                cwd,
                env: environment(home),
              },
            );
            let said = '';
            shell.stdout.on('data', (data) => {
              said += data;
            });
            const closed = new Promise<string>((resolve) => shell.on('close', () => resolve(said)));
            await becomes('the command runs', () => existsSync(join(cwd, 'pids')));
            const [stands = 0, command = 0] = readFileSync(join(cwd, 'pids'), 'utf8').trim().split(' ').map(Number);
            return { stands, command, closed, said: () => said };
          }
          const waits = 'while [ ! -e go ]; do sleep 0.02; done';

          test('gives back what was not read before whoever waits for it reads on', async () => {
            const it = await started(`read x; ${waits}; exit 3`);
            process.kill(it.stands, 'SIGSTOP');
            await becomes('stopped', () => stat(it.stands).state === 'T');
            writeFileSync(join(cwd, 'go'), '');
            await becomes('the command has ended', () => stat(it.command).state === 'Z');
            assert.equal(it.said(), '');
            process.kill(it.stands, 'SIGCONT');
            assert.equal(await it.closed, 'code 3\noutside b\n');
          });

          test('passes signals on', async () => {
            const it = await started(waits, 'trap "echo told; exit 4" TERM; ');
            process.kill(it.stands, 'SIGTERM');
            assert.equal(await it.closed, 'told\ncode 4\noutside a\n');
          });

          test('takes the command with it when it is killed', async () => {
            const it = await started('exec sleep 1000');
            process.kill(it.stands, 'SIGKILL');
            assert.match(await it.closed, /code 137\n/);
            await becomes('the command has ended', () => 'XZ'.includes(stat(it.command).state));
          });

          test('stops and goes on with the command', async () => {
            const it = await started(`kill -STOP $$; echo on; ${waits}`);
            await becomes('both stopped', () => stat(it.command).state === 'T' && stat(it.stands).state === 'T');
            process.kill(it.stands, 'SIGCONT');
            writeFileSync(join(cwd, 'go'), '');
            assert.equal(await it.closed, 'on\ncode 0\noutside a\n');
          });

          test('leaves to what the command left behind what that still reads', async () => {
            const it = await started(
              `exec 3<&0; { while [ ! -e go ]; do sleep 0.02; done; read x; read y; echo late $x $y; } <&3 & exit 0`,
            );
            await becomes('it has ended', () => stat(it.stands).state === 'X');
            writeFileSync(join(cwd, 'go'), '');
            await it.closed;
            assert.match(it.said(), /code 0\n/);
            assert.match(it.said(), /late (?:a b|b c)\n/);
          });
        });
    });
