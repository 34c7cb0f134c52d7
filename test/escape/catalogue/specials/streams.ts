/** Standard streams that the command shares with others. Each attempt shows first that what it looks for can be seen. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, installationFor } from '../../../helpers/users.ts';
import type { Special } from '../../model.ts';
import { tools } from '../../world.ts';

import { must, place } from './place.ts';

export const streams: readonly Special[] = [
  {
    id: 'input-commands',
    title: 'commands written into the pipe from which a shell outside reads its own',
    run: async (column) => {
      const { world, home } = place(column.user);
      const target = join(world.away, 'executed');
      const commands = join(world.work, 'commands');
      const nono = join(installationFor(column.user), 'bin', 'nono');
      const opens = 'for p in /proc/self/fd/0 /proc/thread-self/fd/0 /dev/stdin /dev/fd/0';
      const attack = `sh -c '${opens}; do (echo "touch ${target}" >$p); (echo "touch ${target}" 1<>$p); done'`;
      const marked = ['attempt', 'attempt-static'].map(
        (name) => `${join(world.variables['TOOLS'] ?? '', name)} input-write "touch ${target}"`,
      );
      for (const before of [
        '',
        [nono, 'run', '-s', ...column.flags, '--allow', world.work, '--read', world.variables['TOOLS'], '--'].join(' '),
      ])
        for (const way of [attack, ...marked]) {
          rmSync(target, { force: true });
          writeFileSync(commands, `${before} ${way}\necho went on\n`);
          const [program = '', ...args] = [...column.user.prefix, 'sh', '-c', `cat ${commands} | sh`];
          const done = spawnSync(program, args, { cwd: world.work, env: environment(home), encoding: 'utf8' });
          must(
            done.stdout.includes('went on'),
            `CONTROL: the shell outside did not go on: ${done.stdout}${done.stderr}`,
          );
          if (before === '')
            must(existsSync(target), `CONTROL: nothing was executed outside by ${way}: ${done.stderr}`);
          else must(!existsSync(target), `the shell outside executed what ${way} wrote`);
        }
      return undefined;
    },
  },
  {
    id: 'output-flags',
    title:
      'the pipe and the file that a shell redirects to, left in a way that loses what its next commands write there: in packets, not waiting, not appending',
    run: async (column) => {
      const { world, home } = place(column.user);
      const attempt = join(tools(), 'attempt');
      const nono = join(installationFor(column.user), 'bin', 'nono');
      const after = (before: readonly string[], where: string): string => {
        const words = [...before, attempt, 'file-flags', 'leave', '1'].join(' ');
        const [program = '', ...args] = [
          ...column.user.prefix,
          'sh',
          '-c',
          `{ ${words} 2>tried; ${attempt} file-flags look 1 2>left; } ${where}`,
        ];
        spawnSync(program, args, { cwd: world.work, env: environment(home) });
        const tried = readFileSync(join(world.work, 'tried'), 'utf8');
        must(tried.includes('signal 10, owned'), `CONTROL: it was not tried: ${tried}`);
        return readFileSync(join(world.work, 'left'), 'utf8').trim();
      };
      const run = ['run', '-s', ...column.flags];
      // Under `wrap` nobody is left who could put a file back, and its place in it is shared, so that it cannot be another one.
      for (const { where, changed, was, starts } of [
        { where: '| cat >got', changed: 'async, append', was: 'anywhere', starts: [run, ['wrap', '-s']] },
        { where: '>>got', changed: 'plain, anywhere', was: 'append', starts: [run] },
      ]) {
        const outside = after([], where);
        must(
          outside === `file: ${changed}, hasty, packets, signal 10, owned`,
          `CONTROL: outside it does not stay: ${outside}`,
        );
        for (const start of starts) {
          const left = after([nono, ...start, '--allow', world.work, '--read', tools(), '--'], where);
          must(
            left === `file: plain, ${was}, waits, bytes, signal 0, nobody's`,
            `left by ${start[0]} ${where}: ${left}`,
          );
        }
      }
      return undefined;
    },
  },
];
