/** What is sent over unix sockets arrives as without a sandbox: whole, once, from whom it came. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { installed } from '../helpers/installed.ts';
import { users } from '../helpers/users.ts';
import { plan, Session } from './session.ts';
import { answers, calls, unixWorld } from './sockets.ts';

for (const user of users) {
  describe(user.name, () => {
    test('a long send that is interrupted answers what was sent, and nothing twice', async () => {
      const { granted } = unixWorld(user);
      const s = calls(user, granted, undefined, 'long 3000000');
      // Interrupted after each megabyte or so: the counts add up to what the other end has read, byte by byte.
      assert.deepEqual(await answers(s), ['ok 3000000']);
    });

    test('lengths are what the kernel takes of a register, its lower half', {
      skip: !installed('python3'),
    }, async () => {
      const { granted, work } = unixWorld(user);
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
      skip: !installed('python3'),
    }, async () => {
      const { granted, work } = unixWorld(user);
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
      const { granted, work } = unixWorld(user);
      const s = calls(user, granted, undefined, `peers ${work}/peers ${65534}`);
      assert.deepEqual(await answers(s), ['ok connect 65534 message 65534 forged EPERM']);
    });
  });
}
