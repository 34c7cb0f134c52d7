/**
 * Control data whose parts the C library and the kernel do not find alike: what the supervisor did not see, the kernel would take for the supervisor's own. Under a launcher
 * that is built with the C library's walk of before glibc 2.37.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { root, users } from '../../helpers/users.ts';
import { launcherWith } from '../launcher-with.ts';
import { plan, Session } from '../session.ts';
import { unixWorld } from './sockets.ts';

/** Two parts; the second one ends where the whole ends, and its length is no multiple of 8. */
const script = `
import ctypes, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
sendmsg = 46 if os.uname().machine == 'x86_64' else 211
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
null = os.open('/proc/self/status', os.O_RDONLY)
def part(kind, data): return struct.pack('Qii', 16 + len(data), 1, kind) + data
def first(): return part(1, struct.pack('i', null)).ljust(24, b'\\0')
def send(second):
    control = first() + second
    data = ctypes.create_string_buffer(b'x')
    vector = ctypes.create_string_buffer(struct.pack('QQ', ctypes.addressof(data), 1))
    held = ctypes.create_string_buffer(control, len(control))
    header = ctypes.create_string_buffer(struct.pack('QQQQQQQ', 0, 0, ctypes.addressof(vector), 1, ctypes.addressof(held), len(control), 0))
    if libc.syscall(sendmsg, a.fileno(), header, 0) < 0: return os.strerror(ctypes.get_errno())
    names = []
    for _, kind, data in b.recvmsg(8, 4096)[1]:
        if kind == 2: names.append('from %d' % struct.unpack('iII', data)[1])
        for fd in struct.unpack('%di' % (len(data) // 4), data) if kind == 1 else ():
            names.append(os.readlink('/proc/self/fd/%d' % fd).replace(str(os.getpid()), 'self'))
            os.close(fd)
    return ' '.join(names)
me = os.getuid()
print(send(part(1, struct.pack('i', null))))
print({send(part(1, struct.pack('i', fd))) for fd in range(null + 1, 64)})
print(send(part(2, struct.pack('iII', os.getpid(), me, os.getgid()))))
print(send(part(2, struct.pack('iII', os.getpid(), me + 1, os.getgid()))))
`;

const skip =
  (process.env['NONO_TEST_LAUNCHER'] !== undefined && 'another launcher was asked for') ||
  (!installed('python3') && 'no python3');

const olderWalk = join(root, 'test/fixtures/control-of-older-glibc.h');

describe('control data', { skip }, () => {
  for (const user of users)
    test(`${user.name}: no part is sent that was not looked at`, async () => {
      process.env['NONO_TEST_LAUNCHER'] ??= launcherWith(['-include', olderWalk], /CMSG_|control_data\.h/);
      const { granted } = unixWorld(user);
      const { stdout, stderr } = await new Session(user, plan(granted), ['python3', '-c', script]).ended;
      assert.deepEqual(
        stdout.trim().split('\n'),
        [
          `from ${user.uid} /proc/self/status /proc/self/status`,
          "{'Bad file descriptor'}",
          `from ${user.uid} /proc/self/status`,
          'Operation not permitted',
        ],
        stderr,
      );
    });
});
