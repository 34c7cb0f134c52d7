/** Resource limits: the cgroup's files on a stand-in (a delegated cgroup is not everywhere), limits of processes for real. */
import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sessionDirectoryPrefix } from '../../../src/policy/resolve/session-directory.ts';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import type { Plan } from '../../../src/sandbox/linux/plan-format.ts';
import { delegate, delegationSkip } from '../../helpers/cgroup.ts';
import { removeAtEnd } from '../../helpers/left-behind.ts';
import { rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { ask, driver } from '../driver.ts';
import { actor, fixture, makeWorld, plan, Session, text } from '../session.ts';

const program = driver('drivers/cgroup.c', ['caller', 'caller_stat', 'report']);

function parent(controllers: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'nono-cgroup-'));
  removeAtEnd(dir);
  writeFileSync(join(dir, 'cgroup.subtree_control'), controllers);
  return dir;
}

describe('a cgroup of its own', () => {
  test('gets the limits, is joined, and goes again', () => {
    const dir = parent('cpu memory pids\n');
    const said = ask(program, [dir, String(64 * 2 ** 20), '7'])
      .trim()
      .split('\n');
    assert.deepEqual(said.slice(0, 5), [
      `memory.max ${64 * 2 ** 20}`,
      'memory.swap.max 0',
      'memory.oom.group 1',
      'pids.max 7',
      'cgroup.procs 0',
    ]);
    assert.equal(said[5], 'limits: memory 64 MiB in all (cgroup), 7 processes and threads in all (cgroup)');
    assert.match(said[6] ?? '', /nono-\d+-\d+$/);
    assert.deepEqual(readdirSync(dir), ['cgroup.subtree_control']);
  });

  test('is not made where its controllers are not delegated', () => {
    for (const controllers of ['', 'cpu io\n', 'memory_x pids\n', 'pids\n'])
      assert.equal(ask(program, [parent(controllers), '1048576', '0']).trim(), 'none', controllers);
  });

  test('what a killed launcher left is removed, what a living one uses is not', () => {
    const dir = parent('memory pids\n');
    const start = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[19];
    mkdirSync(join(dir, `nono-${process.pid}-${start}`));
    mkdirSync(join(dir, `nono-${process.pid}-1`));
    mkdirSync(join(dir, 'nono-4194303-5'));
    ask(program, [dir, '1048576', '3']);
    assert.deepEqual(readdirSync(dir).sort(), ['cgroup.subtree_control', `nono-${process.pid}-${start}`]);
  });
});

test('the root half', { skip: rootSkip }, () => {});

function uidOf(pid: string): number | undefined {
  try {
    return /^\d+$/.test(pid) ? Number(/Uid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) : undefined;
  } catch {
    return undefined; // ended meanwhile
  }
}

/** Nobody else runs processes under this number, so that RLIMIT_NPROC counts ours alone. */
const lonely: TestUser = {
  name: 'ordinary user',
  uid: 54_399,
  prefix: ['setpriv', '--reuid=54399', '--regid=54399', '--clear-groups', '--inh-caps=-all', '--'],
};

const bomb =
  '$| = 1; for (1 .. 60) { my $p = fork; if (!defined $p) { $failed++ } elsif (!$p) { sleep 20; exit } else { $made++ } } print "$made $failed\\n"; <STDIN>;';

describe('a number of processes', { skip: rootSkip }, () => {
  test('holds a fork bomb, for an ordinary user', async () => {
    const world = makeWorld(lonely);
    const s = new Session(lonely, { ...plan({ floor: [world.work] }), limits: { processes: 12 } }, [
      '/usr/bin/perl',
      '-e',
      bomb,
    ]);
    await s.event('ready');
    const notice = await s.event('notice');
    assert.match(notice.text, /12 processes and threads more than you run now \(RLIMIT_NPROC\)/);
    // One runs at the start, the guardian; supervisor and perl itself are among the twelve.
    const said = await s.until('the count', () => (s.output.includes('\n') ? s.output : undefined));
    const inside = readdirSync('/proc').filter((pid) => uidOf(pid) === lonely.uid);
    s.abandon();
    assert.equal(said, '10 50\n');
    assert.equal(inside.length, 13);
  });

  test('is refused for root, or named as not in force', async () => {
    const [root] = users;
    assert.ok(root);
    const refused = new Session(root, { ...plan({}), limits: { processes: 12 } }, ['/bin/true']);
    const error = await refused.event('setup-error');
    assert.match(`${error.step} ${error.object}`, /number of processes.*root/);
    await refused.ended;
    const flags = optionFlag.supervise | optionFlag.allowDegraded;
    const degraded = new Session(root, { ...plan({ flags }), limits: { processes: 12 } }, ['/bin/true']);
    assert.match((await degraded.event('notice')).text, /NOT limited/);
    assert.equal((await degraded.ended).code, 0);
  });
});

for (const user of users) {
  describe(`a delegated cgroup, ${user.name}`, { skip: delegationSkip }, () => {
    const inside = (script: string, limits: Plan['limits']): { session: Session; end(): Promise<void> } => {
      const delegated = delegate(user.uid);
      const world = makeWorld(user);
      const session = new Session(
        { ...user, prefix: [...delegated.prefix, ...user.prefix] },
        { ...plan({ floor: [world.work] }), limits },
        ['/usr/bin/perl', '-e', script],
      );
      const end = async (): Promise<void> => {
        session.abandon();
        await session.ended;
        for (let i = 0; i < 200 && delegated.left().length > 0; i++) await new Promise((done) => setTimeout(done, 50));
        assert.deepEqual(delegated.left(), []);
        delegated.remove();
      };
      return { session, end };
    };

    test('counts the processes of the whole session, root or not, and is removed', async () => {
      const { session, end } = inside(bomb, { processes: 8 });
      assert.match((await session.event('notice')).text, /8 processes and threads in all \(cgroup\)/);
      const said = await session.until('the count', () => (session.output.includes('\n') ? session.output : undefined));
      assert.equal(said, '7 53\n');
      await end();
    });

    test('counts the memory of many small processes together, and ends them together', async () => {
      const hogs =
        '$| = 1; for (1 .. 8) { if (!fork) { my $x = "x" x 30_000_000; sleep 60; exit } } sleep 30; print "survived\n"; sleep 60';
      const { session, end } = inside(hogs, { memory: 96 * 2 ** 20 });
      assert.match((await session.event('notice')).text, /memory 96 MiB in all \(cgroup\)/);
      const ended = await session.ended;
      assert.notEqual(ended.code, 0);
      assert.doesNotMatch(ended.stdout, /survived/);
      await end();
    });
  });
}

for (const user of users) {
  describe(`limits of each process, ${user.name}`, () => {
    const world = makeWorld(user);

    test('cannot be raised again, and hold for what the supervisor does for a caller', async () => {
      const [RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA] = [0, 1, 2];
      const prlimit = process.arch === 'x64' ? 'nr:302' : 'nr:261';
      const limited = {
        ...plan({ floor: [world.work], rules: [{ verdict: 'allow', path: world.outside }] }),
        limits: { memory: 256 * 2 ** 20, cpuSeconds: 60, fileSize: 65_536 },
      };
      const session = new Session(user, limited, [fixture('actor')]);
      for (const resource of [RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA]) {
        const raised = await session.sys(prlimit, 0, resource, `u64:${2 ** 40}:${2 ** 40}`, 0);
        assert.equal(raised.error, 'EPERM', `resource ${resource}`);
      }
      await session.ask('handler', 25, 0);
      for (const directory of [world.work, world.outside]) {
        const file = join(directory, 'sized');
        const fd = (await session.open(file, 0o102, 0o644)).ret;
        assert.equal((await session.sys('ftruncate', fd, 65_536)).error, '');
        assert.equal((await session.sys('ftruncate', fd, 65_537)).error, 'EFBIG');
        assert.equal((await session.sys('truncate', text(file), 65_537)).error, 'EFBIG', directory);
        assert.equal(statSync(file).size, 65_536);
      }
      await session.finish();
    });

    test('the thread that goes past its limit gets SIGXFSZ, and no other', async () => {
      const script = `import os, resource, signal, threading
got = []
signal.signal(signal.SIGXFSZ, lambda *_: got.append(1))
path = '${join(world.outside, 'signalled')}'
open(path, 'w').close()
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
# Blocked here: what a sibling gets stays with it.
pending = []
def sibling():
  signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGXFSZ])
  try:
    os.truncate(path, 4097)
  except OSError as error:
    print(error.strerror)
  pending.append(signal.SIGXFSZ in signal.sigpending())
t = threading.Thread(target=sibling); t.start(); t.join()
print(pending, got)
try:
  os.truncate(path, 4097)
except OSError as error:
  print(error.strerror)
print(got)`;
      const served = plan({ floor: [world.work], rules: [{ verdict: 'allow', path: world.outside }] });
      const done = await new Session(user, served, ['python3', '-c', script]).finish();
      assert.equal(done.stdout, 'File too large\n[True] []\nFile too large\n[1]\n', done.stderr);
    });

    test('the soft limit of whoever starts the session is the command’s to raise', async () => {
      const path = join(world.outside, 'raised');
      const script = `import os, resource
open('${path}', 'w').close()
try:
  os.truncate('${path}', 8192)
except OSError as error:
  print(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
os.truncate('${path}', 8192)
print(os.stat('${path}').st_size)`;
      const served = plan({ floor: [world.work], rules: [{ verdict: 'allow', path: world.outside }] });
      const limited = { ...user, prefix: [...user.prefix, 'prlimit', '--fsize=4096:unlimited', '--'] };
      const ignoring = ['python3', '-c', `import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n${script}`];
      const done = await new Session(limited, served, ignoring).finish();
      assert.equal(done.stdout, 'File too large\n8192\n', done.stderr);
    });

    test('the soft limit on open files is handed back, never raised', async () => {
      const before = { ...plan({ floor: [world.work] }), limits: { openFiles: 123 } };
      const s = new Session(user, before, ['/bin/sh', '-c', 'ulimit -Sn; ulimit -Hn']);
      const [soft, hard] = (await s.ended).stdout.trim().split('\n');
      assert.equal(soft, '123');
      assert.notEqual(hard, '123');
    });

    test('no descriptor but three, no signal ignored or blocked', async () => {
      const s = actor(user, { floor: [world.work] });
      const { childPid } = await s.event('ready');
      // Its loader has closed what it opens by then.
      await s.sys('getpid');
      assert.deepEqual(readdirSync(`/proc/${childPid}/fd`).sort(), ['0', '1', '2']);
      const status = readFileSync(`/proc/${childPid}/status`, 'utf8');
      for (const set of ['SigIgn', 'SigBlk']) assert.match(status, new RegExp(`${set}:\\t0+\n`), set);
      await s.finish();
    });

    test('the session’s temporary directory goes at the end; what links in it lead to stays', async () => {
      const kept = world.write('outside/kept/file', 'kept');
      const tmp = join(world.work, `nono-tmp-${process.pid}-1-test`);
      mkdirSync(tmp, { mode: 0o777 });
      const script = `cd ${tmp} && ln -s ${join(world.outside, 'kept')} link && ln -s ${kept} file && mkdir -p a/b/c/d && touch a/b/x && chmod 500 a/b && chmod 0 a && mkfifo pipe && echo made`;
      if (user.uid !== process.getuid?.()) chownSync(tmp, user.uid, user.uid);
      const s = new Session(user, { ...plan({ floor: [world.work] }), tmpdir: tmp }, ['/bin/sh', '-c', script]);
      const ended = await s.ended;
      assert.equal(ended.stdout, 'made\n', ended.stderr);
      assert.equal(existsSync(tmp), false);
      assert.equal(readFileSync(kept, 'utf8'), 'kept');
    });

    test('it goes with a killed host, and a next start removes what a killed guardian left', async () => {
      const make = (name: string): string => {
        const dir = join(world.work, name);
        mkdirSync(dir);
        writeFileSync(join(dir, 'x'), '');
        if (user.uid !== process.getuid?.())
          for (const path of [dir, join(dir, 'x')]) chownSync(path, user.uid, user.uid);
        return dir;
      };
      /** Long after its session has said that it has it. */
      const old = (dir: string): string => {
        utimesSync(dir, 1e9, 1e9);
        return dir;
      };
      const first = make('nono-tmp-4194303-000000000007-aaaaaa');
      const s = new Session(user, { ...plan({ floor: [world.work] }), tmpdir: first }, ['/bin/sleep', '60']);
      await s.event('ready');
      s.hangUp();
      await s.ended;
      assert.equal(existsSync(first), false);
      const stale = old(make('nono-tmp-4194303-000000000008-bbbbbb'));
      const own = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[19];
      const living = old(make(`${sessionDirectoryPrefix(process.pid, own ?? '')}cccccc`));
      // As in a container with the same /tmp: its host has no number here.
      const apart = make('nono-tmp-4194303-000000000010-eeeeee');
      const other = new Session(user, { ...plan({ floor: [world.work] }), tmpdir: apart }, ['/bin/sleep', '60']);
      await other.event('ready');
      old(apart);
      const made = make('nono-tmp-4194303-000000000011-ffffff');
      const next = new Session(
        user,
        { ...plan({ floor: [world.work] }), tmpdir: make('nono-tmp-4194303-000000000009-dddddd') },
        ['/bin/true'],
      );
      await next.ended;
      assert.equal(existsSync(stale), false);
      assert.equal(existsSync(living), true, 'of a host that lives');
      assert.equal(existsSync(apart), true, 'of a session that lives in another pid namespace');
      assert.equal(existsSync(made), true, 'of one that has only begun');
      other.hangUp();
      await other.ended;
      assert.equal(existsSync(apart), false);
    });
  });
}
