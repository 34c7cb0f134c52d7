import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../helpers/users.ts';
import { actor, makeWorld, type PlanText, plan, Session, text } from './session.ts';
import { answers, calls, closedAfterwards, datagramListener, streamListener, UNIX_FLAGS } from './sockets.ts';

const RACE_MS = Number(process.env['NONO_RACE_MS'] ?? 1000);
const SIGUSR1 = 10;
const address = (path: string): string => `s:%01%00${text(path).slice(2)}`;
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const keep = closedAfterwards();
    /** Everything in `work` may be read and written, and it is on the floor; `brokered` is granted and off the floor. */
    const make = (): { world: ReturnType<typeof makeWorld>; granted: PlanText; work: string; brokered: string } => {
      const world = makeWorld(user);
      const brokered = join(world.outside, 'brokered');
      world.write('outside/brokered/x', '');
      return {
        world,
        work: world.work,
        brokered,
        granted: {
          flags: UNIX_FLAGS,
          floor: [world.work],
          readFloor: ['/etc', '/proc'],
          rules: [{ verdict: 'allow', path: brokered }],
        },
      };
    };

    test('a socket that a process outside made is refused in a tree that may be written, unless granted', async () => {
      const { granted, work, world } = make();
      const path = join(work, 'outside.sock');
      const l = keep(await streamListener({ path }));
      const datagram = join(work, 'outside.dgram');
      const d = keep(await datagramListener(datagram));
      symlinkSync(path, join(work, 'link'));
      const commands = [
        `connect u s ${path}`,
        `late u s ${path}`,
        `connect u s ${join(work, 'link')}`,
        `connect u q ${path}`,
        `cd ${work}`,
        'connect u s outside.sock',
        `thread connect u s ${path}`,
        `connect u d ${datagram}`,
        `sendto u d ${datagram}`,
        `sendmsg u d ${datagram}`,
        `sendmmsg u d ${datagram}`,
      ];
      const s = calls(user, granted, undefined, ...commands);
      assert.deepEqual(
        await answers(s),
        commands.map((c) => (c.startsWith('cd') ? 'ok' : 'EACCES')),
      );
      await l.settle();
      assert.equal(l.connections, 0);
      const denied = s.all('denied').map(({ record: r }) => `${r.verb} ${r.access} ${r.reason} ${r.path}`);
      assert.equal(denied[0], `connect connect insufficient-access ${path}`);
      assert.equal(denied[7], `sendto connect insufficient-access ${datagram}`);
      assert.equal(denied.length, commands.length - 1);

      const rules = [
        ...(granted.rules ?? []),
        { verdict: 'allow', access: 'connect', path } as const,
        { verdict: 'allow', access: 'connect', path: datagram } as const,
      ];
      const yes = calls(user, { ...granted, rules }, undefined, ...commands);
      assert.deepEqual(await answers(yes), ['ok', 'ok', 'ok', 'EPROTOTYPE', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
      await l.settle();
      assert.equal(l.connections, 5);
      await d.settle();
      assert.equal(d.got.length, 4);

      const deny = [...rules, { verdict: 'deny', access: 'all', path: world.base } as const];
      assert.deepEqual(await answers(calls(user, { ...granted, rules: deny }, undefined, `connect u s ${path}`)), [
        'EACCES',
      ]);
      await l.settle();
      assert.equal(l.connections, 5);
    });

    test('what is made inside works inside, on the floor and off it', async () => {
      const { granted, work, brokered } = make();
      for (const dir of [work, brokered]) {
        const s = calls(
          user,
          granted,
          undefined,
          `serve ${dir}/a 5`,
          `connect u s ${dir}/a`,
          `late u s ${dir}/a`,
          `cd ${dir}`,
          'connect u s a',
          'connect u s ./a',
          `name ${dir}/named`,
          'name relative',
          `serve ${dir}/a 5`,
          `bind u d ${dir}/d`,
          `sendmsg u d ${dir}/d`,
          'umask 077',
          'serve private 5',
          'mode private',
          `connect u s ${dir}/missing`,
          `serve ${dir}/nowhere/x 5`,
          `serve ${dir}/x/ 5`,
          `connect u s ${dir}/x`,
        );
        assert.deepEqual(
          await answers(s),
          [
            'ok',
            'ok',
            'ok',
            'ok',
            'ok',
            'ok',
            `ok ${dir}/named`,
            'ok relative',
            'EADDRINUSE',
            'ok',
            'ok',
            'ok',
            'ok',
            'ok 700',
            'ENOENT',
            'ENOENT',
            dir === work ? 'ENOENT' : 'EADDRINUSE',
            dir === work ? 'ENOENT' : 'ECONNREFUSED',
          ],
          dir,
        );
        assert.ok(lstatSync(join(dir, 'a')).isSocket());
      }
    });

    test('binding where nothing may be written makes nothing', async () => {
      const { granted, world, work } = make();
      symlinkSync(world.outside, join(work, 'out'));
      const s = calls(
        user,
        granted,
        undefined,
        `serve ${world.outside}/no 5`,
        `serve ${work}/out/no 5`,
        `cd ${world.outside}`,
        'bind u d no',
      );
      assert.deepEqual(await answers(s), ['EACCES', 'EACCES', 'ok', 'EACCES']);
      assert.equal(existsSync(join(world.outside, 'no')), false);
      assert.deepEqual(
        s.all('denied').map(({ record: r }) => `${r.verb} ${r.access} ${r.path}`),
        Array(3).fill(`bind write ${world.outside}/no`),
      );
    });

    test('a socket file moved, replaced or linked does not become one of the session', async () => {
      const { granted, work } = make();
      const l = keep(await streamListener({ path: join(work, 'real') }));
      const s = actor(user, granted);
      const call = async (name: string, path: string): Promise<string> => {
        const fd = (await s.sys('socket', 1, 1, 0)).ret;
        const { error } = await s.sys(name, fd, address(path), path.length + 3);
        await s.sys('close', fd);
        return error;
      };
      assert.equal(await call('bind', join(work, 'mine')), '');
      assert.equal(await call('connect', join(work, 'mine')), 'ECONNREFUSED');
      await s.sys('linkat', -100, text(join(work, 'real')), -100, text(join(work, 'hard')), 0);
      // protected_hardlinks lets an ordinary user link only what it may write.
      assert.notEqual(await call('connect', join(work, 'hard')), '');
      renameSync(join(work, 'real'), join(work, 'mine'));
      assert.equal(await call('connect', join(work, 'mine')), 'EACCES');
      await s.finish();
      await l.settle(join(work, 'mine'));
      assert.equal(l.connections, 0);
    });

    test('abstract names: the session’s own, and no others', async () => {
      const { granted } = make();
      const name = `nono-test-${process.pid}-${user.uid}`;
      const l = keep(await streamListener({ path: `\0${name}` }));
      const s = actor(user, granted);
      const call = async (what: string, abstract: string, then?: string): Promise<string> => {
        const fd = (await s.sys('socket', 1, 1, 0)).ret;
        const { error } = await s.sys(what, fd, `s:%01%00%00${abstract}`, abstract.length + 3);
        if (then !== undefined) assert.equal((await s.sys(then, fd, 5)).error, '');
        return error;
      };
      assert.equal(await call('connect', name), 'ECONNREFUSED');
      assert.equal(await call('bind', `${name}-own`, 'listen'), '');
      assert.equal(await call('connect', `${name}-own`), '');
      assert.equal(await call('connect', `${name}-nobody`), 'ECONNREFUSED');
      await s.finish();
      await l.settle();
      assert.equal(l.connections, 0);
    });

    test('held, and allowed: the call succeeds; denied: it fails; a datagram too', async () => {
      const { granted, work } = make();
      const path = join(work, 'held.sock');
      const l = keep(await streamListener({ path }));
      const d = keep(await datagramListener(join(work, 'held.dgram')));
      const s = calls(
        user,
        { ...granted, mode: 'ask' },
        undefined,
        `connect u s ${path}`,
        `connect u s ${path}`,
        `sendmsg u d ${work}/held.dgram`,
      );
      for (const [i, allow] of [true, false, true].entries()) {
        const held = await s.event('held', i);
        assert.equal(held.record.access, 'connect');
        await l.settle();
        assert.equal(l.connections, i > 0 ? 1 : 0);
        s.send({ type: 'verdict', holdId: held.holdId, allow });
      }
      assert.deepEqual(await answers(s), ['ok', 'EACCES', 'ok']);
      await d.settle();
      assert.deepEqual(d.got, ['inside']);
      await l.settle();
      assert.equal(l.connections, 1);
    });

    test('another socket under the path that was shown is not connected to', async () => {
      const { granted, work } = make();
      const [shown, other] = [join(work, 'shown'), join(work, 'other')];
      const l = keep(await streamListener({ path: shown }));
      const wrong = keep(await streamListener({ path: other }));
      const s = calls(user, { ...granted, mode: 'ask' }, undefined, `connect u s ${shown}`);
      const held = await s.event('held');
      renameSync(other, shown);
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.deepEqual(await answers(s), ['EACCES']);
      assert.equal((await s.event('released')).outcome, 'changed');
      assert.equal(l.connections + wrong.connections, 0);
    });

    test('a connect that waits for room can be interrupted, and delays nobody', async () => {
      const { granted, work } = make();
      const s = actor(user, granted);
      const path = join(work, 'full');
      const server = (await s.sys('socket', 1, 1, 0)).ret;
      await s.sys('bind', server, address(path), path.length + 3);
      await s.sys('listen', server, 0);
      const connect = async (): Promise<[string, number, string, number]> => [
        'connect',
        (await s.sys('socket', 1, 1, 0)).ret,
        address(path),
        path.length + 3,
      ];
      assert.equal((await s.sys(...(await connect()))).error, '');
      await s.ask('handler', SIGUSR1, 0);
      const pid = (await s.sys('getpid')).ret;
      await s.ask('async', ...(await connect()));
      assert.equal((await s.open('/etc/passwd', 0)).error, '');
      const threads = await s.open('/proc/self/task', 0);
      assert.equal(threads.error, '');
      // To the process: the main thread takes it, so the waiting one is found by its number, the next after those that were started.
      const waiting = readdirSync(`/proc/${pid}/task`)
        .map(Number)
        .filter((tid) => tid !== pid);
      assert.equal(waiting.length, 1);
      // Again and again: one that comes before the call is only counted.
      let answer: string | undefined;
      s.asyncAnswer().then((a) => {
        answer = a.error;
      });
      while (answer === undefined) {
        await s.sys('tgkill', pid, waiting[0] ?? 0, SIGUSR1);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(answer, 'EINTR');
      await s.finish();
    });

    for (const kind of ['connect', 'sendto', 'header', 'descriptor'] as const)
      test(`${RACE_MS} ms of threads changing the ${kind === 'descriptor' ? 'socket under the number' : `address of ${kind}`}`, async () => {
        const { granted, work } = make();
        const dgram = kind !== 'connect';
        const [yes, no] = [join(work, 'yes'), join(work, 'nop')];
        const bad = dgram ? keep(await datagramListener(no)) : undefined;
        const badStream = dgram ? undefined : keep(await streamListener({ path: no }));
        const s = calls(
          user,
          granted,
          undefined,
          dgram ? `bind u d ${yes}` : `serve ${yes} 4000`,
          `race ${kind} ${RACE_MS} u ${yes} ${no}`,
        );
        const [made, raced = ''] = await answers(s);
        assert.equal(made, 'ok');
        assert.match(raced, /^ok [1-9]\d+$/);
        await bad?.settle();
        assert.deepEqual(bad?.got ?? [], []);
        await badStream?.settle();
        assert.equal(badStream?.connections ?? 0, 0);
      });

    test(`${RACE_MS} ms of a link that changes between a socket of the session and one outside`, async () => {
      const { granted, work, world } = make();
      const no = join(world.outside, 'no');
      const l = keep(await streamListener({ path: no }));
      const s = actor(user, { ...granted, rules: [{ verdict: 'allow', path: world.outside }] });
      const server = (await s.sys('socket', 1, 1, 0)).ret;
      await s.sys('bind', server, address(join(work, 'yes')), join(work, 'yes').length + 3);
      await s.sys('listen', server, 1000);
      await s.ask('swap', join(work, 'yes'), no, join(work, 'link'), RACE_MS);
      let reached = 0;
      for (const end = Date.now() + RACE_MS; Date.now() < end; ) {
        const fd = (await s.sys('socket', 1, 1 | 0o4000, 0)).ret;
        if ((await s.sys('connect', fd, address(join(work, 'link')), join(work, 'link').length + 3)).error === '')
          reached++;
        await s.sys('close', fd);
      }
      await s.asyncAnswer();
      await s.finish();
      assert.ok(reached > 0);
      await l.settle();
      assert.equal(l.connections, 0);
    });

    test('nobody is asked about a bind that a yes could not bring about', { timeout: 20_000 }, async () => {
      const { granted, world } = make();
      const deny = { verdict: 'deny', kind: 'pattern', path: '/**/later/key' } as const;
      const text: PlanText = { ...granted, mode: 'ask', rules: [deny] };
      for (const before of [[], ['narrow']]) {
        const name = join(world.outside, before.length > 0 ? 'free' : 'later');
        const s = calls(user, text, undefined, ...before, `serve ${name} 5`);
        assert.deepEqual(await answers(s), [...before.map(() => 'ok'), 'EACCES']);
        assert.deepEqual(
          s.all('denied').map(({ record: r }) => `${r.verb} ${r.reason} ${r.path}`),
          [`bind cannot-perform ${name}`],
        );
        assert.deepEqual([s.all('held').length, existsSync(name)], [0, false]);
      }
    });

    test('bound by a link where something is denied below, its address is the real path; elsewhere it is what was written', async () => {
      const { granted, work, brokered, world } = make();
      const long = join(brokered, 'l'.repeat(90));
      world.write(`outside/brokered/${'l'.repeat(90)}/x`, '');
      world.own();
      symlinkSync(brokered, join(work, 'link'));
      symlinkSync(long, join(work, 'long'));
      for (const denied of [[], [{ verdict: 'deny', path: join(long, 'denied') } as const]]) {
        const rules = [{ verdict: 'allow', path: brokered } as const, ...denied];
        const there = (name: string): string => `name ${name}`;
        const paths = [`${work}/link/a`, `${brokered}/./b`, `${work}/long/c`, `${work}/link/../brokered/d`];
        const s = calls(user, { ...granted, rules }, undefined, ...paths.map(there));
        const real = [`${brokered}/a`, `${brokered}/./b`, 'c', `${brokered}/d`];
        assert.deepEqual(
          await answers(s),
          (denied.length > 0 ? real : paths).map((path) => `ok ${path}`),
        );
        const made = [...['a', 'b', 'd'].map((name) => join(brokered, name)), join(long, 'c')];
        for (const path of made) {
          assert.ok(lstatSync(path).isSocket(), path);
          rmSync(path);
        }
      }
    });

    test(`${RACE_MS} ms of a link that changes between a directory and a denied one below it: no socket is bound in that`, async () => {
      const { granted, work, brokered, world } = make();
      world.write('outside/brokered/denied/x', '');
      world.own();
      const denied = join(brokered, 'denied');
      const rules = [{ verdict: 'allow', path: brokered } as const, { verdict: 'deny', path: denied } as const];
      const s = calls(
        user,
        { ...granted, rules },
        undefined,
        `bind-link ${brokered} ${denied} ${work}/link ${RACE_MS}`,
      );
      assert.match((await answers(s))[0] ?? '', /^ok [1-9]\d*$/);
      assert.deepEqual(readdirSync(denied), ['x']);
    });

    test('a long send that is interrupted answers what was sent, and nothing twice', async () => {
      const { granted } = make();
      const s = calls(user, granted, undefined, 'long 3000000');
      // Interrupted after each megabyte or so: the counts add up to what the other end has read, byte by byte.
      assert.deepEqual(await answers(s), ['ok 3000000']);
    });

    test('lengths are what the kernel takes of a register, its lower half', { skip: !has('python3') }, async () => {
      const { granted, work } = make();
      const script = `
import ctypes, os, socket, struct
bind, sendto, connect = (49, 44, 42) if os.uname().machine == 'x86_64' else (200, 206, 203)
libc = ctypes.CDLL(None, use_errno=True)
path = b'${work}/lengths'
address = ctypes.create_string_buffer(struct.pack('H', 1) + path)
long = lambda value: ctypes.c_long(value)
length = long(5 << 32 | 2 + len(path))
server, client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
print(libc.syscall(bind, long(server.fileno()), address, length), ctypes.get_errno())
print(libc.syscall(sendto, long(client.fileno()), b'sent', long(4), long(0), address, length), ctypes.get_errno())
print(libc.syscall(connect, long(client.fileno()), address, length), ctypes.get_errno())
print(server.recv(9, socket.MSG_DONTWAIT))
`;
      const s = new Session(user, plan(granted), ['python3', '-c', script]);
      const { stdout, stderr } = await s.ended;
      assert.equal(stdout, "0 0\n4 0\n0 0\nb'sent'\n", stderr);
    });

    test('the more calls wait, the less each may take of the supervisor’s memory: a stream is cut short, and loses nothing', {
      skip: !has('python3'),
    }, async () => {
      const { granted, work } = make();
      const waiting = 40;
      const script = `
import os, socket, sys, threading, time
big = bytes(range(256)) * (16 << 12)
keep = []
for i in range(${waiting}):
    a, b = socket.socketpair()
    a.setblocking(False)
    try:
        while True: a.send(big[:65536])
    except BlockingIOError: pass
    a.setblocking(True)
    keep += [a, b]
    threading.Thread(target=lambda a=a: a.sendmsg([b'x']), daemon=True).start()
print('all wait', flush=True)
while not os.path.exists('${work}/go'): time.sleep(0.01)
a, b = socket.socketpair()
got = bytearray()
def read():
    while True:
        data = b.recv(1 << 20)
        if not data: return
        got.extend(data)
reader = threading.Thread(target=read)
reader.start()
first = sent = a.sendmsg([big])
while sent < len(big): sent += a.sendmsg([memoryview(big)[sent:]])
a.close()
reader.join()
print(first, got == big, flush=True)
d = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
try: d[0].sendmsg([big])
except OSError as e: print(e.strerror, flush=True)
os._exit(0)
`;
      const s = new Session(user, plan(granted), ['python3', '-c', script]);
      const { supervisorPid } = await s.event('ready');
      const children = () =>
        readFileSync(`/proc/${supervisorPid}/task/${supervisorPid}/children`, 'utf8').split(' ').length - 1;
      await s.until('the workers', () => children() > waiting || undefined);
      writeFileSync(`${work}/go`, '');
      const { stdout, stderr } = await s.ended;
      const [, line = '', long] = stdout.split('\n');
      const [first, whole] = line.split(' ');
      assert.deepEqual([whole, long], ['True', 'Message too long'], stdout + stderr);
      // An eleventh of 16 MB.
      assert.ok(Number(first) > 1 << 20 && Number(first) < 1_600_000, line);
    });

    test('the other end sees the caller’s user and group', {
      skip: user.name !== 'root' && 'only root can have others inside',
    }, async () => {
      const { granted, work } = make();
      const s = calls(user, granted, undefined, `peers ${work}/peers ${65534}`);
      assert.deepEqual(await answers(s), ['ok connect 65534 message 65534 forged EPERM']);
    });

    const programs: Record<string, { needs: string; script: string; expect: RegExp }> = {
      'ssh-agent and ssh-add': {
        needs: 'ssh-agent',
        script:
          'eval "$(ssh-agent -a $W/agent)" && ssh-keygen -q -t ed25519 -N "" -f $W/key && ssh-add -q $W/key && ssh-add -l && kill $SSH_AGENT_PID',
        expect: /ED25519/,
      },
      tmux: {
        needs: 'tmux',
        script:
          'tmux -S $W/t -f /dev/null new-session -d "sleep 5" && tmux -S $W/t list-sessions && tmux -S $W/t kill-server',
        expect: /1 windows/,
      },
      'a server in Node and curl over a unix socket': {
        needs: 'curl',
        script:
          "node -e \"require('http').createServer((q,r)=>r.end('served '+q.url,()=>process.exit())).listen('$W/http',()=>console.log('up'))\" & " +
          'while ! [ -S $W/http ]; do sleep 0.05; done; sleep 0.1; curl -sS --unix-socket $W/http http://x/path; wait',
        expect: /served \/path/,
      },
      'a connection handed to a child process': {
        needs: 'node',
        script: `cat > $W/hand.js <<'END'
const { fork } = require('child_process'), net = require('net');
if (process.argv[2]) process.on('message', (m, s) => s.end('from the child'));
else {
  const child = fork(__filename, ['child']);
  net.createServer((s) => child.send('take', s)).listen(process.env.W + '/hand', () =>
    net.connect(process.env.W + '/hand').on('data', (d) => { console.log(String(d)); child.kill(); process.exit(); }));
}
END
node $W/hand.js`,
        expect: /from the child/,
      },
      'a D-Bus session': {
        needs: 'dbus-daemon',
        script:
          'export DBUS_SESSION_BUS_ADDRESS=unix:path=$W/bus; dbus-daemon --session --nofork --address=$DBUS_SESSION_BUS_ADDRESS & while ! [ -S $W/bus ]; do sleep 0.05; done; sleep 0.2; dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames; kill $!',
        expect: /org.freedesktop.DBus/,
      },
    };
    for (const [name, { needs, script, expect }] of Object.entries(programs))
      test(`${name}, inside`, { skip: !has(needs) && `${needs} is not installed`, timeout: 60_000 }, async () => {
        const { granted, work } = make();
        const env = [
          `W=${work}`,
          `HOME=${work}`,
          `TMPDIR=${work}`,
          'PATH=/usr/bin:/bin',
          'TERM=xterm',
          'SHELL=/bin/sh',
        ];
        const planned = plan({ ...granted, env, cwd: work });
        const terminals = ['/dev/ptmx', '/dev/pts', '/dev/tty', '/dev/urandom'].map((path) => ({ path, rights: 255 }));
        const s = new Session(user, { ...planned, floor: [...planned.floor, ...terminals] }, ['/bin/sh', '-c', script]);
        s.guardian.stdin?.end();
        const { stdout, stderr } = await s.ended;
        assert.match(stdout, expect, `${stderr} ${JSON.stringify(s.all('denied'))}`);
      });
  });
}
