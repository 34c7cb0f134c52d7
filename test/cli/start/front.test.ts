/** The launcher that bin/nono starts before Node (native/start/front.c): what becomes of it, of Node and of the command when one of them ends too early. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encodeLaunch } from '../../../src/sandbox/linux/launch-message.ts';
import { makeHome, root, users } from '../../helpers/users.ts';

const home = makeHome(users[0] as (typeof users)[number]);
const launcher = join(root, 'native/build/nono-launch');
const env = { HOME: home, PATH: process.env['PATH'] ?? '/usr/bin:/bin', NONO_LAUNCHER: 'run:0:1:2' };
const at = { cwd: join(home, 'project'), env, encoding: 'utf8' } as const;
const trace = join(home, 'project', 'trace');

const nono = (...args: string[]) => spawnSync(join(root, 'bin/nono'), args, at);
/** The front with a host of ours in Node's place. */
const front = (command: 'run' | 'wrap' | 'shell', ...host: string[]) =>
  spawnSync(launcher, ['--front', command, '--', ...host], at);

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`it never happened: ${condition}`);
}

/** Whether a process has a command line for which this holds. */
function runs(is: (words: string) => boolean): boolean {
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return is(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    } catch {
      return false;
    }
  });
}

for (const command of ['run', 'wrap'] as const)
  describe(`nono ${command}`, () => {
    test('ends as its command does', () => {
      assert.equal(nono(command, '-s', '--allow-cwd', '--', 'sh', '-c', 'exit 7').status, 7);
      const killed = nono(command, '-s', '--allow-cwd', '--', 'sh', '-c', 'kill -9 $$');
      assert.deepEqual([killed.status, killed.signal], command === 'run' ? [137, null] : [null, 'SIGKILL']);
      assert.equal(nono(command, '-s', '--allow-cwd', '--', 'no-such-command').status, 127);
    });

    test('says what nono itself has to say, and starts nothing', () => {
      assert.match(nono(command, '--help').stdout, /USAGE/);
      const wrong = nono(command, '--no-such-flag', '--', 'touch', trace);
      assert.equal(wrong.status, 2);
      assert.match(wrong.stderr, /no-such-flag/);
      assert.equal(nono(command, '--dry-run', '--allow', '.', '--', 'touch', trace).status, 0);
      assert.equal(existsSync(trace), false);
    });

    for (const [limit, least, said] of [
      ['-n 27', '-n 32', /^nono: start Node: fewer than 28 files may be open at a time \(raise `ulimit -n`\)\n$/],
      [
        '-v 500000',
        '-v 4000000',
        /^nono: start Node: it reserves more than 1 GB of address space.* \(raise `ulimit -v`/,
      ],
    ] as const)
      test(`says in one line that Node cannot start under ulimit ${limit}, and starts nothing`, () => {
        const limited = (value: string, ...words: string[]) =>
          spawnSync('sh', ['-c', `ulimit ${value}; exec "$@"`, '-', join(root, 'bin/nono'), command, ...words], at);
        const refused = limited(limit, '--no-plan-cache', '-s', '--allow-cwd', '--', 'touch', trace);
        assert.deepEqual([refused.status, refused.signal, refused.stdout], [126, null, '']);
        assert.match(refused.stderr, said);
        assert.equal(refused.stderr.split('\n').length, 2);
        assert.equal(existsSync(trace), false);
        assert.equal(limited(least, '--no-plan-cache', '-s', '--allow-cwd', '--', 'true').status, 0);
      });

    test('starts though whoever starts it has left open every number where Node would look', () => {
      const open = 'for n in 3 4 5 6 7 8 9 10 11 12 13 14 15; do eval "exec $n</dev/null"; done; exec "$@"';
      const script = 'echo here; for fd in 3 9 15 16 17; do (: <&$fd) 2>/dev/null && echo open $fd; done; exit 7';
      // The second start may take the plan of the first.
      for (const time of ['first', 'second']) {
        const words = [join(root, 'bin/nono'), command, '-s', '--allow-cwd', '--', 'sh', '-c', script];
        const done = spawnSync('bash', ['-c', open, '-', ...words], at);
        assert.deepEqual([done.stdout, done.stderr, done.status], ['here\n', '', 7], time);
      }
    });

    test('gives the command nothing of the way it was started', () => {
      const script = 'env; for fd in 3 4 5 16 17 18 19 20 21 22; do (: <&$fd) 2>/dev/null && echo open $fd; done; true';
      const { stdout, status } = nono(command, '-s', '--allow-cwd', '--', 'sh', '-c', script);
      assert.equal(status, 0);
      assert.doesNotMatch(stdout, /NONO_LAUNCHER|NONO_SOFT_NOFILE|^open /m);
    });

    test('gives what Node starts nothing either', () => {
      const host = `process.stdout.write(require('child_process').execFileSync('ls', ['-l', '/proc/self/fd'], { stdio: ['ignore', 'pipe', 'inherit'] }))`;
      const { stdout } = front(command, process.execPath, '-e', host);
      assert.match(stdout, / 0 -> /);
      assert.doesNotMatch(stdout, / (?:[3-9]|\d\d+) -> socket:/);
    });
  });

describe('a host that ends before its plan', () => {
  test('wrap ends as the host did', () => {
    assert.equal(front('wrap', 'sh', '-c', 'exit 5').status, 5);
    assert.equal(front('wrap', 'sh', '-c', 'kill -9 $$').signal, 'SIGKILL');
    assert.equal(front('wrap', '/no/such/node').status, 127);
  });

  test('a launcher that ended before its word: Node starts another one, once', () => {
    const before = join(home, 'before.cjs');
    // The word may be in the socket already: it is taken out, so that its end is what Node reads.
    writeFileSync(
      before,
      `const [, pid, plan] = process.env.NONO_LAUNCHER.split(':').map(Number);
      require('fs').readSync(plan, Buffer.alloc(1));
      process.kill(pid, 'SIGKILL');`,
    );
    const script = join(root, 'dist/cli.cjs');
    const node = [process.execPath, '--require', before, script];
    const ended = front('run', ...node, 'run', '-s', '--allow-cwd', '--', 'sh', '-c', 'echo once; cat /etc/shadow');
    assert.equal(ended.stdout, 'once\n');
    assert.match(ended.stderr, /Permission denied/);
  });

  test('run leaves no launcher behind', async () => {
    const word = `nono-front-${process.pid}`;
    assert.equal(front('run', 'sh', '-c', 'exit 5', word).status, 5);
    await until(() => !runs((words) => words.includes(word)));
  });

  test('shell gives its host the other end of a terminal of its own, and leaves no launcher behind', async () => {
    const host = `const { fstatSync } = require('fs');
      const [, , , , terminal, file] = process.env.NONO_LAUNCHER.split(':');
      const { rdev } = fstatSync(Number(terminal));
      process.stdout.write(process.env.NONO_LAUNCHER.split(':').length + ' ' + fstatSync(Number(file)).isFile() + ' ' + (rdev >> 8) + ':' + (rdev & 255));`;
    const word = `nono-front-shell-${process.pid}`;
    assert.equal(front('shell', process.execPath, '-e', host, word).stdout, '6 true 5:2');
    await until(() => !runs((words) => words.includes(word)));
  });

  test('a size where there is no terminal of its own starts nothing', () => {
    const file = join(home, 'request');
    writeFileSync(file, encodeLaunch(['touch', trace], { size: { cols: 80, rows: 24 } }));
    const ended = front('wrap', 'sh', '-c', `cat ${file} >&3`);
    assert.equal(ended.status, 126);
    assert.match(ended.stderr, /^nono: set the size of the terminal/);
    assert.equal(existsSync(trace), false);
  });

  const whole = Buffer.concat([encodeLaunch(['touch', trace], {}), Buffer.from('NONOPLAN')]);
  const malformed = Buffer.from(whole);
  malformed.writeUInt32LE(9, 12);
  for (const [what, bytes] of [
    ['half a command', whole.subarray(0, 30)],
    ['a command and half a plan', whole],
    ['more words than there are', malformed],
  ] as const)
    test(`${what} starts nothing`, () => {
      const file = join(home, 'request');
      writeFileSync(file, bytes);
      const ended = front('wrap', 'sh', '-c', `cat ${file} >&3`);
      assert.equal(ended.status, 126);
      assert.match(ended.stderr, /^nono: read the (?:command|plan)/);
      assert.equal(existsSync(trace), false);
    });
});

describe('a host that ends with its command running', () => {
  const seconds = `39${process.pid}`;
  const sleeps = (): boolean => runs((words) => words === `sleep\0${seconds}\0`);

  test('killed, it takes everything with it', async () => {
    const host = spawn(join(root, 'bin/nono'), ['run', '-s', '--allow-cwd', '--', 'sleep', seconds], at);
    await until(sleeps);
    host.kill('SIGKILL');
    await until(() => !sleeps());
  });

  test('it passes signals on', async () => {
    const host = spawn(
      join(root, 'bin/nono'),
      ['run', '-s', '--allow', '.', '--', 'sh', '-c', `trap "exit 9" TERM; : > ready; while :; do sleep 0.1; done`],
      at,
    );
    const ready = join(home, 'project', 'ready');
    const code = new Promise((resolve) => host.on('exit', resolve));
    await until(() => existsSync(ready));
    host.kill('SIGTERM');
    assert.equal(await code, 9);
    rmSync(ready, { force: true });
  });

  test('it can hang up', () => {
    const script = join(home, 'hang-up.mjs');
    const from = (path: string): string => JSON.stringify(join(root, path));
    writeFileSync(
      script,
      `import { takeWaitingLauncher } from ${from('src/sandbox/linux/waiting-launcher.ts')};
import { launchSandbox } from ${from('src/sandbox/linux/launch.ts')};
import { policyContext } from ${from('src/policy/resolve/load.ts')};
import { resolvePolicy } from ${from('src/policy/resolve/resolve.ts')};
import { compilePlan } from ${from('src/policy/plan/compile.ts')};
const policy = resolvePolicy({ workdir: process.cwd(), allowCwd: true }, policyContext());
const { plan } = compilePlan(policy, { supervise: true, mode: 'deny', env: { PATH: '/usr/bin:/bin' } });
const sandbox = launchSandbox({
  launcher: '/no/such/launcher', plan, argv: ['sleep', '${seconds}'], stdio: ['inherit', 'inherit', 'inherit'],
  waiting: takeWaitingLauncher('run'),
  onEvent: (event) => { if (event.type === 'ready') sandbox.close(); },
});
console.log((await sandbox.end).kind);
`,
    );
    const { stdout, stderr } = front('run', process.execPath, script);
    assert.equal(stdout, 'lost\n', stderr);
    assert.equal(sleeps(), false);
  });
});
