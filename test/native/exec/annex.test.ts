/** Executing what may only be read and is not on the floor: from a copy that nothing else can use. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { linkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { users } from '../../helpers/users.ts';
import { cannot, offFloor, program } from '../off-floor.ts';
import { fixture, makeWorld, type PlanText, type World } from '../session.ts';

for (const user of users) {
  const { run, start } = offFloor(user);

  describe(`executing what may only be read, as ${user.name}`, () => {
    const readable = (world: World): PlanText => ({
      rules: [{ verdict: 'allow', access: 'read', path: world.outside }],
    });

    test('by every way of starting a program', { skip: cannot('python3') }, async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const script = world.write('outside/script', '#!/bin/sh\necho "$0 $1"\n', 0o755);
      const before = statSync(tool);
      world.write(
        'work/ways.py',
        `import os, subprocess, threading
t, s = ${JSON.stringify(tool)}, ${JSON.stringify(script)}
def run(*a, **k): print(subprocess.run(a, capture_output=True, text=True, **k).stdout.strip(), flush=True)
for i in range(3): run(t, 'vfork'); run(s, 'vfork')
run(t, 'fork', preexec_fn=lambda: None)
pid = os.posix_spawn(t, [t, 'spawn'], os.environ); os.waitpid(pid, 0)
ths = [threading.Thread(target=run, args=(t, 'thread')) for _ in range(8)]
[x.start() for x in ths]; [x.join() for x in ths]
fd = os.open(t, os.O_RDONLY)
pid = os.fork()
if pid == 0: os.execve(fd, [t, 'descriptor'], os.environ)
os.waitpid(pid, 0)
os.execv(s, [s, 'last'])
`,
      );
      const done = await run(world, 'python3 ways.py', { ...readable(world), readFloor: python() });
      const expected = [
        ...['vfork', `${script} vfork`, 'vfork', `${script} vfork`, 'vfork', `${script} vfork`, 'fork', 'spawn'],
        ...Array<string>(8).fill('thread'),
        'descriptor',
        `${script} last`,
      ];
      assert.deepEqual(done.stdout.trim().split('\n'), expected, done.stderr);
      const after = statSync(tool);
      assert.deepEqual([after.ino, after.mtimeMs, after.ctimeMs], [before.ino, before.mtimeMs, before.ctimeMs]);
    });
    test('from a static caller, and not a file that cannot be executed', { skip: cannot('cc') }, async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const plain = world.write('outside/plain', '#!/bin/sh\necho no\n', 0o644);
      const source = world.write(
        'outside/caller.c',
        'int execv(const char*,char*const*);int main(int c,char**v){return execv(v[1],v+1),7;}\n',
      );
      spawnSync('cc', ['-static', '-o', join(world.work, 'caller'), source]);
      const done = await run(
        world,
        `./caller ${tool} static; ./caller ${plain}; echo $?; ./caller /nonexistent; echo $?`,
        readable(world),
      );
      assert.equal(done.stdout, 'static\n7\n7\n', done.stderr);
    });
    test('the question whether a file may be executed executes nothing', { skip: cannot('python3') }, async (t) => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const script = world.write('outside/script', '#!/bin/sh\necho executed\n', 0o755);
      const plain = world.write('outside/plain', '#!/bin/sh\necho executed\n', 0o644);
      world.write(
        'work/asks.py',
        `import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
CHECK, EMPTY, nr = 0x10000, 0x1000, 322 if os.uname().machine == 'x86_64' else 281
def ask(fd, path, flags):
  argv = (ctypes.c_char_p * 3)(b'x', b'executed', None)
  got = libc.syscall(nr, fd, path.encode(), argv, (ctypes.c_char_p * 1)(None), flags)
  print('yes' if got == 0 else errno.errorcode[ctypes.get_errno()], flush=True)
for path in sys.argv[1:]:
  ask(-100, path, CHECK)
  ask(os.open(path, os.O_RDONLY), '', CHECK | EMPTY)
ask(-100, sys.argv[1], 4)
`,
      );
      const asked = async (settings: object) =>
        (await run(world, `python3 asks.py ${tool} ${script} ${plain}`, settings)).stdout.trim().split('\n');
      const bare = (await run(world, 'python3 asks.py /bin/echo', { readFloor: python() })).stdout.split('\n')[0];
      if (bare === 'EINVAL') return t.skip('this kernel does not know AT_EXECVE_CHECK');
      assert.deepEqual(await asked({ ...readable(world), readFloor: python() }), [
        ...Array<string>(4).fill('yes'),
        ...['EACCES', 'EACCES'],
        'EINVAL',
      ]);
    });
    test('a deny, or no grant, executes nothing and copies nothing', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const denied = program(world, 'outside/denied', '/bin/echo');
      linkSync(tool, join(world.base, 'state-not'));
      const done = await run(
        world,
        `${denied} LEAK; ln -s ${denied} way; ./way LEAK; ${world.base}/state-not LEAK; echo end`,
        {
          rules: [...(readable(world).rules ?? []), { verdict: 'deny', path: denied }],
        },
      );
      assert.equal(done.stdout, 'end\n');
      assert.deepEqual(
        done.session.all('denied').map((e) => [e.record.verb, e.record.reason]),
        [
          ['execve', 'denied-by-rule'],
          ['execve', 'denied-by-rule'],
          ['execve', 'not-granted'],
        ],
      );
    });
    test('is asked for, once and for the session, and refused on a no', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const session = start(world, `for w in one two three four; do ${tool} $w; done; echo end`, { mode: 'ask' });
      const held = (n: number) => session.event('held', n);
      session.send({ type: 'verdict', holdId: (await held(0)).holdId, allow: true });
      session.send({ type: 'verdict', holdId: (await held(1)).holdId, allow: false });
      const third = await held(2);
      assert.deepEqual([third.record.verb, third.record.path, third.record.access], ['execve', tool, 'read']);
      session.send({ type: 'add-rule', id: 901, verdict: 'allow', kind: 'tree', access: 'read', path: world.outside });
      const done = await session.finish();
      assert.equal(done.stdout, 'one\nthree\nfour\nend\n', done.stderr);
      assert.deepEqual(
        session.all('released').map((e) => e.outcome),
        ['allowed', 'denied', 'allowed'],
      );
    });
    test('of a script and its interpreter each is asked about once; a yes is for the file that was there', async () => {
      const world = makeWorld(user);
      const shell = program(world, 'outside/mysh', '/bin/sh');
      const script = world.write('outside/script', `#!${shell}\necho ran\n`, 0o755);
      const session = start(world, `${script}; ${script}; echo end`, { mode: 'ask' });
      const shown: string[] = [];
      const yes = async () => {
        const { holdId, record } = await session.event('held', shown.length);
        shown.push(`${record.verb} ${record.path.slice(world.outside.length + 1)}`);
        session.send({ type: 'verdict', holdId, allow: true });
      };
      for (let i = 0; i < 4; i++) await yes();
      await session.event('held', 4);
      spawnSync('mv', [script, `${script}.old`]);
      world.write('outside/script', `#!${shell}\necho OTHER\n`, 0o755);
      await yes();
      const other = await session.event('held', 5);
      assert.equal(other.record.path, script);
      session.send({ type: 'verdict', holdId: other.holdId, allow: false });
      assert.equal((await session.finish()).stdout, 'ran\nend\n');
      assert.deepEqual(shown, ['execve script', 'execve mysh', 'openat script', 'execve script', 'execve mysh']);
    });
    test('another file under the name that was shown is not executed', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const session = start(world, `${tool} SHOWN; echo end`, { mode: 'ask' });
      const { holdId } = await session.event('held');
      spawnSync('mv', [tool, `${tool}.old`]);
      program(world, 'outside/tool', '/bin/echo');
      session.send({ type: 'verdict', holdId, allow: true });
      const done = await session.finish();
      assert.equal(done.stdout, 'end\n');
      assert.equal(session.all('released')[0]?.outcome, 'changed');
    });
    test('by several threads at once: one of them does it, and nothing waits for ever', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/true');
      const done = await run(world, `timeout 20 ${fixture('exec-threads')} ${tool} 40`, readable(world));
      assert.equal(done.stdout, '40\n', done.stderr);
    });
    test('while signals come, which are handled first', async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/true');
      // A script's new arguments lie where the handler's frame comes to lie.
      const script = world.write(
        'outside/script',
        '#!/bin/sh\ncase $# in 0) ;; *) exit 1 ;; esac; case $0 in */script) ;; *) exit 1 ;; esac\n',
        0o755,
      );
      for (const path of [tool, script]) {
        const done = await run(world, `timeout 20 ${fixture('exec-signals')} ${path} 200`, readable(world));
        assert.equal(done.stdout, '200 interrupted\n', `${path}: ${done.stderr}`);
      }
    });
    test('under a debugger it cannot be done, and that is said', { skip: cannot('strace') }, async () => {
      const world = makeWorld(user);
      const tool = program(world, 'outside/tool', '/bin/echo');
      const done = await run(world, `strace -f -o /dev/null ${tool} TRACED; echo end`, readable(world));
      assert.equal(done.stdout, 'end\n');
      assert.deepEqual(
        done.session
          .all('denied')
          .filter((e) => e.record.verb === 'execve')
          .map((e) => e.record.reason),
        ['cannot-perform'],
      );
    });
  });
}

/** Where the interpreter is installed, when that is not below /usr. */
function python(): string[] {
  const found = spawnSync('python3', ['-c', 'import sys; print(sys.base_prefix); print(sys.executable)'], {
    encoding: 'utf8',
  });
  return found.stdout
    .split('\n')
    .slice(0, 1)
    .filter((path) => path !== '' && !path.startsWith('/usr'));
}
