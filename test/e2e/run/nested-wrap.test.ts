/** `nono wrap` inside `nono wrap`: it can read less of /proc and list fewer directories, and still starts, grants no more, and says what it cannot grant. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';

for (const user of users)
  describe(user.name, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const program = join(installationFor(user), 'bin/nono');
    const node = join(installationFor(user), 'node_modules/.bin/node');
    /** So many of them, one in another. */
    const nested = (count: number, flags: readonly string[], ...command: readonly string[]) => {
      const inner = Array.from({ length: count - 1 }, () => [program, 'wrap', ...flags, '--']).flat();
      return nono(user, ['wrap', ...flags, '--', ...inner, ...command], { cwd, home });
    };

    for (const count of [2, 3, 5])
      for (const silent of [['-s'], []])
        test(`${count} deep${silent.length > 0 ? ', silent' : ''}: what each grants is granted, what none grants is not`, () => {
          const shown = nested(count, [...silent, '--read', '.'], 'cat', 'README', join(home, 'notes.txt'));
          assert.equal(shown.stdout, 'a project\n', shown.stderr);
          assert.match(shown.stderr, /notes\.txt: Permission denied/);
          if (silent.length === 0) assert.equal(shown.stderr.match(/mode +direct/g)?.length, count);
        });

    test('three deep: Node starts, OpenSSL has its settings and certificates, its private keys stay closed', () => {
      const look = `const fs = require('fs'); const said = (p) => { try { return fs.readdirSync(p).length > 0 } catch (e) { return e.code } };
        console.log(require('crypto').createHash('sha256').update('x').digest('hex').length, said('/etc/ssl/certs'), said('/etc/ssl/private'))`;
      const shown = nested(3, ['-s', '--read', '.', '--read-file', node], node, '-e', look);
      assert.match(shown.stdout, /^64 (?:true|ENOENT) (?:EACCES|ENOENT)\n$/, shown.stderr);
    });

    test('what of a grant cannot be given, because a directory cannot be listed there, stays closed and is said', () => {
      const flags = ['--read', '.', '--deny', './secret'];
      assert.equal(nested(1, ['-s', ...flags], 'cat', 'README').stdout, 'a project\n');
      const shown = nested(2, flags, 'cat', 'README');
      assert.deepEqual([shown.code, shown.stdout], [1, '']);
      assert.match(
        shown.stderr,
        new RegExp(`${cwd} cannot be listed here .*only what has a rule of its own is open\\n`),
      );
      assert.match(shown.stderr, /README: Permission denied\n$/);
      const named = nested(2, [...flags, '--read-file', 'README'], 'cat', 'README');
      assert.equal(named.stdout, 'a project\n', named.stderr);
    });

    test('run inside wrap supervises', () => {
      const flags = ['-s', '--read', '.'];
      const shown = nono(
        user,
        ['wrap', ...flags, '--', program, 'run', ...flags, '--', 'sh', '-c', 'cat README; exec cat ~/notes.txt'],
        { cwd, home, env: environment(home) },
      );
      assert.equal(shown.stdout, 'a project\n', shown.stderr);
      assert.match(shown.stderr, /notes\.txt: Permission denied/);
    });
  });
