/** A command that is started on a pipe reads from it as ever, and does not write into it: what reads it outside may be a shell. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../helpers/installed.ts';
import { environment, installationFor, makeHome, users } from '../helpers/users.ts';

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
    });
