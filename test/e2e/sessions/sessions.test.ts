/** `ps`, `inspect`, `logs`, `stop`, `prune` on real sessions, as root and as an ordinary user. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

const running: ChildProcess[] = [];
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

async function until<T>(what: () => T | undefined): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const found = what();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it never happened');
}

interface Listed {
  readonly session_id: string;
  readonly name: string | null;
  readonly status: string;
  readonly exit_code: number | null;
  readonly host_pid: number;
  readonly child_pid: number;
}

for (const user of users) {
  describe(user.name, { timeout: 120_000 }, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const ask = (...args: string[]): Outcome => nono(user, args, { cwd, home });
    const listed = (...args: string[]): Listed[] => JSON.parse(ask('ps', '--json', ...args).stdout) as Listed[];
    const begin = (stdout: 'ignore' | 'pipe', ...args: string[]): ChildProcess => {
      const [program = '', ...rest] = [...user.prefix, join(installationFor(user), 'bin', 'nono'), ...args];
      const child = spawn(program, rest, { cwd, env: environment(home), stdio: ['ignore', stdout, 'ignore'] });
      running.push(child);
      return child;
    };
    const start = (...args: string[]): ChildProcess => begin('ignore', 'run', ...args);
    const named = (name: string): Promise<Listed> => until(() => listed().find((session) => session.name === name));

    test('a session is listed while it runs, and with --all afterwards', async () => {
      const child = start(
        '--allow-cwd',
        '--name',
        'first',
        '--',
        'sh',
        '-c',
        'cat ~/notes.txt; read x < /dev/null; sleep 60',
      );
      const session = await named('first');
      assert.equal(session.status, 'running');
      assert.match(session.session_id, /^\d{8}-\d{6}-\d+$/);
      const directory = join(home, '.local/state/nono/sessions');
      assert.equal(statSync(directory).mode & 0o7777, 0o700);
      for (const name of readdirSync(directory))
        assert.equal(statSync(join(directory, name)).mode & 0o7777, 0o600, name);
      assert.match(ask('ps').stdout, /first {2}running/);
      assert.match(ask('inspect', 'first').stdout, /Directory: +.*\/project/);
      assert.match(await until(() => ask('logs', 'first').stdout.match(/denied.*notes\.txt.*/)?.[0]), /cat\(\d+\)/);

      const stopped = ask('stop', 'first');
      assert.deepEqual([stopped.code, stopped.stdout], [0, `stopped ${session.session_id}\n`], stopped.stderr);
      assert.equal(child.exitCode ?? (await new Promise((resolve) => child.on('exit', resolve))), 143);
      assert.equal(listed().length, 0);
      assert.equal(listed('--all')[0]?.exit_code, 143);
      const again = ask('stop', 'first');
      assert.equal(again.code, 1);
      assert.match(again.stderr, /has ended already/);
    });

    test('a host that was killed is not listed as running, and nothing is signalled for it', async () => {
      const child = start('--name', 'killed', '--', 'sleep', '60');
      const session = await named('killed');
      process.kill(session.host_pid, 'SIGKILL');
      await new Promise((resolve) => child.on('exit', resolve));
      await until(() => (listed().some(({ name }) => name === 'killed') ? undefined : true));
      assert.equal(ask('stop', 'killed').code, 1);
    });

    test('what ignores SIGTERM is killed with --force only', async () => {
      start('--name', 'stubborn', '--', 'sh', '-c', "trap '' TERM HUP; while :; do sleep 1; done");
      const session = await named('stubborn');
      // SIGHUP and SIGTERM.
      const ignores = /^SigIgn:\t[0-9a-f]*[4-7c-f][0-9a-f]{2}[13579bdf]$/m;
      await until(() => ignores.test(readFileSync(`/proc/${session.child_pid}/status`, 'utf8')) || undefined);
      const refused = ask('stop', '--timeout', '0.5', 'stubborn');
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /has not ended within 0\.5 s.*--force/);
      assert.equal(ask('stop', '--force', '--timeout', '0.2', 'stubborn').code, 0);
      await until(() => {
        try {
          return /^State:\s+Z/m.test(readFileSync(`/proc/${session.child_pid}/status`, 'utf8')) || undefined;
        } catch {
          return true;
        }
      });
    });

    test('logs -f follows until the end', async () => {
      start(
        '--allow-cwd',
        '--name',
        'followed',
        '--',
        'sh',
        '-c',
        'until [ -e go ]; do sleep 0.02; done; cat ~/notes.txt',
      );
      await named('followed');
      const follows = begin('pipe', 'logs', '-f', '--json', 'followed');
      const seen: { type: string }[] = [];
      for await (const line of createInterface({ input: follows.stdout as Readable })) {
        seen.push(JSON.parse(line) as { type: string });
        // It follows: what it is to see has not happened yet.
        writeFileSync(join(cwd, 'go'), '');
      }
      assert.ok(seen.some(({ type }) => type === 'denied'));
      assert.equal(seen.at(-1)?.type, 'exited');
    });

    test('wrong words give one line and the documented code', () => {
      for (const [args, code, text] of [
        [['logs', 'frist'], 1, /Session not found: frist \(did you mean first\?\)/],
        [['inspect', '../first'], 2, /not a session id/],
        [['stop', 'a/b'], 2, /not a session id/],
        [['stop', '--timeout', 'x', 'first'], 2, /not a number of seconds/],
        [['prune', '--older-than', 'soon'], 2, /not an age/],
        [['run', '--name', 'a/b', '--', 'true'], 2, /cannot be the name/],
      ] as const) {
        const done = ask(...args);
        assert.equal(done.code, code, args.join(' '));
        assert.match(done.stderr, text);
        assert.equal(done.stderr.trimEnd().split('\n').length, 1, done.stderr);
      }
    });

    test('one of another container with the same home is left alone', () => {
      const [ended] = listed('--all').filter(({ status }) => status === 'exited');
      assert.ok(ended);
      const sessions = join(home, '.local/state/nono/sessions');
      const record = JSON.parse(readFileSync(join(sessions, `${ended.session_id}.json`), 'utf8')) as object;
      const apart = { session_id: '20240101-000000-2', name: 'apart', ended: null, pid_namespace: 'pid:[1]' };
      const file = join(sessions, '20240101-000000-2.json');
      writeFileSync(file, JSON.stringify({ ...record, ...apart }));
      if (user.uid !== process.getuid?.()) chownSync(file, user.uid, user.uid);
      assert.match(ask('ps', '--all').stdout, /apart +elsewhere /);
      for (const verb of ['stop', 'attach']) {
        const done = ask(verb, 'apart');
        assert.deepEqual([done.code, /was started in another container/.test(done.stderr)], [1, true], done.stderr);
      }
      assert.match(ask('prune', '--older-than', '300d').stdout, /forgot 0 sessions/);
      rmSync(file);
    });

    test('completions know the sessions', () => {
      assert.match(ask('completion', 'bash', '--words', '--', 'logs', '').stdout, /^\d{8}-\d{6}-\d+\t/m);
    });

    test('the sandbox neither reads nor writes the registry, whatever is granted', () => {
      mkdirSync(join(home, 'project'), { recursive: true });
      const sessions = join(home, '.local/state/nono/sessions');
      const before = readdirSync(sessions).length;
      const script = `ls '${sessions}'; cat '${sessions}'/*.json; echo x > '${sessions}/20260101-000000-1.json'; echo ran`;
      const done = ask('run', '-s', '--allow', home, '--', 'sh', '-c', script);
      assert.equal(done.stdout, 'ran\n', done.stderr);
      assert.equal(readdirSync(sessions).includes('20260101-000000-1.json'), false);
      assert.ok(readdirSync(sessions).length >= before);
    });

    test('inside one it is said that nobody can tell, which is not that there is none', () => {
      const program = join(installationFor(user), 'bin', 'nono');
      const inside = ask('run', '-s', '--allow', '/', '--', program, 'ps');
      assert.deepEqual([inside.code, inside.stdout], [1, '']);
      assert.match(inside.stderr, /^nono: \S+\/nono\/sessions: cannot be read \(EACCES\)/);
    });

    test('prune forgets what has ended, and only that', async () => {
      start('--name', 'alive', '--', 'sleep', '60');
      await named('alive');
      const count = listed('--all').length;
      assert.match(ask('prune', '--dry-run', '--keep', '1').stdout, new RegExp(`would forget ${count - 2} session`));
      assert.match(ask('prune', '--older-than', '1h').stdout, /forgot 0 sessions/);
      assert.equal(ask('prune').code, 0);
      assert.deepEqual(
        listed('--all').map(({ name }) => name),
        ['alive'],
      );
      assert.equal(ask('stop', 'alive').code, 0);
    });
  });
}
