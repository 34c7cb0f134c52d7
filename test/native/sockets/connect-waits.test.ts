/** No call on a socket keeps others waiting: those that wait do so in a process of their own, and none can be made to take long. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { users } from '../../helpers/users.ts';
import { plan, Session } from '../session.ts';
import { unixWorld } from './sockets.ts';

for (const user of users) {
  describe(user.name, () => {
    test('a connect waits in nobody’s way, whatever another process makes of the socket’s flags meanwhile', {
      skip: !installed('python3'),
    }, async () => {
      const { granted, work, brokered } = unixWorld(user);
      // Nobody accepts, so a connect would wait for ever. It is tried again and again on a socket whose O_NONBLOCK a second process clears all the time.
      const script = `
import fcntl, os, signal, socket, time
def client():
    c = socket.socket(socket.AF_UNIX)
    c.setblocking(False)
    return c
listener = socket.socket(socket.AF_UNIX)
listener.bind('${work}/full')
listener.listen(0)
full = []
try:
    while True:
        full.append(client())
        full[-1].connect('${work}/full')
except BlockingIOError: pass
s = client()
clears = os.fork()
if clears == 0:
    fd, call, op = s.fileno(), fcntl.fcntl, fcntl.F_SETFL
    while True: call(fd, op, 0)
connects = os.fork()
if connects == 0:
    def again(*_): raise TimeoutError
    signal.signal(signal.SIGALRM, again)
    while True:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.005)
            s.setblocking(False)
            s.connect('${work}/full')
        except (BlockingIOError, TimeoutError): pass
for i in range(60):
    os.close(os.open('${brokered}/x', os.O_RDONLY))
    time.sleep(0.03)
print('served', flush=True)
for pid in (clears, connects): os.kill(pid, signal.SIGKILL)
`;
      const s = new Session(user, plan(granted), ['python3', '-c', script]);
      const { supervisorPid } = await s.event('ready');
      try {
        await s.until('an answer to the other process', () => s.output.includes('served') || undefined, 20_000);
      } catch (error) {
        process.kill(supervisorPid, 'SIGKILL'); // it would wait for ever
        throw error;
      }
      assert.equal((await s.ended).code, 0);
    });

    test('who waits for a connect has nothing of the supervisor but the socket, its file and the listener', {
      skip: !installed('python3'),
    }, async () => {
      const { granted, work } = unixWorld(user);
      const script = `
import socket
listener = socket.socket(socket.AF_UNIX)
listener.bind('${work}/full')
listener.listen(0)
print('begun', flush=True)
kept = []
while True:
    kept.append(socket.socket(socket.AF_UNIX))
    kept[-1].connect('${work}/full')
`;
      const s = new Session(user, plan(granted), ['python3', '-c', script]);
      const { supervisorPid, childPid } = await s.event('ready');
      const children = (): string[] =>
        readFileSync(`/proc/${supervisorPid}/task/${supervisorPid}/children`, 'utf8')
          .trim()
          .split(' ')
          .filter((pid) => pid !== String(childPid));
      const open = await s.until(
        'a process that waits',
        () => {
          const [worker] = children();
          if (worker === undefined || worker === '') return undefined;
          const links = readdirSync(`/proc/${worker}/fd`).map((fd) => readlinkSync(`/proc/${worker}/fd/${fd}`));
          // It has just been made, and closes the others.
          return links.length <= 3 ? links : undefined;
        },
        10_000,
      );
      assert.deepEqual(
        open.map((link) => link.replace(/socket:\[\d+\]/, 'a socket')).toSorted(),
        ['anon_inode:seccomp notify', 'a socket', `${work}/full`].toSorted(),
      );
      process.kill(childPid, 'SIGKILL');
      await s.ended;
    });

    for (const [what, parcel] of [
      ['a socket that lingers', ''],
      [
        'a local socket, in which one that lingers was sent and never taken out',
        `
    here, held = socket.socketpair()
    socket.send_fds(here, [b'x'], [c.fileno()])
    c.close()
    c = held
    c.shutdown(socket.SHUT_WR)
    kept.append(here)`,
      ],
    ] as const)
      test(`the last close of ${what} keeps nobody waiting, should it be the supervisor’s`, {
        skip: !installed('python3'),
      }, async () => {
        const { granted, brokered } = unixWorld(user);
        // While the supervisor copies what is to be sent, and holds a duplicate, another thread closes the descriptor. Nobody reads at the other end.
        const script = `
import os, socket, struct, threading, time
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(64)
big = bytearray(b'x') * (16 << 20)
kept, worst = [], 0
for i in range(24):
    c = socket.create_connection(listener.getsockname())
    kept.append(listener.accept()[0])
    c.setblocking(False)
    try:
        while True: c.send(bytes(65536))
    except BlockingIOError: pass
    c.setblocking(True)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 600))
    c.shutdown(socket.SHUT_WR)${parcel}
    def close(fd=c.fileno(), after=0.0003 + 0.0001 * i):
        time.sleep(after)
        os.close(fd)
    threading.Thread(target=close, daemon=True).start()
    try: c.sendmsg([big])
    except OSError: pass
    c.detach()
    began = time.monotonic()
    os.close(os.open('${brokered}/x', os.O_RDONLY))
    worst = max(worst, time.monotonic() - began)
print('served', round(worst), flush=True)
os._exit(0)
`;
        const s = new Session(user, plan(granted), ['python3', '-c', script]);
        const { supervisorPid } = await s.event('ready');
        try {
          await s.until('an answer', () => s.output.includes('served') || undefined, 20_000);
        } catch (error) {
          process.kill(supervisorPid, 'SIGKILL');
          throw error;
        }
        assert.equal((await s.ended).code, 0);
      });

    test('a connect to an abstract name takes no longer for how often that name was bound', {
      skip: !installed('python3'),
    }, async () => {
      const { granted } = unixWorld(user);
      const script = `
import socket, time
name = b'\\0nono-bound-again-%d' % time.time_ns()
def bind():
    s = socket.socket(socket.AF_UNIX)
    s.bind(name)
    return s
def connects(count):
    times = []
    for _ in range(count):
        c = socket.socket(socket.AF_UNIX)
        began = time.perf_counter()
        try: c.connect(name)
        except ConnectionRefusedError: times.append(time.perf_counter() - began)
        c.close()
    return sorted(times)[len(times) // 2]
bind().close()
once = connects(40)
for _ in range(4096): bind().close()
print(round(connects(40) / once, 1))
kept = bind()
kept.listen()
socket.socket(socket.AF_UNIX).connect(name)
`;
      const s = new Session(user, plan(granted), ['python3', '-c', script]);
      const { stdout, stderr, code } = await s.ended;
      // Each of the sockets that once had the name takes as long to be asked for as the call.
      assert.ok(code === 0 && Number(stdout) < 20, `${stdout}${stderr}`);
    });
  });
}
