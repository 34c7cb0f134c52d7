/** `--config` with a capability manifest, held against the kernel. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, users } from '../../helpers/users.ts';

const system = ['/usr', '/bin', '/lib', '/lib64', '/etc/ld.so.cache'].map((path) => ({ path, access: 'read' }));

for (const user of users) {
  describe(`a manifest as ${user.name}`, { timeout: 120_000 }, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const run = (args: readonly string[], env: Record<string, string> = {}): Outcome =>
      nono(user, args, { cwd, home, env });
    const file = join(home, 'm.json');
    const write = (filesystem: object, more: object = {}): void =>
      writeFileSync(file, JSON.stringify({ version: '0.1.0', filesystem, ...more }));
    mkdirSync(join(cwd, 'ro'), { recursive: true });
    writeFileSync(join(cwd, 'ro', 'f'), 'read\n');
    writeFileSync(join(cwd, 'secret'), 'secret\n');

    for (const command of ['run', 'wrap'])
      test(`${command}: what it grants, less what it denies, and nothing of default`, () => {
        write({
          grants: [...system, { path: '$WORKDIR', access: 'readwrite' }, { path: '~', access: 'read' }],
          deny: [{ path: 'ro', access: 'write' }, { path: 'secret' }],
        });
        const script = `cat ro/f; echo x >new && cat new; (echo x >ro/f); cat secret; cat ~/.ssh/id_ed25519;
          cat /etc/passwd; (echo '{}' >~/m.json); cat ro/f`;
        const done = run([command, '-c', file, '--', 'sh', '-c', script]);
        assert.equal(done.stdout, 'read\nx\nread\n');
        assert.equal(done.stderr.match(/Permission denied/g)?.length, 5, done.stderr);
        assert.match(done.stderr, /manifest m\.json/);
      });

    test('the start that is kept does not outlive a change of the manifest', () => {
      const cat = ['run', '-s', '-c', file, '--', 'cat', 'secret'];
      write({ grants: [...system, { path: '.', access: 'read' }] });
      assert.equal(run(cat).stdout, 'secret\n');
      assert.equal(run(cat).stdout, 'secret\n');
      write({ grants: [...system, { path: '.', access: 'read' }], deny: [{ path: 'secret' }] });
      const after = run(cat);
      assert.equal(after.stdout, '');
      assert.equal(after.code, 1);
    });

    test('an exported profile runs as the profile does', () => {
      const shown = run(['profile', 'show', 'node-dev', '--format', 'manifest']);
      assert.equal(shown.code, 0, shown.stderr);
      writeFileSync(file, shown.stdout);
      const script = `cat ro/f; cat /etc/passwd >/dev/null && echo etc; cat ~/.ssh/id_ed25519 || echo closed;
        mkdir -p .git/hooks; echo x >.git/hooks/pre-commit || echo guarded`;
      const line = ['--', 'sh', '-c', script];
      const profile = run(['run', '-s', '-p', 'node-dev', '--allow-cwd', ...line]);
      const manifest = run(['run', '-s', '-c', file, ...line]);
      assert.equal(manifest.stdout, profile.stdout);
      assert.equal(manifest.stdout, 'read\netc\nclosed\nguarded\n');
    });

    test('ports of a blocked network, and its limits', () => {
      write(
        { grants: [...system, { path: '/etc', access: 'read' }] },
        {
          network: { mode: 'blocked', ports: { localhost: [34567] } },
          process: { exec_strategy: 'supervised' },
          resources: { max_file_bytes: 4096 },
        },
      );
      const script = `import socket, resource
def bind(port):
    try: socket.socket().bind(('127.0.0.1', port)); return 'bound'
    except PermissionError: return 'denied'
print(bind(34567), bind(34568), resource.getrlimit(resource.RLIMIT_FSIZE)[0])`;
      const done = run(['run', '-s', '-c', file, '--', 'python3', '-c', script]);
      assert.equal(done.stdout, 'bound denied 4096\n', done.stderr);
    });

    test('no flag, variable or profile goes beside it', () => {
      write({ grants: system });
      for (const flags of [
        ['--allow', '.'],
        ['--deny', 'x'],
        ['--allow-cwd'],
        ['-p', 'node-dev'],
        ['--extends', 'node-dev'],
        ['--block-net'],
        ['--allow-net'],
        ['--open-port', '1'],
        ['--allow-unix-socket', '/x'],
        ['--memory', '1G'],
        ['--env', 'X'],
        ['--allow-command', 'rm'],
        ['--override-deny', '~/.ssh'],
      ]) {
        const done = run(['run', '-c', file, ...flags, '--', 'true']);
        assert.equal(done.code, 2, flags.join(' '));
        assert.match(done.stderr, /^nono: --config with a manifest goes without --/m);
      }
      for (const variable of ['NONO_ALLOW', 'NONO_PROFILE', 'NONO_BLOCK_NET', 'NONO_ALLOW_NET']) {
        const done = run(['run', '-c', file, '--', 'true'], { [variable]: variable === 'NONO_ALLOW' ? '/x' : 'yes' });
        assert.equal(done.code, 2, variable);
        assert.ok(done.stderr.includes(`${variable} is set`), done.stderr);
      }
      assert.equal(run(['run', '-s', '-c', file, '--workdir', home, '--', 'true']).code, 0);
    });

    test('why, of the manifest; a config.toml is still one', () => {
      write({ grants: [{ path: '.', access: 'read' }], deny: [{ path: 'secret' }] });
      const why = (path: string, op: string) =>
        JSON.parse(run(['why', '-c', file, '--json', '--path', path, '--op', op]).stdout);
      assert.equal(why('ro/f', 'read').status, 'allowed');
      assert.equal(why('ro/f', 'write').status, 'denied');
      const denied = why('secret', 'read');
      assert.equal(denied.reason, 'filesystem_deny');
      assert.match(JSON.stringify(denied), /m\.json:1:\d+/);
      assert.equal(Object.hasOwn(denied, 'suggested_flag'), false);
      const toml = join(home, 'other.toml');
      writeFileSync(toml, '[ui]\ntheme = "latte"\n');
      assert.equal(run(['run', '-s', '-c', toml, '--allow', '.', '--', 'cat', 'ro/f']).stdout, 'read\n');
      writeFileSync(toml, '[ui]\ntheme = 7\n');
      assert.equal(run(['run', '-s', '-c', toml, '--allow', '.', '--', 'true']).code, 2);
    });
  });
}
