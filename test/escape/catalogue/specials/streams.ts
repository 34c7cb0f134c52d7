/** Standard streams that the command shares with others. Each attempt shows first that what it looks for can be seen. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, installationFor } from '../../../helpers/users.ts';
import type { Special } from '../../model.ts';

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
];
