/** The user's environment outside, and what a command inside sees of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture } from '../../helpers/compile.ts';
import { nono, type RunOptions } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';
import { enter, openShell, runLine } from '../shell/shell-helpers.ts';

const secrets = {
  GITHUB_TOKEN: 'ghp_SECRET1',
  AWS_SECRET_ACCESS_KEY: 'SECRET2',
  HTTPS_PROXY: 'http://u:SECRET3@proxy:1',
  LD_LIBRARY_PATH: '/SECRET4',
};

for (const user of users) {
  describe(`environment, ${user.name}`, () => {
    const home = makeHome(user);
    const at = (env: Record<string, string> = secrets): RunOptions => ({ cwd: join(home, 'project'), home, env });
    const starts = [
      ['run', '--allow-cwd'],
      ['wrap', '--allow-cwd'],
    ] as const;

    for (const words of starts) {
      test(`nono ${words[0]} keeps credentials outside, names them once, shows no value`, () => {
        const done = nono(user, [...words, '--', 'env'], at());
        assert.equal(done.code, 0, done.stderr);
        assert.match(done.stdout, /^HOME=/m);
        assert.match(done.stdout, /^LANG=C\.UTF-8$/m);
        for (const name of Object.keys(secrets)) {
          assert.doesNotMatch(done.stdout, new RegExp(`^${name}=`, 'm'));
          assert.equal(done.stderr.split(name).length - 1, 1, `${name} once in ${done.stderr}`);
        }
        assert.doesNotMatch(done.stdout + done.stderr, /SECRET\d/);
      });
    }

    test('what OpenSSL is told to load is not loaded by nono itself, and reaches the command that was given its name', () => {
      const settings = join(home, 'openssl.cnf');
      const mark = join(home, `mark-${process.pid}`);
      const library = fixture('loaded', { as: 'loaded.so', flags: ['-shared', '-fPIC'] });
      const lines = [
        'openssl_conf = init',
        'nodejs_conf = init',
        '[init]',
        'providers = all',
        '[all]',
        'ours = ours',
        '[ours]',
      ];
      writeFileSync(settings, [...lines, `module = ${library}`, 'activate = 1', ''].join('\n'));
      const env = { OPENSSL_CONF: settings, OPENSSL_MODULES: home, LOADED_MARK: mark };
      for (const words of [['--version'], ['ps'], ['why', '--path', '/etc/passwd', '--op', 'read']])
        assert.equal(nono(user, words, at(env)).code, 0, words[0]);
      const done = nono(user, ['run', '-s', '--allow-cwd', '--env', 'OPENSSL_CONF', '--', 'env'], at(env));
      assert.ok(done.stdout.split('\n').includes(`OPENSSL_CONF=${settings}`), done.stdout);
      assert.doesNotMatch(done.stdout, /OPENSSL_MODULES/);
      assert.equal(existsSync(mark), false);
      // The control: Node loads it.
      const [program = '', ...rest] = [...user.prefix, join(installationFor(user), 'node_modules/.bin/node')];
      spawnSync(program, [...rest, '-e', 'require("node:crypto").createHash("sha256")'], {
        env: { ...environment(home), ...env },
      });
      assert.equal(existsSync(mark), true);
    });

    test('nothing is said when nothing was left out, or when nono shall be silent', () => {
      assert.doesNotMatch(nono(user, ['run', '--allow-cwd', '--', 'true'], at({})).stderr, /left out/);
      const silent = nono(user, ['run', '-s', '--allow-cwd', '--', 'env'], at());
      assert.doesNotMatch(silent.stderr, /GITHUB_TOKEN/);
      assert.doesNotMatch(silent.stdout, /SECRET\d/);
    });

    test('a shell that reads its commands gets the same environment', () => {
      const done = nono(user, ['shell', '--allow-cwd', '--shell', '/bin/sh'], { ...at(), input: 'env\n' });
      assert.match(done.stdout, /^HOME=/m);
      assert.doesNotMatch(done.stdout, /SECRET\d/);
    });

    test('the shell on a terminal says once what was left out, by name', async () => {
      const t = await openShell({ user, home: makeHome(user), env: secrets, cols: 140, rows: 45 });
      const screen = await t.until('left out of the environment');
      assert.match(screen.replaceAll(/\s+/g, ' '), /left out of the environment: .*GITHUB_TOKEN/s);
      await runLine(t, 'env | grep -c SECRET', 'END');
      assert.doesNotMatch(await t.text(), /SECRET\d/);
      enter(t, 'exit');
      await t.untilEnd();
    });

    test('--env passes one on, or sets one', () => {
      const done = nono(user, ['run', '--allow-cwd', '--env', 'GITHUB_TOKEN', '--env=MODE=fast', '--', 'env'], at());
      assert.match(done.stdout, /^GITHUB_TOKEN=ghp_SECRET1$/m);
      assert.match(done.stdout, /^MODE=fast$/m);
      assert.doesNotMatch(done.stdout, /SECRET2/);
    });

    test('a profile adds names and patterns, takes away, and sets', () => {
      const file = join(home, 'aws.json');
      const environment = {
        allow_vars: ['AWS_*'],
        deny_vars: ['AWS_SECRET*', 'LANG'],
        set_vars: { WHERE: '$HOME/x' },
      };
      writeFileSync(file, JSON.stringify({ environment }));
      chmodSync(file, 0o644);
      const env = { AWS_REGION: 'eu', AWS_SECRET_ACCESS_KEY: 'SECRET2' };
      const done = nono(user, ['run', '-p', file, '--allow-cwd', '--allow', '.', '--', 'env'], at(env));
      assert.match(done.stdout, /^AWS_REGION=eu$/m, done.stderr);
      assert.match(done.stdout, new RegExp(`^WHERE=${home}/x$`, 'm'));
      assert.doesNotMatch(done.stdout, /SECRET2|^LANG=/m);
    });

    test('a profile may not set what nono and the search for programs rest on', () => {
      const file = join(home, 'bad.json');
      writeFileSync(file, '{ "environment": { "set_vars": { "PATH": "/tmp" } } }');
      chmodSync(file, 0o644);
      const done = nono(user, ['run', '-p', file, '--', 'true'], at());
      assert.equal(done.code, 1);
      assert.match(done.stderr, /bad\.json:1:\d+.*PATH/);
    });
  });
}
