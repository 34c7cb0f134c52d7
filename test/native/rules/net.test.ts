import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import { parseAddress } from '../../../src/sandbox/linux/net-address.ts';
import type { NetRule } from '../../../src/sandbox/linux/net-rule.ts';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import { lacks } from '../../escape/world.ts';
import { rootSkip, users } from '../../helpers/users.ts';
import { actor, fixture, launcher, makeWorld, type PlanText, plan, Session } from '../session.ts';
import {
  answers,
  bytes,
  calls,
  closedAfterwards,
  datagramListener,
  type Listener,
  NET_FLAGS,
  rule,
  streamListener,
} from '../sockets/sockets.ts';

const RACE_MS = Number(process.env['NONO_RACE_MS'] ?? 1000);
const text: PlanText = { flags: NET_FLAGS };
const loopback = { family: 4, prefix: 8, address: bytes(127) } as const;
const six = parseAddress('::1')?.bytes ?? new Uint8Array();

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const keep = closedAfterwards();
    const tcp = async (host = '127.0.0.1'): Promise<Listener> => keep(await streamListener({ host }));

    const privileged = process.getuid?.() === 0 ? false : 'only root can be a name server, port 53';
    test('the answer of a name server is seen as the program receives it, and still received', {
      skip: privileged,
    }, async () => {
      const server = createSocket('udp4');
      server.on('message', (question, from) => server.send(`answer to ${question}`, from.port, from.address));
      await new Promise<void>((resolve) => server.bind(53, '127.9.9.53', resolve));
      keep(server);
      const program = `import select, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'one', ('127.9.9.53', 53))
select.select([s], [], [])
print(s.recvfrom(99)[0].decode())
s.connect(('127.9.9.53', 53))
s.send(b'two')
select.select([s], [], [])
print(s.recvfrom(99)[0].decode())
s.connect(('127.9.9.53', 54))
s.send(b'refused')
try: s.recvfrom(99)
except ConnectionRefusedError: print('refused')
`;
      const planned = { ...plan({ ...text, readFloor: ['/etc'] }), net: [rule({ ...loopback, protocols: 2 })] };
      const s = new Session(user, planned, ['/usr/bin/python3', '-c', program]);
      const { stdout, stderr } = await s.ended;
      assert.equal(stdout, 'answer to one\nanswer to two\nrefused\n', stderr);
      assert.deepEqual(
        s.all('name-answer').map((e) => `${e.server} ${e.message}`),
        ['127.9.9.53 answer to one', '127.9.9.53 answer to two'],
      );
    });

    test('an answer in a network namespace made inside is no name server’s', { skip: lacks(['userns']) }, async () => {
      const program = `import ctypes, fcntl, select, socket, struct
if ctypes.CDLL(None).unshare(0x10000000 | 0x40000000) != 0: raise SystemExit('no namespace')
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(server, 0x8914, struct.pack('16sh14x', b'lo', 1)) # SIOCSIFFLAGS, IFF_UP
server.bind(('127.9.9.53', 53))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'one', ('127.9.9.53', 53))
server.sendto(b'a lie', server.recvfrom(99)[1])
select.select([s], [], [])
print(s.recvfrom(99))
`;
      const planned = {
        ...plan({ ...text, readFloor: ['/etc'] }),
        net: [rule({ ...loopback, operations: 3, protocols: 2 })],
      };
      const s = new Session(user, planned, ['/usr/bin/python3', '-c', program]);
      const { stdout, stderr } = await s.ended;
      assert.equal(stdout, "(b'a lie', ('127.9.9.53', 53))\n", stderr);
      assert.deepEqual(s.all('name-answer'), []);
    });

    test('a blocking connect ends with the caller’s own time limit, and its errno', async () => {
      const program = `import errno, socket, struct
server = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen(0)
full = []
for i in range(4):
    s = socket.socket(); s.setblocking(False); s.connect_ex(server.getsockname()); full.append(s)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 0, 200000))
print(errno.errorcode[s.connect_ex(server.getsockname())], errno.errorcode[s.connect_ex(server.getsockname())])
`;
      const planned = { ...plan({ ...text, readFloor: ['/etc'] }), net: [rule({ ...loopback, operations: 3 })] };
      const s = new Session(user, planned, ['/usr/bin/python3', '-c', program]);
      const { stdout, stderr } = await s.ended;
      const outside = spawnSync('/usr/bin/python3', ['-c', program], { encoding: 'utf8' });
      assert.equal(outside.stdout, 'EINPROGRESS EALREADY\n', outside.stderr);
      assert.equal(stdout, outside.stdout, stderr);
    });

    test('TCP goes where a rule says and nowhere else, by whatever spelling', async () => {
      const [yes, no] = [await tcp(), await tcp('::')];
      const spellings = (l: Listener): string[] => [
        `connect 4 s 127.0.0.1 ${l.port}`,
        `connect 4 s 0.0.0.0 ${l.port}`,
        `connect 4 s 127.9.9.9 ${l.port}`,
        `connect 6 s ::ffff:127.0.0.1 ${l.port}`,
        `late 4 s 127.0.0.1 ${l.port}`,
        `thread connect 4 s 127.0.0.1 ${l.port}`,
      ];
      const net = [rule({ ...loopback, firstPort: yes.port, lastPort: yes.port, protocols: 1 })];
      const s = calls(
        user,
        text,
        net,
        ...spellings(yes),
        ...spellings(no),
        `connect 6 s :: ${no.port}`,
        'connect 4 s 192.0.2.1 80',
      );
      assert.deepEqual(await answers(s), [
        'ok',
        'ok',
        'ECONNREFUSED',
        'ok',
        'ok',
        'ok',
        ...Array(6).fill('EACCES'),
        'EACCES',
        'EACCES',
      ]);
      await yes.settle();
      assert.equal(yes.connections, 5);
      await no.settle();
      assert.equal(no.connections, 0);
      const denied = s.all('net-denied').map(({ net: n }) => `${n.verb} ${n.protocol} ${n.address} ${n.reason}`);
      assert.deepEqual(denied, [
        'connect tcp 127.0.0.1 not-granted',
        'connect tcp 127.0.0.1 not-granted',
        'connect tcp 127.9.9.9 not-granted',
        'connect tcp 127.0.0.1 not-granted',
        'connect tcp 127.0.0.1 not-granted',
        'connect tcp 127.0.0.1 not-granted',
        'connect tcp ::1 not-granted',
        'connect tcp 192.0.2.1 not-granted',
      ]);
    });

    test('deny beats allow, also for addresses that carry another one', async () => {
      const l = await tcp('::');
      const net = [
        rule({ id: 1 }),
        rule({
          id: 2,
          verdict: 'deny',
          family: 4,
          prefix: 8,
          address: bytes(127),
          firstPort: l.port,
          lastPort: l.port,
        }),
        rule({ id: 3, verdict: 'deny', family: 4, prefix: 16, address: bytes(169, 254) }),
        rule({ id: 4, verdict: 'deny', family: 6, prefix: 128, address: six }),
      ];
      const s = calls(
        user,
        text,
        net,
        `connect 4 s 127.0.0.1 ${l.port}`,
        `connect 4 s 0.0.0.0 ${l.port}`,
        `connect 6 s ::ffff:127.0.0.1 ${l.port}`,
        `connect 6 s ::1 ${l.port}`,
        `connect 6 s :: ${l.port}`,
        'connect 4 s 169.254.169.254 80',
        'connect 6 s 64:ff9b::a9fe:a9fe 80',
        'connect 6 s 2002:a9fe:a9fe:: 80',
        'sendto 4 d 169.254.169.254 53',
        'connect 4 s 127.0.0.1 1',
      );
      assert.deepEqual(await answers(s), [...Array(9).fill('EACCES'), 'ECONNREFUSED']);
      assert.deepEqual(
        s.all('net-denied').map(({ net: n }) => n.ruleId),
        [2, 2, 2, 4, 4, 3, 3, 3, 3],
      );
      await l.settle();
      assert.equal(l.connections, 0);
    });

    test('UDP by every call that takes an address', async () => {
      const [yes, no] = [keep(await datagramListener('21211')), keep(await datagramListener('21212'))];
      const net = [rule({ ...loopback, firstPort: 21211, lastPort: 21211, protocols: 2 })];
      const all = (port: number): string[] => [
        `sendto 4 d 127.0.0.1 ${port}`,
        `sendmsg 4 d 127.0.0.1 ${port}`,
        `sendmmsg 4 d 127.0.0.1 ${port}`,
        `connect 4 d 127.0.0.1 ${port}`,
        `sendmsg 6 d ::ffff:127.0.0.1 ${port}`,
      ];
      const s = calls(user, text, net, ...all(21211), ...all(21212), `connect 4 s 127.0.0.1 21211`);
      assert.deepEqual(await answers(s), [...Array(5).fill('ok'), ...Array(6).fill('EACCES')]);
      await yes.settle();
      await no.settle();
      assert.deepEqual(yes.got, Array(5).fill('inside'));
      assert.deepEqual(no.got, []);
    });

    test('listening needs its own rule; binding to any port is what clients do', async () => {
      const net = [rule({ operations: 2, protocols: 1, firstPort: 21300, lastPort: 21310 }), rule({ id: 2 })];
      const s = calls(
        user,
        text,
        net,
        'listen 4 127.0.0.1 21300',
        'listen 6 :: 21310',
        'listen 4 127.0.0.1 21311',
        'listen 4 127.0.0.1 0',
        'listen 4 - 0',
        'bind 4 s 127.0.0.1 0',
        'bind 4 d 127.0.0.1 0',
        'bind 4 d 127.0.0.1 21300',
        'bind 4 s 0.0.0.0 21299',
      );
      assert.deepEqual(await answers(s), ['ok', 'ok', 'EACCES', 'EACCES', 'EACCES', 'ok', 'ok', 'EACCES', 'EACCES']);
      const zero = calls(
        user,
        text,
        [rule({ operations: 2, protocols: 1, firstPort: 0, lastPort: 0 })],
        'listen 4 127.0.0.1 0',
        'listen 4 - 0',
        'listen 4 127.0.0.1 39300',
      );
      assert.deepEqual(await answers(zero), ['ok', 'ok', 'EACCES']);
    });

    test('only TCP, UDP, unix and route netlink sockets; no options that lead elsewhere', async () => {
      const s = calls(
        user,
        text,
        [rule({ operations: 3 })],
        'socket 1 1 0',
        'socket 1 2 0',
        'socket 16 3 0',
        'socket 2 1 0',
        'socket 2 1 6',
        'socket 2 2 17',
        'socket 10 2 0',
        'socket 2 1 262',
        'socket 2 1 132',
        'socket 2 2 136',
        'socket 2 2 1',
        'socket 2 3 255',
        'socket 10 2 58',
        'socket 40 1 0',
        'socket 17 3 0',
        'socket 16 3 9',
        'socket 16 3 4',
        'socket 16 3 15',
        'socket 38 5 0',
        'socket 31 1 0',
        'socket 29 3 1',
        'socket 30 1 0',
        'socket 44 3 0',
        'option 0 4',
        'option 0 35',
        'option 0 42',
        'option 0 51',
        'option 41 20',
        'option 41 32',
        'option 41 57',
        'fastopen 127.0.0.1 9',
        'route 127.0.0.1 9',
      );
      const got = await answers(s);
      assert.deepEqual(got.slice(0, 7), Array(7).fill('ok'));
      assert.deepEqual(got.slice(7, 30), Array(23).fill('EPERM'));
      assert.deepEqual(got.slice(30), ['ENOTSUP', 'EINVAL']);
    });

    test('without the network there is none; with it everything passes as it is', async () => {
      const l = await tcp();
      const unix = optionFlag.unixRules | optionFlag.supervise;
      const blocked = calls(
        user,
        { flags: unix | optionFlag.blockNet },
        undefined,
        'socket 2 1 0',
        'socket 10 2 0',
        'socket 16 3 9',
        'socket 1 2 0',
      );
      assert.deepEqual(await answers(blocked), ['EPERM', 'EPERM', 'EPERM', 'ok']);
      const free = calls(
        user,
        { flags: unix },
        undefined,
        `connect 4 s 127.0.0.1 ${l.port}`,
        `late 6 s ::ffff:127.0.0.1 ${l.port}`,
        'sendto 4 d 127.0.0.1 9',
        'connect 4 s 127.0.0.1 1',
      );
      assert.deepEqual(await answers(free), ['ok', 'ok', 'ok', 'ECONNREFUSED']);
      await l.settle();
      assert.equal(l.connections, 2);
    });

    test('rules of the internet leave unix sockets as they are, and no more', async () => {
      const world = makeWorld(user);
      const name = `nono-net-${process.pid}-${user.uid}`;
      const l = keep(await streamListener({ path: `\0${name}` }));
      const path = join(world.outside, 'free');
      const file = keep(await streamListener({ path }));
      const s = calls(
        user,
        { ...text, floor: [world.work] },
        [],
        `connect a s ${name}`,
        `connect u s ${path}`,
        `cd ${world.outside}`,
        'connect u s free',
        'bind u s made',
        `bind u s ${world.work}/made`,
      );
      assert.deepEqual(await answers(s), ['ECONNREFUSED', 'ok', 'ok', 'ok', 'EACCES', 'ok']);
      await l.settle();
      await file.settle();
      assert.deepEqual([l.connections, file.connections], [0, 2]);
      assert.equal(existsSync(join(world.outside, 'made')), false);
    });

    test('a program that gave TCP up by itself gets none from the supervisor', async () => {
      const l = await tcp();
      const to = `connect 4 s 127.0.0.1 ${l.port}`;
      const free = { flags: optionFlag.supervise | optionFlag.unixRules };
      assert.deepEqual(await answers(calls(user, text, [rule({})], to, 'narrow', to)), ['ok', 'ok', 'EACCES']);
      assert.deepEqual(await answers(calls(user, free, undefined, to, 'narrow', to)), ['ok', 'ok', 'EACCES']);
      await l.settle();
      assert.equal(l.connections, 2);
    });

    test('without a supervisor Landlock holds TCP ports, and what it cannot hold is refused', async () => {
      const [yes, no] = [await tcp(), await tcp()];
      const run = (net: NetRule[], ...commands: string[]): string => {
        const file = join(makeWorld(user).base, 'plan');
        writeFileSync(file, encodePlan({ ...plan({ flags: optionFlag.netRules }), net }));
        const [program = '', ...argv] = [
          ...user.prefix,
          launcher(),
          '--plan',
          file,
          '--',
          fixture('sockets'),
          ...commands,
        ];
        const done = spawnSync(program, argv, { encoding: 'utf8', env: {} });
        return done.stdout + done.stderr;
      };
      const port = rule({ protocols: 1, firstPort: yes.port, lastPort: yes.port });
      const to = (l: Listener): string => `connect 4 s 127.0.0.1 ${l.port}`;
      assert.equal(run([port], to(yes), to(no), 'socket 2 2 0', 'fastopen 127.0.0.1 9'), 'ok\n13\n1\n95\n');
      for (const wrong of [
        rule({ protocols: 2 }),
        rule({ ...loopback, protocols: 1 }),
        rule({ verdict: 'deny', protocols: 1 }),
      ])
        assert.match(run([wrong], to(yes)), /^nono: hold network rules without a supervisor: /);
      await yes.settle();
      await no.settle();
      assert.deepEqual([yes.connections, no.connections], [1, 0]);
    });

    test('a held connect goes on when it is allowed, by a verdict or by a rule; a denied one fails', async () => {
      const l = await tcp();
      const held = { ...text, mode: 'ask' } as const;
      const yes = calls(user, held, [], `connect 4 s 127.0.0.1 ${l.port}`);
      const shown = await yes.event('net-held');
      assert.equal(shown.net.address, '127.0.0.1');
      assert.equal(shown.net.port, l.port);
      await l.settle();
      assert.equal(l.connections, 0);
      yes.send({ type: 'verdict', holdId: shown.holdId, allow: true });
      assert.deepEqual(await answers(yes), ['ok']);
      assert.equal((await yes.event('released')).outcome, 'allowed');

      // What the kernel answers is the call's own matter: it was made, and a packet has left.
      for (const [how, port, answer] of [
        ['late', l.port, 'ok'],
        ['connect', 1, 'ECONNREFUSED'],
      ]) {
        const made = calls(user, held, [], `${how} 4 s 127.0.0.1 ${port}`);
        made.send({ type: 'verdict', holdId: (await made.event('net-held')).holdId, allow: true });
        assert.deepEqual(await answers(made), [answer]);
        assert.equal((await made.event('released')).outcome, 'allowed');
      }

      const byRule = calls(user, held, [], `connect 4 s 127.0.0.1 ${l.port}`, `sendto 4 d 127.0.0.1 ${l.port}`);
      await byRule.event('net-held');
      byRule.send({ type: 'add-net-rule', rule: rule({ ...loopback, id: 50, protocols: 1 }) });
      const second = await byRule.event('net-held', 1);
      assert.deepEqual([second.net.verb, second.net.protocol], ['sendto', 'udp']);
      byRule.send({ type: 'verdict', holdId: second.holdId, allow: false });
      assert.deepEqual(await answers(byRule), ['ok', 'EACCES']);

      const deny = calls(user, held, [rule({ verdict: 'deny' })], `connect 4 s 127.0.0.1 ${l.port}`);
      assert.deepEqual(await answers(deny), ['EACCES']);
      assert.equal(deny.all('net-held').length, 0);
      await l.settle();
      assert.equal(l.connections, 3);
    });

    test('a connection that was said yes to is not asked about again by who looks what became of it', async () => {
      const l = await tcp();
      const program = `import errno, select, socket, sys
s = socket.socket()
s.setblocking(False)
to = ('127.0.0.1', int(sys.argv[1]))
print(errno.errorcode[s.connect_ex(to)])
select.select([], [s], [])
for address in (to, ('192.0.2.1', 80)): print(errno.errorcode[s.connect_ex(address)])
s.close()
far = socket.socket()
far.setblocking(False)
for _ in range(2): print(errno.errorcode[far.connect_ex(('127.0.0.1', int(sys.argv[2])))])
`;
      // Nobody takes its connections, and its queue is full: who connects to it stays on the way.
      const full = spawn('/usr/bin/python3', [
        '-ISc',
        `import socket, sys
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0)
queue = [socket.socket() for _ in range(4)]
for c in queue: c.setblocking(False); c.connect_ex(s.getsockname())
print(s.getsockname()[1], flush=True)
sys.stdin.read()`,
      ]);
      const [busy] = await once(full.stdout, 'data');
      const asked = { ...plan({ ...text, readFloor: ['/etc', '/proc'], cwd: '/usr', mode: 'ask' }), net: [] };
      const s = new Session(user, asked, ['/usr/bin/python3', '-ISc', program, String(l.port), String(busy).trim()]);
      for (const i of [0, 1]) s.send({ type: 'verdict', holdId: (await s.event('net-held', i)).holdId, allow: true });
      await s.event('exit');
      const { stdout, stderr } = await s.ended;
      full.stdin.end();
      assert.equal(stdout, 'EINPROGRESS\nEISCONN\nEISCONN\nEINPROGRESS\nEALREADY\n', stderr);
      assert.equal(s.all('net-held').length, 2);
      await l.settle();
      assert.equal(l.connections, 1);
    });

    test('a yes to listening at one address opens no other', async () => {
      const program = `import ctypes, errno, socket, sys, threading, time
s = socket.socket()
s.bind(('127.0.0.1', 0))
def listens():
    try: s.listen(); print('listens at', s.getsockname()[0])
    except OSError as e: print(errno.errorcode[e.errno])
thread = threading.Thread(target=listens); thread.start()
time.sleep(0.1)
s.setblocking(False)
while s.connect_ex(('127.0.0.1', 1)) != errno.ECONNREFUSED: time.sleep(0.01)
ctypes.CDLL(None).connect(s.fileno(), bytes(16), 16)
s.bind((sys.argv[1], 0))
print('bound', flush=True)
thread.join()
`;
      const planned = {
        ...plan({ ...text, readFloor: ['/etc', '/proc'], cwd: '/usr', mode: 'ask' }),
        net: [rule({ ...loopback, protocols: 1, firstPort: 1, lastPort: 1 })],
      };
      for (const address of ['0.0.0.0', '127.0.0.1']) {
        const s = new Session(user, planned, ['/usr/bin/python3', '-ISc', program, address]);
        const { holdId, net } = await s.event('net-held');
        assert.deepEqual([net.verb, net.address], ['listen', '127.0.0.1']);
        await s.until('the other address', () => (s.output === 'bound\n' ? true : undefined));
        s.send({ type: 'verdict', holdId, allow: true });
        const { stdout, stderr } = await s.ended;
        assert.equal(stdout, 'bound\nEACCES\n', stderr);
        assert.equal((await s.event('released')).outcome, 'changed');
      }
    });

    test('a rule that is taken back no longer counts', async () => {
      const l = await tcp();
      const s = actor(user, { ...text, mode: 'deny' });
      await s.event('ready');
      s.send({ type: 'add-net-rule', rule: rule({ id: 9 }) });
      s.send({ type: 'remove-net-rule', id: 9 });
      await s.open('/nonexistent/one', 0);
      const fd = (await s.sys('socket', 2, 1, 0)).ret;
      const address = `s:%02%00${[l.port >> 8, l.port & 255, 127, 0, 0, 1].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('')}`;
      assert.equal((await s.sys('connect', fd, `${address}%01%01%01%01%01%01%01%01`, 16)).error, 'EACCES');
      await s.finish();
      await l.settle();
      assert.equal(l.connections, 0);
    });

    for (const kind of ['connect', 'sendto', 'header', 'descriptor'] as const)
      test(`${RACE_MS} ms of threads changing the ${kind === 'descriptor' ? 'socket under the number' : `address of ${kind}`}`, async () => {
        const [yes, no] = [await tcp(), await tcp()];
        const [yesUdp, noUdp] = [
          keep(await datagramListener(String(yes.port))),
          keep(await datagramListener(String(no.port))),
        ];
        const net = [rule({ ...loopback, firstPort: yes.port, lastPort: yes.port })];
        const [answer = ''] = await answers(calls(user, text, net, `race ${kind} ${RACE_MS} 4 ${yes.port} ${no.port}`));
        assert.match(answer, /^ok [1-9]\d+$/);
        await yesUdp.settle();
        await noUdp.settle();
        await no.settle();
        assert.equal(no.connections, 0);
        assert.deepEqual(noUdp.got, []);
        await yes.settle();
        if (kind !== 'descriptor')
          assert.ok(yes.connections + yesUdp.got.length > 0, 'the race never met the allowed one');
      });
  });
}
