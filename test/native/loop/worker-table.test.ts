/** What waits is done by processes of which there may be so many at a time; the launcher of these tests has room for two. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { users } from '../../helpers/users.ts';
import { launcherWith } from '../launcher-with.ts';
import { children, makeWorld, plan, Session } from '../session.ts';

process.env['NONO_TEST_LAUNCHER'] = launcherWith(['-DCALLER_MAX_WORKERS=2'], /CALLER_MAX_WORKERS/);

for (const user of users) {
  describe(user.name, () => {
    test('one more is told that its worker was lost, at once; the others go on, and when they are done there is room again', {
      skip: !installed('python3'),
    }, async () => {
      const world = makeWorld(user);
      const pipes = [0, 1, 2].map((i) => join(world.base, `outside/brokered/pipe${i}`));
      world.write('outside/brokered/file', 'text');
      spawnSync('mkfifo', pipes);
      world.own();
      const brokered = join(world.outside, 'brokered');
      // Opening a FIFO waits for its other end.
      const script = `
import os, sys, threading, time
answers = {}
def opens(i):
    try: answers[i] = os.open('${brokered}/pipe%d' % i, os.O_RDONLY) and 'open'
    except OSError as e: answers[i] = e.strerror
def begin(i):
    t = threading.Thread(target=opens, args=(i,), daemon=True)
    t.start()
    return t
def wait_for_worker(i):
    while True:
        try: return os.open('${brokered}/pipe%d' % i, os.O_WRONLY | os.O_NONBLOCK)
        except OSError: time.sleep(0.01)
first = [begin(0), begin(1)]
sys.stdin.readline()
begin(2).join(10)
print(answers, os.read(os.open('${brokered}/file', os.O_RDONLY), 9).decode(), flush=True)
for i in range(2): wait_for_worker(i)
for t in first: t.join(10)
again = begin(2)
wait_for_worker(2)
again.join(10)
print(sorted(answers.items()), flush=True)
os._exit(0)
`;
      const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: brokered }] }), ['python3', '-c', script]);
      const { supervisorPid, childPid } = await s.event('ready');
      const workers = () => children(supervisorPid).filter((pid) => pid !== childPid);
      await s.until('a worker for each of the two', () => workers().length === 2 || undefined);
      s.tell('go');
      const { stdout, stderr } = await s.ended;
      assert.equal(stdout, "{2: 'Input/output error'} text\n[(0, 'open'), (1, 'open'), (2, 'open')]\n", stderr);
    });
  });
}
