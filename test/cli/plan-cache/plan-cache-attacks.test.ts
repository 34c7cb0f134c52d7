/** Attempts on the cached plan: each of these once made a start wider, another one, or none. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertHit, CachedInstallation } from '../../helpers/plan-cache.ts';
import { type TestUser, users } from '../../helpers/users.ts';

const readSecret = ['wrap', '-s', '--allow-cwd', '--', 'cat', 'secret'];

function prepared(user: TestUser): CachedInstallation {
  const at = new CachedInstallation(user);
  at.write('project/secret', 'the secret\n');
  return at;
}

for (const user of users)
  describe(`as ${user.name}`, () => {
    test('a limit on file sizes that an entry is above ends no start', () => {
      const at = prepared(user);
      const start = at.start(readSecret, { before: ['prlimit', '--fsize=512:', '--'] });
      assert.deepEqual({ ...start, hit: false }, { code: 0, stdout: 'the secret\n', stderr: '', hit: false });
      assert.deepEqual(at.entries(), []);
    });

    test('what nobody reads any more ends no start', () => {
      const at = prepared(user);
      const loud = ['wrap', '--allow-cwd', '--', 'cat', 'secret'];
      // A pipe without a reader, once there is an entry.
      const script = `[ -e gone ] || exec "$@"; (exec 3<gone) & exec 4>gone; wait; exec "$@" 2>&4`;
      const before = ['sh', '-c', script, '-'];
      at.untilHit(loud, { before });
      const pipe = join(at.home, 'project/gone');
      assert.equal(spawnSync('mkfifo', ['-m', '666', pipe]).status, 0);
      const start = at.start(loud, { before });
      assertHit(start);
      assert.deepEqual(start, { code: 0, stdout: 'the secret\n', stderr: '', hit: true });
    });

    test('more answers than an entry can hold are not kept, and the command runs', () => {
      const at = prepared(user);
      const names = Array.from({ length: 17 }, (_, i) => `part${i}`);
      // Each as long as a profile may be: together more than the launcher reads.
      for (const name of names)
        at.write(
          `.config/nono/profiles/${name}.json`,
          `{"meta":{"name":"${name}"},"extends":"default"${' '.repeat((1 << 20) - 100)}}`,
        );
      at.write(
        '.config/nono/profiles/all.json',
        JSON.stringify({ extends: names, meta: { name: 'all' }, workdir: { access: 'read' } }),
      );
      const start = at.start(['wrap', '-s', '--allow-cwd', '-p', 'all', '--', 'cat', 'secret']);
      assert.equal(start.stderr, '');
      assert.equal(start.stdout, 'the secret\n');
      assert.deepEqual(at.entries(), []);
    });

    test('a value that is not UTF-8, which Node passes on changed, lies on no disk', () => {
      const at = prepared(user);
      const before = ['sh', '-c', `export SOME_TOKEN=$(printf 'hunter\\377two'); exec "$@"`, '-'];
      const args = ['wrap', '-s', '--allow-cwd', '--env', 'SOME_TOKEN', '--', 'cat', 'secret'];
      for (let i = 0; i < 2; i++) assert.equal(at.start(args, { before }).code, 0);
      for (const file of at.entries()) assert.ok(!readFileSync(file, 'latin1').includes('hunter'));
    });

    test('a name that the environment has twice means what it means without the cache', () => {
      const at = prepared(user);
      at.profile('sets', { environment: { set_vars: { WHICH: 'second' } } });
      const twice = `import os, sys, ctypes
env = [f"{k}={v}".encode() for k, v in os.environ.items() if k != "WHICH"] + [b"WHICH=first", b"WHICH=second"]
words = [word.encode() for word in sys.argv[1:]]
strings = lambda list: (ctypes.c_char_p * (len(list) + 1))(*list, None)
ctypes.CDLL(None).execve(words[0], strings(words), strings(env))`;
      const before = ['python3', '-c', twice];
      const args = ['wrap', '-s', '--allow-cwd', '-p', 'sets', '--', 'printenv', 'WHICH'];
      for (let i = 0; i < 3; i++) assert.equal(at.start(args, { before }).stdout, 'second\n');
    });

    test('a session that has another XDG_STATE_HOME cannot write where starts without it look', () => {
      const at = prepared(user);
      at.untilHit(readSecret);
      const [entry = ''] = at.entries();
      const kept = readFileSync(entry);
      const script = `cat ${entry}; echo x >> ${entry}; echo x > ${at.cache}/y; rm ${entry}; mv ${at.cache} ${at.home}/gone`;
      for (const command of ['wrap', 'run'])
        for (const env of [
          { XDG_STATE_HOME: join(at.home, 'elsewhere') },
          // The home of another, but the settings, and so the trust, of this one.
          { HOME: join(at.home, 'project'), XDG_CONFIG_HOME: join(at.home, '.config') },
        ]) {
          const tried = at.start([command, '-s', '--allow', at.home, '--', 'sh', '-c', script], { env });
          assert.equal(tried.stdout, '', JSON.stringify(env));
          assert.notEqual(tried.code, 0);
        }
      assert.deepEqual(at.entries(), [entry]);
      assert.deepEqual(readFileSync(entry), kept);
      assertHit(at.start(readSecret));
    });

    test('where the state lies beside other settings than the default ones, nothing is kept', () => {
      const at = prepared(user);
      for (const name of ['XDG_STATE_HOME', 'XDG_CONFIG_HOME']) {
        const place = join(at.home, 'project/.there');
        const env = { [name]: place };
        for (let i = 0; i < 3; i++) assert.equal(at.start(readSecret, { env }).hit, false, name);
      }
      const own = { XDG_STATE_HOME: join(at.home, '.local/state'), XDG_CONFIG_HOME: join(at.home, '.config') };
      at.untilHit(readSecret, { env: own });
    });

    test('a working directory that is renamed while Node starts, and back, is a miss', () => {
      const at = prepared(user);
      const hook = readFileSync(at.hook, 'utf8');
      const [project, other] = [at.project, join(at.home, 'other')].map((path) => JSON.stringify(path));
      writeFileSync(at.hook, `${hook};require('node:fs').renameSync(${project}, ${other});process.chdir('.')`);
      const first = at.start(readSecret);
      writeFileSync(at.hook, hook);
      renameSync(join(at.home, 'other'), at.project);
      mkdirSync(join(at.home, 'other'));
      writeFileSync(join(at.home, 'other/secret'), 'another\n', { mode: 0o644 });
      assert.equal(first.stdout, 'the secret\n', first.stderr);
      assert.equal(at.start(readSecret).stdout, 'the secret\n');
    });

    test('a file below a directory of the installation is part of it', () => {
      const at = prepared(user);
      for (const below of ['profiles/groups', 'dist/completions']) {
        at.untilHit(readSecret);
        const file = join(at.installation, below, 'new');
        writeFileSync(file, '', { mode: 0o644 });
        at.untilHit(readSecret);
        const { atime, mtime } = statSync(file);
        utimesSync(file, atime, mtime);
        assert.ok(at.misses(readSecret), below);
      }
    });

    test('a FIFO, a device or a link to itself in the place of what was read ends no start early and holds none', () => {
      const at = prepared(user);
      const profile = at.profile('mine', {});
      const args = ['wrap', '-s', '--allow-cwd', '-p', 'mine', '--', 'cat', 'secret'];
      for (const make of [
        ['mkfifo', profile],
        ['ln', '-s', 'mine.json', profile],
        ['ln', '-s', '/dev/zero', profile],
      ]) {
        at.untilHit(args);
        renameSync(profile, `${profile}.away`);
        assert.equal(spawnSync(make[0] as string, make.slice(1)).status, 0);
        const start = at.start(args);
        assert.equal(start.hit, false);
        assert.equal(start.stdout, '');
        rmSync(profile);
        renameSync(`${profile}.away`, profile);
      }
    });

    test('flags behind the command are none, from the cache as without', () => {
      const at = prepared(user);
      const kept = ['wrap', '-s', '--allow-cwd', 'cat', 'secret'];
      assert.equal(at.untilHit(kept).stdout, 'the secret\n');
      const denied = at.hitAfter(kept, {}, [...kept, '--allow', at.home, `${at.home}/notes.txt`], {});
      assert.notEqual(denied.code, 0);
      assert.doesNotMatch(denied.stdout, /milk/);
      // Nor does a word there make another command of it.
      assert.equal(at.start(['wrap', '-s', '--allow-cwd', 'echo', '--', 'cat', 'secret']).stdout, '-- cat secret\n');
      assert.equal(at.untilHit(['wrap', '-s', '--allow-cwd', 'echo', '--', 'cat']).stdout, '-- cat\n');
      assert.equal(at.start(['wrap', '-s', '--allow-cwd', 'echo', '--', 'echo']).stdout, '-- echo\n');
    });

    test('a value that the profile sets is never that of the environment, though they were the same', () => {
      const at = prepared(user);
      at.profile('sets', { workdir: { access: 'read' }, environment: { set_vars: { EDITOR: 'vim', NEW: '$HOME/x' } } });
      const args = ['run', '-s', '-p', 'sets', '--allow-cwd', '--', 'printenv', 'EDITOR', 'NEW'];
      const told = `vim\n${at.home}/x\n`;
      const same = { env: { EDITOR: 'vim', NEW: `${at.home}/x` } };
      assert.equal(at.untilHit(args, same).stdout, told);
      assert.equal(at.hitAfter(args, same, args, { env: { EDITOR: 'other', NEW: 'other' } }).stdout, told);
    });
  });
