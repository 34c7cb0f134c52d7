/** A program that everybody else goes before is handed what was opened for it when it runs. Nobody else waits for that. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { makeWorld, plan, Session } from '../session.ts';

/** Opens of a program of ordinary priority on a busy machine, in as much time alone and beside one that opens whenever it may run. */
const script = (path: string): string => `
import os, signal, sys, time
def endless(prepare, turn):
    pid = os.fork()
    if pid == 0:
        prepare()
        while True: turn()
    return pid
def opened(): os.close(os.open('${path}', os.O_RDONLY))
def opens(last):
    others = [endless(lambda: None, lambda: None) for _ in range(5 * len(os.sched_getaffinity(0)))]
    if last: others.append(endless(last, opened))
    count, end = 0, time.monotonic() + 1.5
    while time.monotonic() < end:
        opened()
        count += 1
        time.sleep(0.001)
    for pid in others: os.kill(pid, signal.SIGKILL)
    for pid in others: os.waitpid(pid, 0)
    return count
print(opens(None), opens(lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))), opens(lambda: os.nice(19)))
`;

test('the root half', { skip: rootSkip }, () => {});

for (const user of users)
  describe(`beside programs of low priority, as ${user.name}`, () => {
    const world = makeWorld(user);
    const path = world.write('outside/file', 'x');

    test('opens go on as they did', async () => {
      const served = plan({ floor: [world.work], rules: [{ verdict: 'allow', path: world.outside }] });
      const done = await new Session(user, served, ['python3', '-c', script(path)]).finish();
      const [alone = 0, idle = 0, nice = 0] = done.stdout.split(' ').map(Number);
      assert.ok(alone > 0, done.stderr);
      assert.ok(idle > alone / 4, `${idle} of ${alone} beside an idle one`);
      assert.ok(nice > alone / 4, `${nice} of ${alone} beside a nice one`);
    });

    test('what it opens is complete, once, and its own; a signal waits until it has it', async () => {
      const made = `
import os, signal
caught = []
signal.signal(signal.SIGALRM, lambda *a: caught.append(1))
for _ in range(4):
    if os.fork() == 0:
        while True: pass
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for i in range(12):
    fd = os.open('${world.outside}/new%d' % i, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(fd, b'x')
    os.close(fd)
signal.setitimer(signal.ITIMER_REAL, 0)
print(len([n for n in os.listdir('${world.outside}') if n.startswith('new')]), len(os.listdir('/proc/self/fd')), bool(caught), flush=True)
os.kill(0, signal.SIGKILL)
`;
      const served = plan({ floor: [world.work], rules: [{ verdict: 'allow', path: world.outside }] });
      const done = await new Session(user, served, ['/bin/sh', '-c', `setsid -w python3 -c "$0"; true`, made]).finish();
      assert.equal(done.stdout, '12 4 True\n', done.stderr);
    });
  });
