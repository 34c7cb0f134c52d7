/** Flags and profile keys of network and sockets against the real kernel: what a program can reach, and what servers outside have seen. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, users } from '../../helpers/users.ts';

/**
 * Outside, in a process of its own: says which ports it has, then one line for each connection, datagram and local connection. A line in its input is answered once all that had arrived
 * before has been told: what is ready together is read in one turn of its loop.
 */
const SERVER = `
import net from 'node:net'; import dgram from 'node:dgram'; import { chmodSync } from 'node:fs'; import { once } from 'node:events';
const say = (line) => process.stdout.write(line + '\\n');
const tcp = net.createServer((s) => { say('tcp'); s.end('hello\\n'); }).listen(0, '127.0.0.1');
const udp = dgram.createSocket('udp4', () => say('udp')); udp.bind(0, '127.0.0.1');
const local = net.createServer((s) => { say('unix'); s.end('hello\\n'); }).listen(process.argv[1]);
await Promise.all([tcp, udp, local].map((server) => once(server, 'listening')));
chmodSync(process.argv[1], 0o777);
say('ports ' + tcp.address().port + ' ' + udp.address().port);
process.stdin.on('data', () => setImmediate(() => say('told')));
`;

/** Inside: each argument is one attempt, each answer a word. */
const PROBE = `
import errno, socket, sys
def attempt(kind, where, port):
    v6 = ':' in where
    family = socket.AF_UNIX if kind == 'unix' else socket.AF_INET6 if v6 else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
    s.settimeout(5)
    if kind == 'unix': s.connect(where); return s.recv(9) and 'ok'
    if kind == 'tcp': s.connect((where, int(port))); return s.recv(9) and 'ok'
    if kind == 'udp': s.sendto(b'x', (where, int(port)))
    if kind == 'make': s.close(); socket.socket(socket.AF_UNIX).bind(where); return 'ok'
    if kind == 'abstract': s = socket.socket(socket.AF_UNIX); s.bind('\\0' + where); s.listen(); c = socket.socket(socket.AF_UNIX); c.connect('\\0' + where); return 'ok'
    if kind == 'bind': s.bind((where, int(port)))
    if kind == 'listen': s.bind((where, int(port))); s.listen()
    if kind == 'ping': socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    return 'ok'
for word in sys.argv[1:]:
    kind, where, port = (word.split(',') + ['', ''])[:3]
    try: print(word, attempt(kind, where, port))
    except OSError as e: print(word, errno.errorcode.get(e.errno, str(e)))
`;

const DENIED = /^(?:EACCES|EPERM)$/;

for (const user of users) {
  describe(`network and sockets by flag, as ${user.name}`, { timeout: 120_000 }, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const socket = join(home, 'outside.sock');
    const seen: string[] = [];
    let server: ChildProcessByStdio<Writable, Readable, null>;
    let told = (): void => {};
    let tcp = '';
    let udp = '';

    before(async () => {
      chmodSync(home, 0o755);
      writeFileSync(join(cwd, 'probe.py'), PROBE);
      chmodSync(join(cwd, 'probe.py'), 0o644);
      server = spawn(process.execPath, ['--input-type=module', '-e', SERVER, socket], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let pending = '';
      const ready = new Promise<void>((resolve) => {
        server.stdout.on('data', (bytes: Buffer) => {
          pending += bytes.toString();
          const lines = pending.split('\n');
          pending = lines.pop() ?? '';
          for (const line of lines) {
            const [word, first = '', second = ''] = line.split(' ');
            if (word === 'ports') {
              [tcp, udp] = [first, second];
              resolve();
            } else if (word === 'told') told();
            else seen.push(line);
          }
        });
      });
      await ready;
    });
    after(async () => {
      server.kill('SIGKILL');
      await once(server, 'exit');
    });

    /** Runs the probe under flags; what each attempt gave, and what the servers saw meanwhile. */
    async function probe(
      flags: readonly string[],
      attempts: readonly string[],
      command: 'run' | 'wrap' = 'run',
    ): Promise<{ answers: Record<string, string>; seen: string[]; done: Outcome }> {
      seen.length = 0;
      const done = nono(user, [command, ...flags, '--read', '.', '--', 'python3', 'probe.py', ...attempts], {
        cwd,
        home,
      });
      // What was sent before the command ended is read by the server in its own time.
      await new Promise<void>((resolve) => {
        told = resolve;
        server.stdin.write('?\n');
      });
      const answers = Object.fromEntries(
        done.stdout
          .trim()
          .split('\n')
          .map((line) => line.split(' ') as [string, string]),
      );
      assert.deepEqual(Object.keys(answers), [...attempts], done.stderr);
      return { answers, seen: seen.toSorted(), done };
    }

    function expect(answers: Record<string, string>, allowed: readonly string[]): void {
      for (const [attempt, answer] of Object.entries(answers)) {
        if (allowed.includes(attempt)) assert.equal(answer, 'ok', attempt);
        else assert.match(answer, DENIED, attempt);
      }
    }

    const everything = () => [
      `tcp,127.0.0.1,${tcp}`,
      `tcp,::ffff:127.0.0.1,${tcp}`,
      `tcp,0.0.0.0,${tcp}`,
      `udp,127.0.0.1,${udp}`,
      'listen,127.0.0.1,48123',
      'listen,0.0.0.0,48123',
      'bind,::,48123',
      'ping,x',
    ];

    test('open without a flag', async () => {
      const { seen: outside, answers } = await probe([], [`tcp,127.0.0.1,${tcp}`, `udp,127.0.0.1,${udp}`]);
      expect(answers, Object.keys(answers));
      assert.deepEqual(outside, ['tcp', 'udp']);
    });

    test('--block-net: nothing, and nothing arrives', async () => {
      const { seen: outside, answers } = await probe(['--block-net'], everything());
      expect(answers, []);
      assert.deepEqual(outside, []);
    });

    test('--open-port: loopback both ways, that port, TCP only', async () => {
      const { seen: outside, answers } = await probe(
        ['--block-net', '--open-port', tcp, '--open-port', '48123'],
        everything(),
      );
      expect(answers, [
        `tcp,127.0.0.1,${tcp}`,
        `tcp,::ffff:127.0.0.1,${tcp}`,
        `tcp,0.0.0.0,${tcp}`,
        'listen,127.0.0.1,48123',
      ]);
      assert.deepEqual(outside, ['tcp', 'tcp', 'tcp']);
    });

    test('--listen-port: listening at any address, connecting to nothing; under wrap too', async () => {
      for (const command of ['run', 'wrap'] as const) {
        const { seen: outside, answers } = await probe(
          ['--block-net', '--listen-port', '48123'],
          everything(),
          command,
        );
        expect(answers, ['listen,127.0.0.1,48123', 'listen,0.0.0.0,48123', 'bind,::,48123']);
        assert.deepEqual(outside, [], command);
      }
    });

    test('--allow-connect-port: that TCP port; --allow-connect udp://: that datagram', async () => {
      const port = await probe(['--block-net', '--allow-connect-port', tcp], everything());
      expect(port.answers, [`tcp,127.0.0.1,${tcp}`, `tcp,::ffff:127.0.0.1,${tcp}`, `tcp,0.0.0.0,${tcp}`]);
      const datagram = await probe(['--block-net', '--allow-connect', `udp://127.0.0.1:${udp}`], everything());
      expect(datagram.answers, [`udp,127.0.0.1,${udp}`]);
      assert.deepEqual(datagram.seen, ['udp']);
    });

    test('another address at the granted port is denied, and the footer names the flag for what was tried', async () => {
      const {
        done,
        answers,
        seen: outside,
      } = await probe(['--block-net', '--allow-connect', `127.0.0.2:${tcp}`], [`tcp,127.0.0.1,${tcp}`]);
      expect(answers, []);
      assert.deepEqual(outside, []);
      assert.equal(done.code, 0);
      const failed = nono(
        user,
        ['run', '--block-net', '--open-port', '1', '--', 'bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${tcp}`],
        { cwd, home },
      );
      assert.notEqual(failed.code, 0);
      assert.match(
        failed.stderr,
        new RegExp(`connect +tcp 127\\.0\\.0\\.1:${tcp} +--allow-connect 127\\.0\\.0\\.1:${tcp}\\n`),
      );
    });

    test('a metadata service is not within --allow-connect-port', async () => {
      const { answers } = await probe(['--block-net', '--allow-connect-port', '80'], ['tcp,169.254.169.254,80']);
      expect(answers, []);
    });

    test('a profile says the same', async () => {
      mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
      writeFileSync(
        join(home, '.config/nono/profiles/ports.jsonc'),
        `{ "network": { "block": true, "connect_port": [${tcp}], "allow_connect": ["udp://localhost:${udp}"] } }`,
      );
      const { seen: outside, answers } = await probe(['-p', 'ports'], everything());
      expect(answers, [
        `tcp,127.0.0.1,${tcp}`,
        `tcp,::ffff:127.0.0.1,${tcp}`,
        `tcp,0.0.0.0,${tcp}`,
        `udp,127.0.0.1,${udp}`,
      ]);
      assert.deepEqual(outside, ['tcp', 'tcp', 'tcp', 'udp']);
    });

    test('wrap refuses by name what the kernel alone cannot hold', () => {
      for (const [flag, value, says] of [
        ['--open-port', '1', /not addresses/],
        ['--allow-connect', 'udp://1.1.1.1:53', /not addresses/],
        ['--allow-connect-port', '443', /metadata/],
      ] as const) {
        const done = nono(user, ['wrap', '--block-net', flag, value, '--', 'echo', 'started'], { cwd, home });
        assert.equal(done.code, 1, flag);
        assert.equal(done.stdout, '');
        assert.match(done.stderr, says);
        assert.ok(done.stderr.includes(`${flag} ${value}`), done.stderr);
      }
    });

    test('a unix socket: denied although its directory is granted; opened by name; a link to it is the socket', async () => {
      const flags = ['--allow', home];
      const shut = await probe(flags, [`unix,${socket}`]);
      expect(shut.answers, []);
      assert.deepEqual(shut.seen, []);
      const open = await probe([...flags, '--allow-unix-socket', socket], [`unix,${socket}`]);
      expect(open.answers, [`unix,${socket}`]);
      assert.deepEqual(open.seen, ['unix']);
      const failed = nono(
        user,
        ['run', ...flags, '--', 'sh', '-c', `ln -sf ${socket} link; python3 probe.py unix,link; false`],
        { cwd, home },
      );
      assert.match(failed.stdout, /unix,link (?:EACCES|EPERM)/);
      assert.match(failed.stderr, new RegExp(`connect +${socket} +--allow-unix-socket ${socket}\\n`));
    });

    test('af_unix_mediation off: connecting is free, and making a socket is writing, as anywhere', async () => {
      mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
      writeFileSync(
        join(home, '.config/nono/profiles/free.jsonc'),
        '{ "linux": { "af_unix_mediation": "off" }, "groups": { "include": ["persistence_guard"] } }',
      );
      const made = ['mine.sock', 'flag.sock', 'no.sock'].map((name) => join(home, 'socks', name));
      mkdirSync(join(home, 'socks'));
      chmodSync(join(home, 'socks'), 0o777);
      const attempts = [`unix,${socket}`, ...made.map((path) => `make,${path}`), 'abstract,of-the-test'];
      // Patterns keep a writable tree off the floor, so that nobody but the supervisor could make a name there.
      const whole = await probe(['-p', 'free', '--allow', join(home, 'socks')], attempts);
      expect(whole.answers, attempts);
      assert.deepEqual(whole.seen, ['unix']);
      assert.ok(made.every((path) => statSync(path).isSocket()));
      for (const path of made) rmSync(path);
      const flags = ['-p', 'free', '--allow-unix-socket-bind', made[1] as string];
      const named = await probe(flags, attempts);
      expect(named.answers, [`unix,${socket}`, `make,${made[1]}`, 'abstract,of-the-test']);
    });
  });
}
