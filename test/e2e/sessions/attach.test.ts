/** Detaching a shell and attaching it again, in real terminals; who may, and what becomes of the terminal when either side is killed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { afterPrefix, approve, enter, leaveList, openShell, runLine } from '../shell/shell-helpers.ts';

test('the root half', { skip: rootSkip }, () => {});
afterEach(closeTerminals);

function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

const hosts: number[] = [];
after(() => {
  for (const pid of hosts) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by the test.
    }
  }
});

interface Listed {
  readonly session_id: string;
  readonly status: string;
  readonly attachment: string;
  readonly attachable: boolean;
  readonly host_pid: number;
  readonly exit_code: number | null;
}

async function listed(user: TestUser, home: string, wanted: (one: Listed) => boolean = () => true): Promise<Listed> {
  for (let i = 0; i < 60; i++) {
    const all = JSON.parse(nono(user, ['ps', '--json', '--all'], { cwd: home, home }).stdout) as Listed[];
    const found = all.find(wanted);
    if (found !== undefined) {
      if (!hosts.includes(found.host_pid)) hosts.push(found.host_pid);
      return found;
    }
    await pause(100);
  }
  throw new Error('it never happened: there is such a session');
}

function attachTerminal(user: TestUser, home: string, id: string): TestTerminal {
  const program = join(installationFor(user), 'bin', 'nono');
  return new TestTerminal({
    argv: [...user.prefix, program, 'attach', id],
    cwd: home,
    env: environment(home),
    cols: 100,
    rows: 30,
  });
}

/** A shell that has been left; its first terminal was given back. */
async function detached(user: TestUser, home: string, before: string): Promise<Listed> {
  const t = await openShell({ user, home });
  await listed(user, home, (one) => one.attachable && one.attachment === 'attached');
  await runLine(t, before, 'READY');
  await afterPrefix(t, 'D');
  assert.equal((await t.untilEnd()).code, 0);
  assert.equal(t.inAlternateScreen, false);
  assert.match(await t.text(), /detached: nono attach \d{8}-\d{6}-\d+/);
  return listed(user, home, (one) => one.attachment === 'detached' && one.status === 'running');
}

for (const user of users) {
  describe(`as ${user.name}`, { timeout: 120_000 }, () => {
    test('the session outlives its terminal, and the next one shows its screen, in its own size', async () => {
      const home = makeHome(user);
      const session = await detached(user, home, 'cd /; marked=kept; echo on-the-screen');
      const t = attachTerminal(user, home, session.session_id);
      await t.until('on-the-screen');
      assert.equal(t.inAlternateScreen, true);
      await runLine(t, 'clear; echo $marked in $PWD; stty size', 'SIZE');
      assert.match(await t.text(), /kept in \//);
      assert.match(await t.text(), /^\d+ \d+/m);
      // Held calls wait for the one who is there now.
      enter(t, 'cat ~/notes.txt');
      await t.until('held');
      await approve(t, 'remember the milk', 'a');
      await leaveList(t);
      enter(t, 'exit 7');
      assert.equal((await t.untilEnd()).code, 7);
      assert.equal(t.inAlternateScreen, false);
      assert.equal((await listed(user, home, (one) => one.status === 'exited')).exit_code, 7);
      assert.equal(
        readdirSync(join(home, '.local/state/nono/sessions')).some((name) => name.endsWith('.sock')),
        false,
      );
    });

    test('while nobody is there nothing waits: it is denied and listed, and asking begins again with the next terminal', async () => {
      const home = makeHome(user);
      const t0 = await openShell({ user, home });
      await listed(user, home, (one) => one.attachable && one.attachment === 'attached');
      // One call waits when the terminal goes, one comes later.
      enter(t0, '(cat ~/notes.txt; echo first-over; sleep 1; cat ~/notes.txt; echo second-over) &');
      await t0.until('1 held');
      await afterPrefix(t0, 'D');
      assert.equal((await t0.untilEnd()).code, 0);
      const session = await listed(user, home, (one) => one.attachment === 'detached' && one.status === 'running');
      const events = (): string => nono(user, ['logs', session.session_id], { cwd: home, home }).stdout;
      for (let i = 0; i < 100 && !/refused[\s\S]*denied +read \S+notes\.txt/.test(events()); i++) await pause(100);
      assert.match(events(), /refused[\s\S]*denied +read \S+notes\.txt/);
      const t = attachTerminal(user, home, session.session_id);
      const screen = await t.until('second-over');
      assert.match(screen, /first-over/);
      assert.match(screen, /denied +read +~\/notes\.txt/);
      assert.doesNotMatch(screen, /remember the milk/);
      // Keys typed before anything was seen approve nothing.
      enter(t, 'cat ~/notes.txt');
      t.write(`${key.prefix}da`);
      await t.until('HELD');
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await leaveList(t);
      await approve(t, 'remember the milk', 'a');
      assert.equal(nono(user, ['stop', session.session_id], { cwd: home, home }).code, 0);
      assert.equal((await t.untilEnd()).code, 143);
      assert.match(await t.text(), /│ .*remember the milk[\s\S]*\[nono\] the session was ended by SIGTERM/);
    });

    test('one terminal at a time; detach by command; a closed terminal only detaches', async () => {
      const home = makeHome(user);
      const { session_id: id, host_pid } = await detached(user, home, 'echo first');
      const one = attachTerminal(user, home, id);
      await one.until('first');
      await listed(user, home, (s) => s.attachment === 'attached');
      const second = nono(user, ['attach', id], { cwd: home, home });
      assert.equal(second.code, 1);
      const other = attachTerminal(user, home, id);
      assert.equal((await other.untilEnd()).code, 1);
      assert.match(await other.text(), /has a terminal/);
      assert.equal(nono(user, ['detach', id], { cwd: home, home }).stdout, `detached ${id}\n`);
      assert.equal((await one.untilEnd()).code, 0);
      assert.equal(one.inAlternateScreen, false);

      const third = attachTerminal(user, home, id);
      await third.until('first');
      await listed(user, home, (s) => s.attachment === 'attached');
      third.kill('SIGHUP');
      await third.untilEnd();
      await listed(user, home, (s) => s.attachment === 'detached' && s.status === 'running');
      process.kill(host_pid, 0);
    });

    test('kill -9 of the host, the pump or the relay: the terminal is given back', async () => {
      const home = makeHome(user);
      const { session_id: id, host_pid } = await detached(user, home, 'echo first');
      const inner = (pid: number): number =>
        Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
      const attached = async (): Promise<TestTerminal> => {
        const t = attachTerminal(user, home, id);
        await t.until('first');
        await listed(user, home, (s) => s.attachment === 'attached');
        return t;
      };
      const pump = await attached();
      process.kill(inner(pump.pid), 'SIGKILL');
      assert.equal((await pump.untilEnd()).code, 137);
      assert.equal(pump.inAlternateScreen, false);
      await listed(user, home, (s) => s.attachment === 'detached');

      // Under a shell, as in life: a terminal whose session leader dies is hung up, and there is nothing to give back.
      const program = join(installationFor(user), 'bin', 'nono');
      const relay = new TestTerminal({
        argv: [...user.prefix, 'bash', '--norc', '--noprofile'],
        cwd: home,
        env: environment(home, { PS1: 'outer> ' }),
      });
      await relay.until('outer>');
      enter(relay, `${program} attach ${id}`);
      await relay.until('first');
      await listed(user, home, (s) => s.attachment === 'attached');
      assert.equal(relay.inAlternateScreen, true);
      const killed = inner(relay.pid);
      const restores = inner(killed);
      process.kill(killed, 'SIGKILL');
      // It gives the terminal back, and throws away what is typed meanwhile. The shell's prompt may come before that: a person presses Enter.
      while (runs(restores)) await pause(20);
      await relay.until(() => !relay.inAlternateScreen);
      enter(relay, '');
      await relay.until(/outer>\s*$/);
      await runLine(relay, 'stty -a | grep -c " echo "; stty -a | grep -o " icanon"', 'STTY');
      assert.match(await relay.text(), / icanon/);
      await listed(user, home, (s) => s.attachment === 'detached');

      const last = await attached();
      process.kill(host_pid, 'SIGKILL');
      assert.equal((await last.untilEnd()).code, 1);
      assert.equal(last.inAlternateScreen, false);
    });

    test('nothing inside reaches the socket, whatever is granted', async () => {
      const home = makeHome(user);
      const { session_id: id } = await detached(user, home, 'echo first');
      const socket = join(home, '.local/state/nono/sessions', `${id}.sock`);
      assert.equal(statSync(socket).mode & 0o777, 0o600);
      const script = `
import socket, os
for path in ['${socket}', '/proc/' + '${(await listed(user, home)).host_pid}' + '/root${socket}']:
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(path); print('REACHED', path)
    except OSError as e:
        print('refused', e.errno)`;
      for (const flags of [
        ['--allow', home],
        ['--allow', '/'],
        ['--allow-cwd', '--allow-unix-socket-subtree', home],
      ]) {
        const done = nono(user, ['run', '-s', ...flags, '--', 'python3', '-c', script], { cwd: home, home });
        assert.doesNotMatch(done.stdout, /REACHED/, flags.join(' '));
        assert.match(done.stdout, /^refused \d+\nrefused \d+$/m, done.stderr);
      }
      const outside = nono(user, ['detach', id], { cwd: home, home });
      assert.match(outside.stderr, /detached already/);
    });

    test('what is confined without mediation of sockets connects, and is not listened to', async () => {
      const home = makeHome(user);
      const { session_id: id } = await detached(user, home, 'echo first');
      const socket = join(home, '.local/state/nono/sessions', `${id}.sock`);
      const profile = join(home, 'free.json');
      writeFileSync(profile, JSON.stringify({ meta: { name: 'free' }, linux: { af_unix_mediation: 'off' } }));
      chmodSync(profile, 0o644);
      // A hello of ours, and that of a process that is dead by the time it is looked at.
      const script = `
import socket, os
def ask(dead):
    mine, its = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        mine.close()
        s = socket.socket(socket.AF_UNIX)
        s.connect('${socket}')
        socket.send_fds(its, [b'x'], [s.fileno()])
        if not dead: its.recv(1)
        os._exit(0)
    its.close()
    _, fds, _, _ = socket.recv_fds(mine, 1, 1)
    if dead: os.waitpid(pid, 0)
    s = socket.socket(fileno=fds[0])
    s.settimeout(10)
    try:
        s.sendall(b'h' + (5).to_bytes(4, 'little') + b'a' + b'\\x50\\0\\x18\\0')
        return s.recv(100)
    except ConnectionError:
        return b''
print('CONNECTED', ask(False), ask(True))`;
      for (const words of [
        ['wrap', '-s', '--allow-cwd', '--'],
        ['run', '-s', '--allow-cwd', '--profile', profile, '--'],
      ]) {
        const done = nono(user, [...words, 'python3', '-c', script], { cwd: home, home });
        assert.equal(done.stdout, "CONNECTED b'' b''\n", `${words[0]}: ${done.stderr}`);
      }
      // With rules on the network the supervisor connects in its place, which is confined by nothing.
      const ruled = ['run', '-s', '--allow-cwd', '--profile', profile, '--block-net', '--allow-connect', '192.0.2.1:9'];
      const closed = nono(user, [...ruled, '--', 'python3', '-c', script], { cwd: home, home });
      assert.match(closed.stderr, /PermissionError/);
      assert.doesNotMatch(closed.stdout, /CONNECTED/);
      // A session of another home knows nothing of this one's state.
      const other = makeHome(user);
      const done = nono(user, [...ruled, '--', 'python3', '-c', script], { cwd: home, home: other });
      assert.equal(done.stdout, "CONNECTED b'' b''\n", done.stderr);
      assert.match(nono(user, ['detach', id], { cwd: home, home }).stderr, /detached already/);
    });
  });
}

const [root, ordinary] = users;
test('another user is refused, even where the file modes let them in', {
  skip: rootSkip,
  timeout: 60_000,
}, async () => {
  assert.ok(root !== undefined && ordinary !== undefined);
  for (const [owner, other] of [
    [ordinary, root],
    [root, ordinary],
  ] as const) {
    const home = makeHome(owner);
    const { session_id: id } = await detached(owner, home, 'echo first');
    const sessions = join(home, '.local/state/nono/sessions');
    for (const open of [
      home,
      join(home, '.local'),
      join(home, '.local/state'),
      join(home, '.local/state/nono'),
      sessions,
    ])
      chmodSync(open, 0o777);
    for (const name of readdirSync(sessions)) chmodSync(join(sessions, name), 0o666);
    const t = attachTerminal(other, home, id);
    assert.equal((await t.untilEnd()).code, 1);
    assert.match(t.raw, /is not used: .* belongs to user/);
    // Nor by the pump, which asks the kernel whose the host is.
    const build = join(installationFor(other), 'native/build');
    const relay = join(build, 'nono-relay');
    const pump = new TestTerminal({
      argv: [...other.prefix, relay, '--', join(build, 'nono-attach'), join(sessions, `${id}.sock`), relay],
      cwd: home,
      env: environment(home),
    });
    assert.equal((await pump.untilEnd()).code, 1);
    assert.match(pump.raw, /another user's/);
    assert.notEqual(nono(other, ['detach', id], { cwd: home, home }).code, 0);
    // Without our own client: the host asks the kernel, and reads nothing of another user's.
    const script = `
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('${join(sessions, `${id}.sock`)}')
try:
    s.sendall(b'h' + (5).to_bytes(4, 'little') + b'a' + (80).to_bytes(2, 'little') + (24).to_bytes(2, 'little'))
    print('got', s.recv(100))
except OSError as e:
    print('got', b'')`;
    const [python = '', ...rest] = [...other.prefix, 'python3', '-c', script];
    const direct = spawnSync(python, rest, { encoding: 'utf8', timeout: 20_000, env: environment(home) });
    assert.equal(direct.stdout, "got b''\n", direct.stderr);
    assert.equal((await listed(owner, home, (s) => s.session_id === id)).status, 'running');
  }
});
