/** Flags of the original that are small here: each does what it says, or says that it does nothing. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, users } from '../../helpers/users.ts';

for (const user of users) {
  describe(`flags as ${user.name}`, { timeout: 120_000 }, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const run = (args: readonly string[], env: Record<string, string> = {}): Outcome =>
      nono(user, args, { cwd, home, env });

    test('--diagnostics-json: one line on standard error, also with -s and after a success', () => {
      const line = ['run', '-s', '--allow', '.', '--block-net', '--diagnostics-json', '--'];
      const failed = run([...line, 'cat', join(home, 'notes.txt'), join(home, '.ssh/id_ed25519')]);
      const text = failed.stderr.split('\n').find((one) => one.startsWith('{')) ?? '';
      const found = JSON.parse(text);
      assert.equal(found.exit_code, 1);
      assert.deepEqual(Object.keys(found), ['exit_code', 'denials', 'ipc_denials', 'violations', 'diagnostics']);
      const [notes, key] = found.denials;
      assert.equal(notes.path, join(home, 'notes.txt'));
      assert.equal(notes.suggested_flag, `--read-file ${join(home, 'notes.txt')}`);
      assert.equal(key.reason, 'denied-by-rule');
      assert.equal(key.policy_source, 'group:deny_credentials');
      assert.equal(Object.hasOwn(key, 'suggested_flag'), false);
      assert.doesNotMatch(failed.stderr, /\[nono\]/);
      const fine = run([...line, 'true']);
      assert.deepEqual(JSON.parse(fine.stderr), {
        exit_code: 0,
        denials: [],
        ipc_denials: [],
        violations: [],
        diagnostics: [],
      });
    });

    test('--startup-timeout: a start that is too slow ends with one line and leaves nothing running', () => {
      const late = run(['run', '-s', '--allow', '.', '--startup-timeout', '0.000001', '--', 'touch', 'made']);
      assert.equal(late.code, 126);
      assert.match(late.stderr, /^nono: the command was not started within 0\.000001 s\n$/);
      const fine = run(['run', '-s', '--allow', '.', '--', 'sh', '-c', 'sleep 0.3; echo through'], {
        NONO_STARTUP_TIMEOUT: '10',
      });
      assert.equal(fine.stdout, 'through\n');
      for (const bad of ['0', '-1', 'soon', '1e3', '99999999']) {
        const { code, stderr } = run(['run', '-s', '--startup-timeout', bad, 'true']);
        assert.equal(code, 2, bad);
        assert.match(stderr, /is not a number of seconds \(more than 0, at most 86400\)$|needs a SECONDS/m);
      }
    });

    test('--extends: beneath the profile in use', () => {
      const why = (...flags: string[]): string =>
        JSON.parse(run(['why', '--json', '--path', '~/go/x', ...flags]).stdout).status;
      mkdirSync(join(home, 'go'), { recursive: true });
      assert.equal(why(), 'denied');
      assert.equal(why('--extends', 'go-dev'), 'allowed');
      assert.match(
        run(['run', '-s', '--extends', 'go-dve', 'true']).stderr,
        /no profile 'go-dve' \(did you mean 'go-dev'\?\)/,
      );
      // It adds beneath: what the profile denies stays denied.
      const profile = join(home, 'project/strict.json');
      writeFileSync(profile, '{ "extends": "default", "filesystem": { "deny": ["~/go"] } }');
      assert.equal(why('--extends', 'go-dev', '-p', profile), 'denied');
    });

    test('-c: another config.toml, which must exist', () => {
      const file = join(home, 'other.toml');
      writeFileSync(file, '[ui]\ntheme = "mocha"\n');
      assert.ok(run(['why', '--path', '/x', '--color=always', '-c', file]).stdout.includes('\x1b[38;2;243;139;168m'));
      const missing = run(['run', '-s', '--config', join(home, 'none.toml'), 'true']);
      assert.equal(missing.code, 2);
      assert.match(missing.stderr, /there is no file \S+none\.toml \(check the path after --config\)\n$/);
    });

    test('--sandbox-policy: what enforces is ours', () => {
      for (const policy of ['auto', 'landlock'])
        assert.equal(run(['run', '-s', '--allow', '.', '--sandbox-policy', policy, '--', 'echo', 'x']).stdout, 'x\n');
      const external = run(['run', '-s', '--sandbox-policy', 'external', '--', 'echo', 'x']);
      assert.equal(external.code, 1);
      assert.equal(external.stdout, '');
      assert.equal(run(['wrap', '-s', '--sandbox-policy', 'none', 'true']).code, 2);
    });

    test('what means nothing here is taken, and the one that promises something says so', () => {
      const taken = run([
        'run',
        '--allow',
        '.',
        '--skip-dir',
        'node_modules',
        '--allow-launch-services',
        '--',
        'echo',
        'x',
      ]);
      assert.equal(taken.stdout, 'x\n');
      assert.match(taken.stderr, /--allow-launch-services has no effect here: it is for macOS/);
    });

    test('--capability-elevation under run asks nothing, says so, and grants nothing', () => {
      const done = run(['run', '--allow', '.', '--capability-elevation', '--', 'cat', join(home, 'notes.txt')]);
      assert.equal(done.code, 1);
      assert.equal(done.stdout, '');
      assert.match(done.stderr, /--capability-elevation: `run` asks nothing/);
    });

    test('what needs a mechanism that is not here is refused by name', () => {
      for (const flag of ['--rollback', '--no-audit']) {
        const done = run(['run', flag, 'true']);
        assert.equal(done.code, 2, flag);
        assert.equal(done.stdout, '');
      }
    });
  });
}
