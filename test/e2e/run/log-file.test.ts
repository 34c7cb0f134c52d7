/** `--log-file`: nono's own log, in a file that nothing inside can write, as root and as an ordinary user. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { closeTerminals, key, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';
import { enter, PROMPT, pressUntil } from '../shell/shell-helpers.ts';

afterEach(closeTerminals);

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:ERROR|WARN |INFO |DEBUG|TRACE) \S/;

for (const user of users) {
  describe(`the log file as ${user.name}`, { timeout: 120_000 }, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');
    const logs = join(home, 'logs');
    mkdirSync(logs);
    const own = (): void => {
      spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, logs]);
    };
    own();
    const file = (name: string): string => join(logs, name);
    const run = (args: readonly string[], env: Record<string, string> = {}): Outcome =>
      nono(user, args, { cwd, home, env });
    const lines = (name: string): string[] => {
      const all = readFileSync(file(name), 'utf8').split('\n').slice(0, -1);
      for (const line of all) assert.match(line, LINE);
      return all;
    };

    test('denials are there, with -s too; the file is the user’s alone, and is added to', () => {
      const denied = ['run', '-s', '--allow', '.', '--log-file', file('a'), '--', 'cat', join(home, 'notes.txt')];
      assert.equal(run(denied).stderr.includes('[nono]'), false);
      assert.equal(statSync(file('a')).mode & 0o777, 0o600);
      const first = lines('a');
      assert.ok(
        first.some((line) => /WARN {2}denied open\S* read .*notes\.txt by cat \(\d+\): not-granted$/.test(line)),
        first.join('\n'),
      );
      assert.ok(!first.some((line) => line.includes(' INFO ')));
      run(denied);
      assert.deepEqual(lines('a').slice(0, first.length), first);
      assert.ok(lines('a').length > first.length);
    });

    test('it may stand before the command, and with one that runs nothing, which answers without it too', () => {
      assert.equal(run(['--log-file', file('before'), 'run', '-s', '--allow', '.', '-v', '--', 'true']).code, 0);
      assert.match(lines('before').join('\n'), /INFO {2}ended with 0$/m);
      assert.equal(run(['logs', 'nobody', '--log-file', file('answer')]).code, 1);
      assert.match(lines('answer').join('\n'), /ERROR nono: Session not found: nobody/);
      const answered = run(['ps'], { NONO_LOG_FILE: file('absent/log') });
      assert.equal(answered.code, 0);
      assert.match(answered.stderr, /\[nono\] --log-file \S+absent\/log: its directory does not exist/);
      assert.equal(run(['run', '--log-file', file('absent/log'), '--', 'true']).code, 1);
    });

    test('-v says more, a level in RUST_LOG as well, and the flag wins; NONO_LOG_FILE names the file', () => {
      const env = { NONO_LOG_FILE: file('b') };
      const line = ['run', '-s', '--allow', '.', '--', 'sh', '-c', 'exit 3'];
      assert.equal(run(line, env).code, 3);
      assert.deepEqual(lines('b'), []);
      run(line, { ...env, RUST_LOG: 'hyper=trace,nono=info' });
      const told = lines('b').join('\n');
      assert.match(told, /INFO {2}run sh -c exit 3$/m);
      assert.match(told, /INFO {2}started: process \d+/);
      assert.match(told, /INFO {2}ended with 3$/m);
      assert.match(told, /INFO {2}deny .*\.ssh/);
      assert.doesNotMatch(told, /DEBUG/);
      for (const command of ['run', 'wrap']) {
        run([command, '-s', '-vv', '--allow', '.', '--env', 'SECRET_WORD', '--', 'true'], {
          NONO_LOG_FILE: file(`debug-${command}`),
          SECRET_WORD: 'the-value',
        });
        const more = lines(`debug-${command}`).join('\n');
        assert.match(more, /DEBUG on the floor: \/usr/);
        assert.match(more, /DEBUG environment: .*\bSECRET_WORD\b/);
        assert.doesNotMatch(more, /the-value|TRACE/);
        assert.equal(/DEBUG Landlock ABI \d/.test(more), command === 'run');
      }
      run(['run', '-s', '-v', ...line.slice(2)], { ...env, RUST_LOG: 'off', NONO_LOG_FILE: file('c') });
      assert.match(lines('c').join('\n'), /ended with 3/);
      run(['wrap', '-s', '-v', '--allow', '.', '--', 'true'], { NONO_LOG_FILE: file('d') });
      assert.match(lines('d').join('\n'), /takes the place of nono/);
    });

    test('-vvv, and RUST_LOG=trace: every program that is started', () => {
      const command = ['--allow', '.', '--', 'sh', '-c', 'ls >/dev/null; exec cat /dev/null'];
      run(['run', '-s', '-vvv', ...command], { NONO_LOG_FILE: file('trace-1') });
      run(['run', '-s', ...command], { NONO_LOG_FILE: file('trace-2'), RUST_LOG: 'trace' });
      for (const name of ['trace-1', 'trace-2'])
        for (const program of ['sh', 'ls', 'cat'])
          assert.match(
            lines(name).join('\n'),
            new RegExp(`TRACE exec \\S*/\\w*${program === 'sh' ? '(?:sh|dash)' : program} by process`),
          );
    });

    test('a name that a program has chosen makes no line of its own', () => {
      const forged = '2026-01-01T00:00:00.000Z ERROR forged';
      run([
        'run',
        '-s',
        '--allow',
        '.',
        '--log-file',
        file('e'),
        '--',
        'sh',
        '-c',
        `cat "${home}/x\n${forged}"; mkdir "${home}/y\n${forged}"`,
      ]);
      const all = lines('e');
      assert.ok(
        all.some((line) => line.includes('forged')),
        'it was denied, and told',
      );
      assert.ok(all.every((line) => !line.startsWith(forged)));
    });

    test('where the command could write, it is refused before anything is made', () => {
      symlinkSync(cwd, file('to-project'));
      for (const [place, args] of [
        [join(cwd, 'log'), ['--allow', '.']],
        [join(file('to-project'), 'log'), ['--allow', '.']],
        ['log', ['--allow', '.']],
        [file('f'), ['--allow-cwd', '--allow', '~']],
        [file('f'), ['--allow-cwd', '--write', logs]],
        [file('f'), ['--allow', '/']],
      ] as const) {
        for (const command of ['run', 'wrap']) {
          const done = run([command, '-s', ...args, '--log-file', place, '--', 'touch', 'ran']);
          assert.equal(done.code, 1, place);
          assert.match(done.stderr, /^nono: --log-file \S+: the sandboxed command could write there \(.*\)\n$/);
        }
      }
      for (const made of [join(cwd, 'log'), join(cwd, 'ran'), file('f')]) assert.equal(existsSync(made), false, made);
    });

    test('links, other names, other kinds and no directory are refused, in one line', () => {
      writeFileSync(file('real'), 'as it was\n');
      symlinkSync(file('real'), file('link'));
      linkSync(file('real'), file('second'));
      spawnSync('mkfifo', [file('fifo')]);
      own();
      for (const [name, what] of [
        ['link', /is a symbolic link/],
        ['second', /has another name/],
        ['fifo', /is no regular file/],
        ['.', /is a directory/],
        ['none/log', /its directory does not exist/],
      ] as const) {
        const done = run(['run', '-s', '--allow', '.', '--log-file', file(name), '--', 'touch', 'ran']);
        assert.equal(done.code, 1, name);
        assert.match(done.stderr, /^nono: --log-file [^\n]*\n$/);
        assert.match(done.stderr, what);
      }
      assert.equal(existsSync(join(cwd, 'ran')), false);
      assert.equal(readFileSync(file('real'), 'utf8'), 'as it was\n');
    });

    test('the descriptor is not inherited, and a failed start is in the file', () => {
      const inside = run(['run', '-s', '--allow', '.', '--log-file', file('g'), '--', 'ls', '-l', '/proc/self/fd']);
      assert.doesNotMatch(inside.stdout, /logs\/g/);
      assert.match(inside.stdout, / 2 -> /);
      run(['run', '-s', '--allow', '.', '--log-file', file('g'), '--', 'no-such-program']);
      assert.match(lines('g').join('\n'), /ERROR .*no-such-program/);
    });

    test('in the shell nothing that is allowed later opens it', async () => {
      const t = new TestTerminal({
        argv: [
          ...user.prefix,
          join(installationFor(user), 'bin', 'nono'),
          'shell',
          '-v',
          '--allow',
          '.',
          '--log-file',
          file('h'),
        ],
        cwd,
        env: environment(home, { PS1: '$ ' }),
        cols: 120,
        rows: 40,
      });
      await t.until(PROMPT);
      t.write(`${key.prefix}:`);
      await t.until(/why an? path|commands of this session/);
      t.write(`allow write ${logs}\r`);
      await t.until('Allow?');
      await pressUntil(t, 's', (screen) => screen.includes('commands of this session'));
      t.write(key.escape);
      await t.until((screen) => !screen.includes('commands of this session'));
      enter(
        t,
        `touch ${logs}/beside; echo BESIDE-$?; echo forged > ${logs}/h; echo WROTE-$?; mv ${logs}/h ${logs}/i; echo MOVED-$?`,
      );
      await t.until(/MOVED-[01]/);
      const screen = await t.text();
      assert.match(screen, /BESIDE-0/);
      assert.match(screen, /WROTE-1/);
      assert.match(screen, /MOVED-1/);
      enter(t, 'exit 0');
      await t.untilEnd();
      const told = lines('h').join('\n');
      assert.match(told, /WARN {2}denied .*logs\/h by bash/);
      assert.match(told, /ended with 0/);
      assert.doesNotMatch(told, /^forged$/m);
    });
  });
}
