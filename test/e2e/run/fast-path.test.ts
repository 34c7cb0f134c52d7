/** The fast path as users meet it: on unless turned off, seen in LD_PRELOAD, and changing nothing but the time. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { installationFor, makeHome, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

const library = /^LD_PRELOAD=.*\/nono-fast-path\.so$/m;

for (const user of users) {
  describe(user.name, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const run = (...args: string[]) => nono(user, ['run', '--allow', '.', ...args], { cwd, home });

    test('run preloads it; --no-fast-path and wrap do not', () => {
      assert.match(run('--', 'env').stdout, library);
      assert.doesNotMatch(run('--no-fast-path', '--', 'env').stdout, /LD_PRELOAD/);
      assert.doesNotMatch(nono(user, ['wrap', '--allow-cwd', '--', 'env'], { cwd, home }).stdout, /LD_PRELOAD/);
    });

    test('what the user preloads outside does not come in with it', () => {
      const outside = { cwd, home, env: { LD_PRELOAD: '/nowhere/libother.so' } };
      const { stdout } = nono(user, ['run', '--allow-cwd', '--', 'env'], outside);
      assert.match(stdout, library);
      assert.doesNotMatch(stdout, /libother/);
    });

    for (const flags of [[], ['--no-fast-path']]) {
      test(`a denied file stays closed and is listed once ${flags.join('')}`, () => {
        const { code, stderr, stdout } = run(...flags, '--', 'cat', join(home, '.ssh/id_ed25519'));
        assert.notEqual(code, 0);
        assert.doesNotMatch(stdout + stderr, /SECRET/);
        const listed = stderr.split('\n').filter((line) => line.includes('id_ed25519') && !line.startsWith('cat:'));
        assert.equal(listed.length, 1, stderr);
      });

      test(`a build, its clean-up and moves in the working directory ${flags.join('')}`, () => {
        const script = [
          'mkdir -p d/e && echo 1 > d/e/f && ln -s f d/e/s && ln d/e/f d/e/h && mv d/e/h d/moved && cp -r d copy',
          'cat d/moved copy/e/s && rm -r copy && tar cf x.tar d && rm -r d && tar xf x.tar && ls d/e && rm -r d x.tar',
        ].join(' && ');
        const { stdout, stderr, code } = run('--silent', ...flags, '--', 'sh', '-c', script);
        assert.deepEqual([stdout, stderr, code], ['1\n1\nf\ns\n', '', 0]);
        assert.equal(existsSync(join(cwd, 'd')), false);
      });
    }

    test('programs that clear their environment, gain privileges elsewhere, or forbid new executable memory', () => {
      const mdwe = 'import ctypes; print(ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)); print(open("README").read())';
      for (const argv of [
        ['env', '-i', 'cat', 'README'],
        ['env', '-u', 'LD_PRELOAD', 'cat', 'README'],
        ['python3', '-c', mdwe],
        ['sh', '-c', 'su --version >/dev/null; cat README'],
      ]) {
        const { stdout, stderr } = run('--silent', '--', ...argv);
        assert.match(stdout, /a project/, argv.join(' '));
        assert.equal(stderr, '', argv.join(' '));
      }
    });

    test('a session inside a session has none of its own and works', () => {
      const product = join(installationFor(user), 'bin/nono');
      const inner = 'env | grep -c LD_PRELOAD; cat README; cat ../.ssh/id_ed25519';
      const { stdout, stderr } = run(
        '--silent',
        '--',
        product,
        'run',
        '--silent',
        '--allow-cwd',
        '--',
        'sh',
        '-c',
        inner,
      );
      assert.equal(stdout, '0\na project\n', stderr);
      assert.doesNotMatch(stdout + stderr, /SECRET/);
    });

    test('the installed library cannot be changed, even where everything around it is granted', () => {
      const root = installationFor(user);
      const file = join(root, 'native/build/nono-fast-path.so');
      const before = readFileSync(file);
      const script = `echo x > ${file}; rm -f ${file}; mv ${file} ${file}.old; ln -sf /dev/null ${file}`;
      run('--silent', '--allow', root, '--', 'sh', '-c', script);
      assert.deepEqual(readFileSync(file), before);
    });
  });
}
