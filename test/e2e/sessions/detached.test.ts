/** Sessions that are started without a terminal, or lose theirs and live on. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { KEPT_OUTPUT } from '../../../src/registry/kept-output.ts';
import { lifeline } from '../../helpers/lifeline.ts';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { approve, enter, leaveList, openShell, runLine } from '../shell/shell-helpers.ts';

test('the root half', { skip: rootSkip }, () => {});
afterEach(closeTerminals);
// One for each home.
process.setMaxListeners(30);

interface Listed {
  readonly session_id: string;
  readonly status: string;
  readonly attachment: string;
  readonly attachable: boolean;
  readonly host_pid: number;
  readonly child_pid: number;
  readonly exit_code: number | null;
}

const homes: (readonly [TestUser, string])[] = [];

function ownHome(user: TestUser): string {
  const home = makeHome(user);
  lifeline(home);
  homes.push([user, home]);
  return home;
}

const all = (user: TestUser, home: string): Listed[] =>
  JSON.parse(nono(user, ['ps', '--json', '--all'], { cwd: home, home }).stdout) as Listed[];

after(() => {
  for (const [user, home] of homes)
    for (const one of all(user, home)) if (one.status !== 'exited') process.kill(one.host_pid, 'SIGKILL');
});

async function until<T>(find: () => T | undefined): Promise<T> {
  for (let i = 0; i < 100; i++) {
    const found = find();
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error('it never happened');
}

const listed = (user: TestUser, home: string, wanted: (one: Listed) => boolean): Promise<Listed> =>
  until(() => all(user, home).find(wanted));

const gone = (pid: number) => until(() => (existsSync(`/proc/${pid}`) ? undefined : true));

function attach(user: TestUser, home: string, id: string, background?: string): TestTerminal {
  return new TestTerminal({
    argv: [...user.prefix, join(installationFor(user), 'bin', 'nono'), 'attach', id],
    cwd: home,
    env: environment(home),
    cols: 110,
    rows: 30,
    ...(background === undefined ? {} : { background }),
  });
}

function startShell(user: TestUser, home: string): string {
  const done = nono(user, ['shell', '--detached', '-s', '--allow', '.'], { cwd: join(home, 'project'), home });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^\d{8}-\d{6}-\d+\n$/);
  return done.stdout.trim();
}

for (const user of users) {
  describe(`as ${user.name}`, { timeout: 180_000 }, () => {
    test('a shell without a terminal prints its id, and is attached later, in a terminal that is asked for its colours', async () => {
      const home = ownHome(user);
      const id = startShell(user, home);
      const one = await listed(user, home, (s) => s.session_id === id);
      assert.deepEqual([one.status, one.attachment, one.attachable], ['running', 'detached', true]);
      const t = attach(user, home, id, '#fefdfc');
      await t.until('[nono]');
      await runLine(t, 'stty size; tty', 'SIZE');
      assert.match(await t.text(), /\/dev\/pts\/\d+/);
      const ask =
        "stty -icanon -echo; printf '\\e]11;?\\e\\\\'; IFS= read -r -d '\\' -t 5 a; stty sane; printf '%q\\n' \"$a\"";
      await runLine(t, ask, 'ASKED');
      assert.match(await t.text(), /11;rgb:fefe\/fdfd\/fcfc/);
      // Asking begins with the terminal.
      enter(t, 'cat ~/notes.txt');
      await t.until('HELD');
      await approve(t, 'remember the milk', 'a');
      await leaveList(t);
      // What was on the screen before is there to be looked back on, at its end.
      await runLine(t, 'seq 1 60', 'COUNTED');
      assert.equal(nono(user, ['detach', id], { cwd: home, home }).code, 0);
      await t.untilEnd();
      const next = attach(user, home, id);
      await next.until('COUNTED');
      assert.doesNotMatch(await next.text(), /^7$/m);
      next.write(`${key.prefix}[`);
      await next.until('scrolled');
      next.write('g');
      await next.until('remember the milk');
      next.write('q');
      await next.until('COUNTED');
      enter(next, 'exit 5');
      assert.equal((await next.untilEnd()).code, 5);
      assert.equal(next.inAlternateScreen, false);
    });

    test('a flood that nobody looks at fills no memory, and its last screen is there for the next terminal', async () => {
      const home = ownHome(user);
      const id = startShell(user, home);
      const one = await listed(user, home, (s) => s.session_id === id);
      const rss = (): number =>
        Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${one.host_pid}/status`, 'utf8'))?.[1]) / 1024;
      const t = attach(user, home, id);
      await t.until('[nono]');
      await runLine(t, 'seq 1 30000', 'COUNTED');
      // It begins when nobody is there any more.
      enter(t, 'until [ -e go ]; do sleep 0.1; done; yes a line of a flood');
      assert.equal(nono(user, ['detach', id], { cwd: home, home }).code, 0);
      await t.untilEnd();
      const before = rss();
      writeFileSync(join(home, 'project/go'), '');
      let most = 0;
      for (let i = 0; i < 50; i++) {
        await pause(100);
        most = Math.max(most, rss());
      }
      assert.ok(most < before + 100, `${before} MB before, ${most} MB in the flood`);
      const next = attach(user, home, id);
      await next.until(/^a line of a flood/m);
      next.write(key.ctrlC);
      await runLine(next, 'true', 'STOPPED');
      next.write(`${key.prefix}[`);
      await next.until('scrolled');
      next.write('g');
      await next.until(/^a line of a flood/m);
      next.write('q');
      await next.until('STOPPED');
      enter(next, 'exit');
      await next.untilEnd();
    });

    test('what is refused at the start is said by the command that starts it, with its code', () => {
      const home = ownHome(user);
      const wrong = nono(user, ['run', '--detached', '-s', '--allow', '.', '--', 'no-such-command'], {
        cwd: home,
        home,
      });
      assert.equal(wrong.stdout, '');
      assert.equal(wrong.code, 127);
      assert.match(wrong.stderr, /no-such-command/);
      const lines = nono(user, ['shell', '--detached', '--screen-reader'], { cwd: home, home });
      assert.equal(lines.code, 2);
      assert.match(lines.stderr, /in lines of text has none[\s\S]*nono run --detached needs none/);
      const byVariable = nono(user, ['shell', '--detached'], { cwd: home, home, env: { NONO_SCREEN_READER: '1' } });
      assert.equal(byVariable.code, 2);
      assert.equal(byVariable.stdout, '');
      // The registry is where it is found again: without one nothing is left running unseen.
      writeFileSync(join(home, 'file'), '');
      const lost = nono(user, ['shell', '--detached', '-s', '--allow', '.'], {
        cwd: join(home, 'project'),
        home,
        env: { XDG_STATE_HOME: join(home, 'file') },
      });
      assert.notEqual(lost.code, 0);
      assert.equal(lost.stdout, '');
    });

    test('run: what it prints is kept and shown, its code is listed; it asks nothing and reads nothing', async () => {
      const home = ownHome(user);
      const script =
        'echo out; echo err >&2; cat; cat ~/notes.txt; cat ~/.local/state/nono/sessions/*.output; printf "\\033[31mred\\n"; exit 3';
      const done = nono(user, ['run', '--detached', '-s', '--allow', '.', '--', 'sh', '-c', script], {
        cwd: join(home, 'project'),
        home,
        input: 'not for it',
      });
      assert.equal(done.code, 0, done.stderr);
      const id = done.stdout.trim();
      const one = await listed(user, home, (s) => s.session_id === id && s.status === 'exited');
      assert.equal(one.exit_code, 3);
      const logs = nono(user, ['logs', '--output', id], { cwd: home, home });
      assert.match(logs.stdout, /^out\nerr\n/);
      assert.match(logs.stdout, /notes\.txt: Permission denied/);
      assert.doesNotMatch(logs.stdout, /not for it|remember the milk/);
      assert.equal(logs.stdout.match(/^out$/gm)?.length, 1, 'what is kept cannot be read from inside');
      assert.match(nono(user, ['logs', id], { cwd: home, home }).stdout, /denied +read \S+notes\.txt/);
      // On a terminal nothing that it printed is obeyed.
      const t = new TestTerminal({
        argv: [...user.prefix, join(installationFor(user), 'bin', 'nono'), 'logs', '--output', id],
        cwd: home,
        env: environment(home),
      });
      await t.untilEnd();
      assert.equal(t.raw.includes('\x1b[31m'), false);
      assert.match(await t.text(), /red/);
      const filtered = nono(user, ['logs', '--output', '--filter', 'NOTES', id], { cwd: home, home });
      assert.match(filtered.stdout, /notes\.txt/);
      assert.match(nono(user, ['logs', '--output', '--tail', '1', id], { cwd: home, home }).stdout, /red/);
      assert.equal(nono(user, ['prune'], { cwd: home, home }).code, 0);
      assert.deepEqual(readdirSync(join(home, '.local/state/nono/sessions')), []);
    });

    test('200 MB that a detached command prints: a bound on the disk and in memory, the newest is there, the rest is told', async () => {
      const home = ownHome(user);
      const at = { cwd: join(home, 'project'), home };
      const most = 200_000_000;
      const script = `yes 0123456789abcde | head -c ${most}; echo the-end > /dev/stdout; echo said >&2; sleep 300 & exec sleep 300`;
      const id = nono(user, ['run', '--detached', '-s', '--allow', '.', '--', 'bash', '-c', script], at).stdout.trim();
      const one = await listed(user, home, (s) => s.session_id === id);
      const sessions = join(home, '.local/state/nono/sessions');
      await until(() =>
        spawnSync('tail', ['-c', '5', join(sessions, `${id}.output`)]).stdout.toString() === 'said\n'
          ? true
          : undefined,
      );
      const kept = readdirSync(sessions).filter((name) => name.includes('.output'));
      assert.deepEqual(kept.sort(), [`${id}.output`, `${id}.output.1`]);
      const bytes = kept.reduce((sum, name) => sum + statSync(join(sessions, name)).size, 0);
      assert.ok(bytes > KEPT_OUTPUT / 2 && bytes <= KEPT_OUTPUT + 200, `${bytes} on the disk`);
      for (const name of kept) assert.equal(statSync(join(sessions, name)).mode & 0o777, 0o600);
      const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${one.host_pid}/status`, 'utf8')) ?? [];
      assert.ok(Number(peak) < 200_000, `the host took ${peak} kB`);
      const shown = nono(user, ['logs', '--output', id], { ...at, buffer: 2 * KEPT_OUTPUT });
      assert.match(shown.stdout.slice(-40), /the-end\nsaid\n$/);
      const [, missing] =
        /^nono: the first (\d+) bytes are not kept: the newest 32 MB at least are\n$/.exec(shown.stderr) ?? [];
      assert.equal(Number(missing) + shown.stdout.length, most + 'the-end\nsaid\n'.length);
      // The host is lost: what keeps the output ends with the last that could print.
      process.kill(one.host_pid, 'SIGKILL');
      await gone(one.child_pid);
      await until(() => (spawnSync('pgrep', ['-f', `nono-keep.*${id}`]).status === 1 ? true : undefined));
      // Nothing is asked of the kernel for each of the millions of lines.
      const calls = join(home, 'calls');
      const before = ['strace', '-f', '--seccomp-bpf', '-e', 'trace=fstat,newfstatat,statx', '-o', calls];
      assert.match(nono(user, ['logs', '--output', '--tail', '1', id], { ...at, before }).stdout, /said/);
      const looks = readFileSync(calls, 'latin1').split('\n').length;
      assert.ok(looks < 5000, `${looks} looks at open files`);
      assert.equal(nono(user, ['prune'], at).code, 0);
      assert.deepEqual(readdirSync(sessions), []);
    });

    test('kill -9 of the host ends what is inside; nono stop ends both', async () => {
      const home = ownHome(user);
      const cwd = join(home, 'project');
      const id = nono(user, ['run', '--detached', '-s', '--allow', '.', '--', 'sleep', '300'], {
        cwd,
        home,
      }).stdout.trim();
      const run = await listed(user, home, (s) => s.session_id === id);
      process.kill(run.host_pid, 'SIGKILL');
      await gone(run.child_pid);
      const started = startShell(user, home);
      const shell = await listed(user, home, (s) => s.session_id === started);
      process.kill(shell.host_pid, 'SIGKILL');
      await gone(shell.child_pid);
      const last = startShell(user, home);
      const { child_pid } = await listed(user, home, (s) => s.session_id === last);
      assert.equal(nono(user, ['stop', last], { cwd, home }).code, 0);
      await gone(child_pid);
    });

    test('a hangup ends the session, and only detaches it where that is set', async () => {
      for (const set of [false, true]) {
        const home = ownHome(user);
        mkdirSync(join(home, '.config/nono'), { recursive: true });
        if (set) writeFileSync(join(home, '.config/nono/config.toml'), '[ui]\nhangup = "detach"\n');
        const t = await openShell({ user, home });
        const one = await listed(user, home, (s) => s.attachable);
        await runLine(t, 'marked=kept', 'MARKED');
        t.kill('SIGHUP');
        await t.untilEnd();
        if (!set) {
          await gone(one.child_pid);
          continue;
        }
        await listed(user, home, (s) => s.attachment === 'detached' && s.status === 'running');
        const next = attach(user, home, one.session_id);
        await next.until('MARKED');
        await runLine(next, 'echo it-is-$marked', 'SAID');
        assert.match(await next.text(), /it-is-kept/);
        assert.equal(nono(user, ['stop', one.session_id], { cwd: home, home }).code, 0);
        await gone(one.child_pid);
      }
    });
  });
}

const [first] = users;
test('a program that asks its terminal without end, and reads no answer, holds nobody up', {
  timeout: 60_000,
}, async () => {
  assert.ok(first !== undefined);
  const home = ownHome(first);
  const id = startShell(first, home);
  const t = attach(first, home, id);
  await t.until('[nono]');
  enter(t, "stty -icanon -echo; printf '\\e[c%.0s' {1..30000}; echo ASK''ED; exec sleep 300");
  await t.until('ASKED');
  assert.equal(nono(first, ['detach', id], { cwd: home, home }).code, 0);
  await t.untilEnd();
  assert.equal(nono(first, ['stop', id], { cwd: home, home }).code, 0);
});

test('the lifeline: a killed test leaves no session behind', { timeout: 60_000 }, async () => {
  assert.ok(first !== undefined);
  const home = ownHome(first);
  const helper = join(import.meta.dirname, '..', '..', 'helpers', 'lifeline.ts');
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `(await import('${helper}')).lifeline('${home}'); console.log('on'); setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const started = startShell(first, home);
  const { host_pid, child_pid } = await listed(first, home, (s) => s.session_id === started);
  assert.match(readFileSync(`/proc/${host_pid}/cmdline`, 'utf8'), /--detached/);
  child.kill('SIGKILL');
  await gone(host_pid);
  await gone(child_pid);
});
