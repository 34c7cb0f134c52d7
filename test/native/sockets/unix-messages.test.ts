/** What is sent over unix sockets arrives as without a sandbox: whole, once, from whom it came. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { root, users } from '../../helpers/users.ts';
import { plan, Session } from '../session.ts';
import { answers, calls, unixWorld } from './sockets.ts';

test('no C library steps through control data, since each counts in its own way: native/sockets/control_data.h does', () => {
  const native = join(root, 'native');
  const stepping = readdirSync(native, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.[ch]$/.test(name) && /CMSG_(NXT|FIRST)HDR\s*\(&/.test(readFileSync(join(native, name), 'utf8')),
  );
  assert.deepEqual(stepping, []);
});

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

    test('every descriptor in a message is the caller’s own, also of a last header without padding behind it', {
      skip: !installed('python3'),
    }, async () => {
      const { granted } = unixWorld(user);
      // As the kernel counts, the second header is there; glibc before 2.37 left it out (CMSG_NXTHDR).
      const script = `
import ctypes, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
own = os.open('/dev/null', os.O_RDONLY)
own = os.dup2(own, 9)
header = lambda: struct.pack('Nii', 20, socket.SOL_SOCKET, socket.SCM_RIGHTS) + struct.pack('i', own)
control = ctypes.create_string_buffer(header() + b'\\0' * 4 + header(), 44)
data = ctypes.create_string_buffer(b'x', 1)
class Iovec(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]
class Msghdr(ctypes.Structure): _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint), ('iov', ctypes.c_void_p), ('iovlen', ctypes.c_size_t),
                                            ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t), ('flags', ctypes.c_int)]
iov = Iovec(ctypes.addressof(data), 1)
h = Msghdr(None, 0, ctypes.addressof(iov), 1, ctypes.addressof(control), 44, 0)
print(libc.sendmsg(a.fileno(), ctypes.byref(h), 0), os.strerror(ctypes.get_errno()))
_, ancillary, _, _ = b.recvmsg(9, 1000)
for _, _, content in ancillary:
    for fd in struct.unpack('%di' % (len(content) // 4), content): print(os.readlink('/proc/self/fd/%d' % fd))
`;
      const s = new Session(user, plan({ ...granted, readFloor: ['/proc', '/dev/null'] }), ['python3', '-c', script]);
      const { stdout, stderr } = await s.ended;
      assert.equal(stdout, '1 Success\n/dev/null\n/dev/null\n', stderr);
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
