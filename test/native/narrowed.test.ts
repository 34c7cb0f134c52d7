/** Programs that sandbox themselves further: telling who is one of them costs the others nothing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../helpers/installed.ts';
import { users } from '../helpers/users.ts';
import { makeWorld, plan, Session } from './session.ts';

/** Landlock's calls by number, and a process that enters a domain of its own. */
const LANDLOCK = `
import ctypes, os, struct, time
libc = ctypes.CDLL(None, use_errno=True)
def narrow():
    attributes = struct.pack('Q', 1 << 7) # MAKE_DIR
    ruleset = libc.syscall(444, attributes, ctypes.c_size_t(8), 0)
    if ruleset < 0 or libc.prctl(38, 1, 0, 0, 0) != 0 or libc.syscall(446, ruleset, 0) != 0: os._exit(3)
`;

for (const user of users) {
  describe(user.name, () => {
    test('a process far down in a line of others is served as soon as one at its top', {
      skip: !installed('python3'),
    }, async () => {
      const world = makeWorld(user);
      const file = world.write('outside/brokered/file', 'text');
      // Everybody here is younger than the one that narrowed itself, so each could descend from it: the line above is looked at, once.
      const script = `${LANDLOCK}
go, wait = os.pipe()[::-1]
narrowed = os.fork()
if narrowed == 0:
    narrow()
    os.write(go, b'x')
    time.sleep(60)
os.read(wait, 1)
time.sleep(0.05)
def opens(count):
    times = []
    for _ in range(count):
        began = time.perf_counter()
        os.close(os.open('${file}', os.O_RDONLY))
        times.append(time.perf_counter() - began)
    return sorted(times)[count // 2]
def child(work):
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    os.waitpid(pid, 0)
def top():
    here = opens(40)
    for _ in range(300):
        pid = os.fork()
        if pid != 0:
            os.waitpid(pid, 0)
            os._exit(0)
    below = opens(40)
    print(round(below / here, 1), flush=True)
child(top)
os.kill(narrowed, 9)
`;
      const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: join(world.outside, 'brokered') }] }), [
        'python3',
        '-c',
        script,
      ]);
      const { stdout, stderr } = await s.ended;
      // To follow a line of 300 takes some thirty times as long as the call.
      assert.ok(Number(stdout) < 10 && stdout !== '', `${stdout}${stderr}`);
    });
  });
}
