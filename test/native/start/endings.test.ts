/** Whoever left its parents behind is the supervisor's child: thousands of them that end at once keep nobody's call waiting until the last of them was looked at. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { rootSkip, users } from '../../helpers/users.ts';
import { children, makeWorld, plan, Session } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

const COUNT = 2000;

const state = (pid: number): string => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';

for (const user of users) {
  describe(user.name, () => {
    test('a call is answered before all of them are reaped', { skip: !installed('python3') }, async () => {
      const world = makeWorld(user);
      const file = world.write('outside/file', 'text');
      world.own();
      // The youngest is reaped last.
      const script = `
import os, sys, threading
end = os.pipe()
numbers = os.pipe()
if os.fork() == 0:
    pids = []
    for i in range(${COUNT}):
        pid = os.fork()
        if pid == 0:
            os.close(end[1])
            os.read(end[0], 1)
            os._exit(0)
        pids.append(pid)
    os.write(numbers[1], b'%d' % pids[-1])
    os._exit(0)
youngest = int(os.read(numbers[0], 20))
os.wait()
print('made', flush=True)
sys.stdin.readline()
os.close(end[1])
print('ending', flush=True)
fd = os.open('${file}', os.O_RDONLY)
try:
    os.kill(youngest, 0)
    print('before', flush=True)
except ProcessLookupError:
    print('after', flush=True)
`;
      const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: join(world.base, 'outside') }] }), [
        'python3',
        '-c',
        script,
      ]);
      const { supervisorPid, childPid } = await s.event('ready');
      const orphans = () => children(supervisorPid).filter((pid) => pid !== childPid);
      await s.until('the children', () => s.output.includes('made') || undefined);
      assert.ok(orphans().length >= COUNT);
      process.kill(supervisorPid, 'SIGSTOP');
      try {
        s.tell('go');
        await s.until('their end', () => s.output.includes('ending') || undefined);
        await s.until('all of them dead', () => orphans().every((pid) => state(pid) === 'Z') || undefined);
        await s.until('the call', () => state(childPid) === 'S' || state(childPid) === 'D' || undefined);
      } finally {
        // Whoever waits for the answer looks before the rest is done, also where others take the processors: the supervisor is less urgent than all of them.
        setPriority(supervisorPid, 10);
        process.kill(supervisorPid, 'SIGCONT');
      }
      const { stdout, stderr, code } = await s.ended;
      assert.equal(stdout, 'made\nending\nbefore\n', stderr);
      assert.equal(code, 0);
    });
  });
}
