import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import { rootSkip, users } from '../../helpers/users.ts';
import { actor, launcher, makeWorld, plan, Session } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const wide = world.write('outside/file', 'wide');
    const narrow = world.write('work/file', 'narrow');
    const inner = join(world.base, 'inner-plan');

    test('a session inside a session narrows it, and the outer broker does not step over that', async () => {
      writeFileSync(inner, encodePlan(plan({ floor: [world.work] })), { mode: 0o644 });
      const script = [
        `cat ${narrow}`,
        `cat ${wide} || echo kept`,
        `echo x > ${join(world.outside, 'made')} || echo kept`,
      ].join('; ');
      const s = new Session(
        user,
        plan({
          floor: [world.work],
          readFloor: [dirname(launcher()), inner],
          rules: [{ verdict: 'allow', path: world.outside }],
        }),
        [
          '/bin/sh',
          '-c',
          `cat ${wide}; echo; ${launcher()} --plan ${inner} -- /bin/sh -c '${script}' 2>/dev/null; echo; echo $?`,
        ],
      );
      assert.equal((await s.ended).stdout, 'wide\nnarrowkept\nkept\n\n0\n');
      assert.equal(existsSync(join(world.outside, 'made')), false);
      assert.ok(s.all('denied').some((e) => e.record.reason === 'cannot-perform' && e.record.path === wide));
    });

    test('an orphan of the inner session does not lose its limits with its ancestry', async () => {
      writeFileSync(inner, encodePlan(plan({})), { mode: 0o644 });
      // Whoever reads the pipe ends with the last that could write, and the session with it.
      const orphan = `(sh -c "sleep 0.2; cat ${wide} || echo kept" &) | cat`;
      const s = new Session(
        user,
        plan({ readFloor: [dirname(launcher()), inner], rules: [{ verdict: 'allow', path: world.outside }] }),
        ['/bin/sh', '-c', `${launcher()} --plan ${inner} -- /bin/sh -c '${orphan}' 2>/dev/null`],
      );
      assert.equal((await s.ended).stdout, 'kept\n');
    });

    test('metadata is what the outer policy says, as no Landlock domain decides it', async () => {
      writeFileSync(inner, encodePlan(plan({ floor: [world.work] })), { mode: 0o644 });
      const denied = world.write('outside/denied', '', 0o644);
      const script = `touch -d @5 ${narrow} && chmod 600 ${narrow} && stat -c "%a %Y" ${narrow}; chmod 600 ${denied} || echo kept; truncate -s 0 ${wide} || echo kept`;
      const s = new Session(
        user,
        plan({
          floor: [world.work],
          readFloor: [dirname(launcher()), inner],
          rules: [
            { verdict: 'allow', path: world.outside },
            { verdict: 'deny', access: 'all', path: denied },
          ],
        }),
        ['/bin/sh', '-c', `${launcher()} --plan ${inner} -- /bin/sh -c '${script}' 2>/dev/null`],
      );
      assert.equal((await s.ended).stdout, '600 5\nkept\nkept\n');
      assert.equal(statSync(denied).mode & 0o777, 0o644);
      assert.equal(statSync(wide).size, 4);
    });

    test('a session inside a session knows that it is one', async () => {
      const s = new Session(user, plan({ readFloor: [dirname(launcher())] }), [launcher(), '--probe']);
      assert.match((await s.ended).stdout, / nested=1\n$/);
    });

    test('the rest of the outer session stays as it was', async () => {
      writeFileSync(inner, encodePlan(plan({})), { mode: 0o644 });
      const s = new Session(
        user,
        plan({
          readFloor: [dirname(launcher()), inner],
          rules: [{ verdict: 'allow', path: world.outside }],
          // Under the sanitizers: a child of the inner supervisor, which adopts orphans, is not served any more.
          env: ['PATH=/usr/bin:/bin', 'ASAN_OPTIONS=detect_leaks=0'],
        }),
        ['/bin/sh', '-c', `${launcher()} --plan ${inner} -- /bin/sh -c 'exit 4'; echo $?; cat ${wide}`],
      );
      assert.equal((await s.ended).stdout, '4\nwide\n');
    });

    test('however many restricted themselves and ended, the others are served, and their orphans are not', {
      skip: spawnSync('python3', ['-V']).status === 0 ? undefined : 'no python3',
    }, async () => {
      const script = `
import os, ctypes
restrict = lambda: ctypes.CDLL(None).syscall(446, -1, 0)
def read():
    try: return open('${wide}').read()
    except PermissionError: return 'kept'
go, went = os.pipe()
end, ended = os.pipe()
if os.fork() == 0:
    restrict()
    if os.fork() == 0:
        os.close(went)
        os.read(go, 1)
        os.write(ended, read().encode())
    os._exit(0)
os.wait()
for i in range(80):
    if os.fork() == 0:
        restrict()
        os._exit(0)
    os.wait()
os.close(ended)
print(read(), flush=True)
os.close(went)
print(os.read(end, 100).decode())
`;
      const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: world.outside }] }), [
        'python3',
        '-c',
        script,
      ]);
      const done = await s.ended;
      assert.equal(done.stdout, 'wide\nkept\n', done.stderr);
    });

    test('an orphan in a pid namespace made inside does not lose them, whose init is restricted by nothing', {
      skip: spawnSync('python3', ['-V']).status === 0 ? undefined : 'no python3',
    }, async () => {
      const script = `
import os, ctypes, time
libc = ctypes.CDLL(None)
def read():
    try: return open('${wide}').read()
    except PermissionError: return 'kept'
if libc.unshare(0x10000000 | 0x20000000) != 0: raise SystemExit('no namespace')
init = os.fork()
if init == 0:
    end, ended = os.pipe()
    if os.fork() == 0:
        libc.syscall(446, -1, 0)
        if os.fork() == 0:
            while os.getppid() != 1: time.sleep(0.01)
            os.write(ended, read().encode())
        os._exit(0)
    os.close(ended)
    print(os.read(end, 100).decode(), flush=True)
    os._exit(0)
os.waitpid(init, 0)
print(read())
`;
      const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: world.outside }] }), [
        'python3',
        '-c',
        script,
      ]);
      const done = await s.ended;
      assert.equal(done.stdout, 'kept\nwide\n', done.stderr);
    });

    test('who restricts itself is not served any more, nor are its children', async () => {
      const s = actor(user, { rules: [{ verdict: 'allow', path: world.outside }] });
      assert.equal(await s.read(wide), 'wide');
      // An invalid ruleset restricts nothing; the attempt is enough to stop trusting our own view of the caller.
      await s.sys('restrict', -1, 0);
      assert.equal(await s.read(wide), 'EACCES');
      assert.equal((await s.ask('fork', 'openat', -100, `s:${wide}`, 0, 0)).error, 'EACCES');
      await s.finish();
    });
  });
}
