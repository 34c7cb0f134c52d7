/** sendmmsg: how many messages went, and how much of each, is what the kernel would tell. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { users } from '../../helpers/users.ts';
import { plan, Session } from '../session.ts';
import { unixWorld } from './sockets.ts';

/** Python: `several(b'one', b'two')` is what sendmmsg takes; `send(socket, messages)` is its answer; `drain(socket)` reads what is there. */
const several = `
import ctypes, os, socket, struct, time
libc = ctypes.CDLL(None, use_errno=True)
class Iovec(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]
class Header(ctypes.Structure): _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint), ('iov', ctypes.c_void_p), ('iovlen', ctypes.c_size_t),
                                            ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t), ('flags', ctypes.c_int)]
class Message(ctypes.Structure): _fields_ = [('header', Header), ('sent', ctypes.c_uint)]
kept = []
def several(*texts):
    data = [ctypes.create_string_buffer(text, len(text)) for text in texts]
    iov = [Iovec(ctypes.addressof(d), len(d)) for d in data]
    kept.extend([data, iov])
    return (Message * len(texts))(*[Message(Header(None, 0, ctypes.addressof(i), 1, None, 0, 0), 7) for i in iov])
def send(s, messages):
    return libc.sendmmsg(s.fileno(), messages, len(messages), 0)
def drain(s):
    got = bytearray()
    s.setblocking(False)
    try:
        while True: got.extend(s.recv(1 << 20))
    except BlockingIOError: return bytes(got)
def in_background(writes, s):
    ends = os.pipe()
    if os.fork() == 0:
        writes.close()
        total = 0
        while data := s.recv(1 << 20): total += len(data)
        os.write(ends[1], b'%d' % total)
        os._exit(0)
    s.close()
    return lambda: int(os.read(ends[0], 20))
pattern = bytes(range(256)) * (3 << 12)
`;

for (const user of users) {
  describe(`several messages, ${user.name}`, { skip: !installed('python3') }, () => {
    const { granted, work } = unixWorld(user);
    const run = async (script: string): Promise<string> => {
      const s = new Session(user, plan(granted), ['python3', '-c', several + script]);
      const { stdout, stderr } = await s.ended;
      return stdout + stderr;
    };

    test('of one that does not go the length stays as it was', async () => {
      const said = await run(`
a, b = socket.socketpair()
b.close()
messages = several(b'text')
print(send(a, messages), os.strerror(ctypes.get_errno()), messages[0].sent)
`);
      assert.equal(said, '-1 Broken pipe 7\n');
    });

    test('of one that waits in vain the length is what has gone, also of a caller whose memory its sender may not write', async () => {
      // Of a caller of another user a process of that user sends, and the memory of who changed its user is nobody's but root's.
      const said = await run(`
if os.getuid() == 0: os.setresuid(65534, 65534, 65534)
a, b = socket.socketpair()
a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 0, 200000))
messages = several(pattern, b'next')
count = send(a, messages)
got = drain(b)
print(count, 0 < messages[0].sent < len(pattern), messages[0].sent == len(got), pattern.startswith(got), messages[1].sent)
`);
      assert.equal(said, '1 True True True 7\n');
    });

    test('one that has to wait goes whole, and is counted with those before it', async () => {
      const said = await run(`
a, b = socket.socketpair()
total = in_background(a, b)
messages = several(b'first', pattern, b'last')
count = send(a, messages)
a.close()
print(count, *(m.sent for m in messages), total() == sum(m.sent for m in messages[:count]))
`);
      // A caller who may be somebody else is asked about one by one.
      assert.equal(said, user.name === 'root' ? '1 5 7 7 True\n' : `2 5 ${3 << 20} 7 True\n`);
    });

    test('a memory where no length can be written is EFAULT', async () => {
      const said = await run(`
import mmap
a, b = socket.socketpair()
page = mmap.mmap(-1, 4096)
at = ctypes.addressof(ctypes.c_char.from_buffer(page))
message = several(b'text')
ctypes.memmove(at, message, ctypes.sizeof(message))
libc.mprotect(ctypes.c_void_p(at), 4096, mmap.PROT_READ)
print(libc.sendmmsg(a.fileno(), ctypes.c_void_p(at), 1, 0), os.strerror(ctypes.get_errno()))
`);
      assert.equal(said, '-1 Bad address\n');
    });

    test('so many go with one call as a megabyte holds: the others wait no longer', async () => {
      const said = await run(`
a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b.bind(('127.0.0.1', 0))
a.connect(b.getsockname())
messages = several(*[bytes(60000)] * 100)
count = send(a, messages)
print(count, [m.sent for m in messages] == [60000] * count + [7] * (100 - count))
`);
      assert.equal(said, user.name === 'root' ? '1 True\n' : '18 True\n');
    });

    test('of a large one that does not wait a megabyte is copied; one that waits goes whole', async () => {
      const s = new Session(user, plan(granted), [
        'python3',
        '-c',
        `${several}
big = bytes(16 << 20)
while not os.path.exists('${work}/begin'): time.sleep(0.01)
a, b = socket.socketpair()
a.setblocking(False)
sent = a.sendmsg([big])
print(0 < sent <= 1 << 20, sent == len(drain(b)), flush=True)
while not os.path.exists('${work}/go'): time.sleep(0.01)
a, b = socket.socketpair()
total = in_background(a, b)
sent = a.sendmsg([big])
a.close()
print(sent, total(), flush=True)
`,
      ]);
      const { supervisorPid } = await s.event('ready');
      const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${supervisorPid}/status`, 'utf8'))?.[1]);
      const before = peak();
      writeFileSync(`${work}/begin`, '');
      await s.until('the first', () => s.output.includes('\n') || undefined);
      const taken = peak() - before;
      writeFileSync(`${work}/go`, '');
      const { stdout, stderr } = await s.ended;
      assert.equal(stdout, `True True\n${16 << 20} ${16 << 20}\n`, stderr);
      assert.ok(taken < 8 * 1024, `${taken} kB`);
    });

    test('of several messages none follows one of which a stream took a part', async () => {
      // The other end reads as fast as it can, so there is room again soon after there was none.
      const script = `
a, b = socket.socketpair()
in_background(a, b)
a.setblocking(False)
sizes = [1 << 20, 10]
messages = several(*(bytes(size) for size in sizes))
both = parts = 0
for _ in range(400):
    messages[0].sent = 0
    count = send(a, messages)
    parts += count >= 1 and 0 < messages[0].sent < sizes[0]
    both += count == 2 and messages[0].sent < sizes[0]
print(parts > 0, both)
`;
      assert.equal(await run(script), 'True 0\n');
    });
  });
}
