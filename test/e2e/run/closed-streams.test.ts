/** Started with standard streams closed, or with nobody behind them: what is said is lost, never the command, and no descriptor of nono's takes the number of a stream. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { closeTerminals, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});
after(closeTerminals);

const REPORT = 'all=$(for n in 0 1 2; do readlink /proc/$$/fd/$n || echo none; done); echo "$all" > report; exit 7';

for (const user of users) {
  const home = makeHome(user);
  const cwd = join(home, 'project');
  const nono = join(installationFor(user), 'bin/nono');
  /** A shell that closes or replaces streams, and becomes nono. */
  const start = (redirections: string, words: readonly string[], input = '') => {
    rmSync(join(cwd, 'report'), { force: true });
    const [program = '', ...args] = [
      ...user.prefix,
      'bash',
      '-c',
      `${redirections}\nexec "$@"`,
      'bash',
      nono,
      ...words,
    ];
    return spawnSync(program, args, { cwd, env: environment(home), encoding: 'utf8', timeout: 60_000, input });
  };
  const report = (): readonly string[] => readFileSync(join(cwd, 'report'), 'utf8').trimEnd().split('\n');
  const command = (kind: string): readonly string[] =>
    // What limits hold is said by the launcher itself under wrap.
    [kind, '--allow', '.', '--memory', '1G', '--', 'sh', '-c', REPORT];

  describe(`as ${user.name}`, { timeout: 240_000 }, () => {
    for (const kind of ['run', 'wrap'])
      for (let closed = 1; closed < 8; closed++) {
        const which = [0, 1, 2].filter((n) => (closed & (1 << n)) !== 0);
        test(`${kind} with ${which.join(', ')} closed, twice`, () => {
          const closing = `exec ${which.map((n) => (n === 0 ? '0<&-' : `${n}>&-`)).join(' ')}`;
          // The second start may take the plan of the first.
          for (const time of ['first', 'second']) {
            const done = start(closing, command(kind));
            assert.equal(done.signal, null, time);
            assert.equal(done.status, 7, `${time}: ${done.stderr}`);
            for (const [n, target] of report().entries()) {
              if (which.includes(n)) assert.equal(target, '/dev/null', `${time}: ${n}`);
              else assert.match(target, /^(?:pipe|socket):/, `${time}: ${n}`);
            }
            if (!which.includes(2)) assert.match(done.stderr, /limits: memory/);
          }
        });
      }

    const streams = 'for n in 0 1 2; do readlink /proc/$$/fd/$n || echo none; done';
    for (let closed = 1; closed < 8; closed++) {
      const which = [0, 1, 2].filter((n) => (closed & (1 << n)) !== 0);
      const closing = `exec ${which.map((n) => (n === 0 ? '0<&-' : `${n}>&-`)).join(' ')}`;

      test(`shell without a pane, with ${which.join(', ')} closed`, () => {
        // Its commands come from the first stream; without one it has none, and ends.
        const input = `all=$(${streams}); echo "$all" > report; exit 7\n`;
        const done = start(closing, ['shell', '--allow', '.', '--shell', '/bin/sh'], input);
        assert.equal(done.signal, null);
        if (which.includes(0)) assert.equal(done.status, 0, done.stderr);
        else {
          assert.equal(done.status, 7, done.stderr);
          for (const [n, target] of report().entries())
            if (which.includes(n)) assert.equal(target, '/dev/null', `${n}`);
            else assert.match(target, /^(?:pipe|socket):/, `${n}`);
        }
      });

      test(`shell on a terminal, with ${which.join(', ')} closed`, async () => {
        rmSync(join(cwd, 'report'), { force: true });
        const words = [nono, 'shell', '--allow', '.', '--shell', '/bin/bash'];
        const argv = [...user.prefix, 'bash', '-c', `${closing}\nexec "$@"`, 'bash', ...words];
        const terminal = new TestTerminal({ argv, cwd, env: environment(home, { PS1: '$ ' }) });
        if (which.includes(0)) {
          // Nobody can type: it ends by itself.
          const ended = await terminal.untilEnd(30_000);
          // A terminal that nobody has open any more hangs up.
          assert.deepEqual(ended, { code: 0, signal: which.length === 3 ? ended.signal && 1 : 0 });
          return;
        }
        if (which.includes(1)) {
          // No pane without a place for it: a shell that reads the terminal.
          if (!which.includes(2)) await terminal.until(/kernel +Landlock/, 30_000);
        } else await terminal.until('[nono]', 30_000);
        terminal.write(`all=$(${streams}); echo "$all" > report; exit 7\r`);
        assert.deepEqual(await terminal.untilEnd(30_000), { code: 7, signal: 0 });
        const [first, second, third] = report();
        if (which.includes(1)) {
          assert.match(first ?? '', /^\/dev\/pts\//);
          assert.equal(second, '/dev/null');
          assert.match(third ?? '', which.includes(2) ? /^\/dev\/null$/ : /^\/dev\/pts\//);
        } else for (const one of report()) assert.match(one, /^\/dev\/pts\//);
      });
    }

    for (const kind of ['run', 'wrap'])
      for (const [what, redirection] of [
        ['a pipe that nobody reads', 'exec 2> >(exec true); sleep 0.2'],
        ['a full disk', 'exec 2>/dev/full'],
        ['a file open for reading only', 'exec 2</dev/null'],
      ] as const)
        test(`${kind} with standard error as ${what}`, () => {
          for (const time of ['first', 'second']) {
            const done = start(redirection, command(kind));
            assert.deepEqual([done.status, done.signal], [7, null], time);
            assert.equal(report().length, 3);
          }
        });

    test('a start that fails ends with its code, whoever reads why', () => {
      for (const redirection of ['exec 2> >(exec true); sleep 0.2', 'exec 2>&-', 'exec 0<&- 1>&- 2>&-'])
        for (const kind of ['run', 'wrap']) {
          const done = start(redirection, [kind, '--allow', '.', '--', 'no-such-command']);
          assert.deepEqual([done.status, done.signal], [127, null], `${kind} ${redirection}`);
        }
    });
  });
}
