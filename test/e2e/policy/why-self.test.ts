/** `nono why --self`: the session's own policy, asked of its supervisor; nothing that a program inside can write, set or replace changes the answer. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { closeTerminals } from '../../helpers/terminal.ts';
import { installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';
import { approve, enter, leaveList, openShell, runLine } from '../shell/shell-helpers.ts';

afterEach(closeTerminals);

const FORGED = JSON.stringify({
  fs: [{ original: '/', path: '/', access: 'ReadWrite', is_file: false }],
  net_blocked: false,
});

function inside(user: TestUser, home: string, script: string, flags: readonly string[] = []): Outcome {
  const program = join(installationFor(user), 'bin', 'nono');
  return nono(user, ['run', '-s', '--allow', '.', ...flags, '--', 'bash', '-c', script, program], {
    cwd: join(home, 'project'),
    home,
  });
}

const asked = (done: Outcome): Record<string, unknown> => {
  assert.equal(done.stderr, '');
  return JSON.parse(done.stdout);
};

for (const user of users) {
  describe(`why --self as ${user.name}`, { timeout: 120_000 }, () => {
    const home = makeHome(user);

    test('answers for the flags of the session, not for those that its own start would have', () => {
      const granted = asked(inside(user, home, '$0 why --self --json --path "$HOME/project/new" --op write'));
      assert.equal(granted['status'], 'allowed');
      assert.equal(granted['granted_path'], join(home, 'project'));
      assert.equal(granted['source'], 'user');
      const denied = asked(inside(user, home, '$0 why --self --json --path ~/notes.txt'));
      assert.equal(denied['status'], 'denied');
      assert.equal(denied['reason'], 'path_not_granted');
      const opened = asked(
        inside(user, home, '$0 why --self --json --path ~/notes.txt', ['--read-file', join(home, 'notes.txt')]),
      );
      assert.equal(opened['status'], 'allowed');
      const secret = asked(inside(user, home, '$0 why --self --json --path ~/.ssh/id_ed25519', ['--allow', home]));
      assert.equal(secret['reason'], 'sensitive_path');
    });

    test('the network as the session has it: addresses, ranges, ports', () => {
      const flags = ['--block-net', '--allow-connect', '192.0.2.0/24:443'];
      const question = (words: string): Record<string, unknown> =>
        asked(inside(user, home, `$0 why --self --json ${words}`, flags));
      assert.equal(question('--host 192.0.2.7')['status'], 'allowed');
      assert.equal(question('--host 192.0.2.7 --port 80')['reason'], 'network_blocked');
      assert.equal(question('--host 198.51.100.1')['reason'], 'network_blocked');
      assert.equal(asked(inside(user, home, '$0 why --self --json --host 192.0.2.7'))['status'], 'allowed');
    });

    test('forged state is not looked at: variables, files, a file at the name, a descriptor', () => {
      writeFileSync(join(home, 'project/cap.json'), FORGED);
      const question = '$0 why --self --json --path ~/notes.txt';
      for (const script of [
        `NONO_CAP_FILE=$PWD/cap.json ${question}`,
        `NONO_ALLOW=/ NONO_PROFILE=default ${question}`,
        `export TMPDIR=$PWD; cp cap.json .nono-$$.json; cp cap.json .nono-1.json; ${question}`,
        `XDG_STATE_HOME=$PWD XDG_RUNTIME_DIR=$PWD XDG_CONFIG_HOME=$PWD ${question}`,
        `exec 3<cap.json 4<cap.json 5<cap.json; ${question}`,
        `mkdir -p /proc/nono && cp cap.json /proc/nono/session; ln -s $PWD/cap.json /proc/nono; ${question}`,
        `unshare -Urm sh -c 'mount -t tmpfs none /proc; mkdir /proc/nono; cp cap.json /proc/nono/session'; ${question}`,
      ]) {
        const done = inside(user, home, script);
        assert.equal(JSON.parse(done.stdout)['status'], 'denied', `${script}\n${done.stdout}${done.stderr}`);
      }
    });

    test('the record can be read by all inside and changed by nobody', () => {
      const script = `
import fcntl, os, ctypes
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.syscall(257 if os.uname().machine == 'x86_64' else 56, -100, b'/proc/nono/session', 0, 0)
print(os.read(fd, 8), hex(fcntl.fcntl(fd, 1034)))
def refused(what, f):
    try: f(); print(what, 'DONE')
    except OSError: print(what, 'refused')
refused('write', lambda: os.write(fd, b'x'))
refused('truncate', lambda: os.ftruncate(fd, 0))
refused('reopen', lambda: os.write(os.open('/proc/self/fd/%d' % fd, os.O_RDWR), b'x'))
refused('open for writing', lambda: os.open('/proc/nono/session', os.O_RDWR))
`;
      const done = inside(user, home, `env -u LD_PRELOAD python3 -c "${script}"`);
      assert.match(done.stdout, /^b'NONOSELF' 0xf\n/, done.stderr);
      assert.doesNotMatch(done.stdout, /DONE/);
      assert.equal(done.stdout.match(/refused/g)?.length, 4);
    });

    test('outside: not sandboxed, whatever a variable says', () => {
      const options = { cwd: join(home, 'project'), home, env: { NONO_CAP_FILE: join(home, 'project/cap.json') } };
      const json = nono(user, ['why', '--self', '--path', '/x', '--json'], options);
      assert.equal(json.code, 0);
      assert.equal(JSON.parse(json.stdout)['status'], 'not_sandboxed');
      assert.match(
        nono(user, ['why', '--self', '--path', '/x'], options).stdout,
        /^NOT SANDBOXED\n {2}This process does not run inside/,
      );
    });

    test('a wrapped command has nobody to ask: unknown, never "not sandboxed"', () => {
      const program = join(installationFor(user), 'bin', 'nono');
      const options = { cwd: join(home, 'project'), home };
      const line = [program, 'why', '--self', '--path', '/x', '--json'];
      const done = nono(user, ['wrap', '-s', '--allow', '.', '--', ...line], options);
      assert.equal(JSON.parse(done.stdout)['status'], 'unknown', done.stderr);
      const code = nono(user, ['wrap', '-s', '--allow', '.', '--', ...line, '--exit-code'], options);
      assert.equal(code.code, 3);
    });

    test('a command wrapped inside a session is told that less may hold', () => {
      const found = asked(inside(user, home, '$0 wrap -s --read . -- $0 why --self --json --path x'));
      assert.match(String(found['narrowed']), /restricted itself further/);
      assert.equal(Object.hasOwn(asked(inside(user, home, '$0 why --self --json --path x')), 'narrowed'), false);
    });

    test('flags of a policy and --self are two questions', () => {
      const done = inside(user, home, '$0 why --self --path x --allow /');
      assert.equal(done.code, 2);
      assert.match(done.stderr, /^nono: --self asks about the session as it is: it goes without --allow/);
    });
  });

  test(`${user.name}: what was approved in the session counts, and no longer when it was taken back`, {
    timeout: 120_000,
  }, async () => {
    const home = makeHome(user);
    mkdirSync(join(home, 'project'), { recursive: true });
    const program = join(installationFor(user), 'bin', 'nono');
    const t = await openShell({ user, home });
    const question = `clear; ${program} why --self --path ~/notes.txt | head -1`;
    await runLine(t, question, 'FIRST');
    assert.match(await t.text(), /DENIED/);
    enter(t, 'clear; cat ~/notes.txt');
    await t.until('held');
    await approve(t, 'remember the milk', 's');
    await leaveList(t);
    await runLine(t, question, 'SECOND');
    assert.match(await t.text(), /ALLOWED/);
    await approve(t, 'taken back', 'z');
    await leaveList(t);
    await runLine(t, question, 'THIRD');
    assert.match(await t.text(), /DENIED/);
    enter(t, 'exit 0');
    assert.equal((await t.untilEnd()).code, 0);
  });
}
