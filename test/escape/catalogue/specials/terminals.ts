/** The terminal outside, from the pane and from a command. Each attempt shows first that what it looks for can be seen. */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pause, TestTerminal } from '../../../helpers/terminal.ts';
import { environment, installationFor } from '../../../helpers/users.ts';
import type { Column, Special } from '../../model.ts';
import { tools } from '../../world.ts';

import { asking, must, type Place, place } from './place.ts';

/** The user's own shell, on a terminal of its own. */
const shellOutside = ({ user }: Column, { work }: Place['world'], home: string): TestTerminal =>
  new TestTerminal({ argv: [...user.prefix, '/bin/sh', '-i'], cwd: work, env: environment(home, { PS1: '$ ' }) });

/** X: there is none. It can end while it is looked at. */
function stateOf(pid: string): string {
  try {
    return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 'X';
    throw error;
  }
}

export const terminals: readonly Special[] = [
  {
    id: 'terminal-sequences',
    title: 'escape sequences of a program in the pane: clipboard, title, queries, other screens',
    run: (column) =>
      asking(column, async (terminal) => {
        const printed =
          '\\033]52;c;ZXZpbA==\\007\\033]0;evil-title\\007\\033P+q544e\\033\\\\\\033[?1049l\\033[6n\\033]11;?\\007\\033[3J\\033c';
        const before = terminal.raw.length;
        terminal.write(`printf '${printed}'; echo after-''wards\r`);
        await terminal.until('after-wards');
        await pause(300);
        const bad = ['\x1b]52;', '\x1bP+q', '\x1b[3J', '\x1bc', '\x1b]11;?\x07'].filter((s) =>
          terminal.raw.slice(before).includes(s),
        );
        must(bad.length === 0, `reached the terminal: ${JSON.stringify(bad)}`);
        must(terminal.inAlternateScreen, 'the program left the screen of the interface');
      }),
  },
  {
    id: 'terminal-input',
    title: 'input pushed into the terminal of the shell outside (TIOCSTI, TIOCLINUX)',
    run: async (column) => {
      const attempt = async (before: readonly string[], p: Place): Promise<boolean> => {
        const target = join(p.world.away, 'typed');
        const terminal = new TestTerminal({
          argv: [...column.user.prefix, '/bin/sh', '-i'],
          cwd: p.world.work,
          env: environment(p.home, { PS1: '$ ' }),
        });
        try {
          await pause(200);
          terminal.write(`${before.join(' ')} ${join(tools(), 'attempt')} tty "touch ${target}
" >/dev/null 2>&1; sleep 0.3; echo en''ded\r`);
          await terminal.until('ended', 20_000);
          await pause(500);
          return existsSync(target);
        } finally {
          terminal.close();
        }
      };
      if (!(await attempt([], place(column.user))))
        return 'this kernel refuses TIOCSTI by itself (dev.tty.legacy_tiocsti)';
      const p = place(column.user);
      const nono = join(installationFor(column.user), 'bin', 'nono');
      must(
        !(await attempt([nono, 'run', '-s', ...column.flags, '--allow', p.world.work, '--read', tools(), '--'], p)),
        'a command was typed into the shell outside',
      );
      return undefined;
    },
  },
  {
    id: 'terminal-discipline',
    title:
      'the terminal of the shell outside made deaf and dumb (another line discipline), stopped, or taken for one’s own',
    run: async (column) => {
      const { world, home } = place(column.user);
      const survives = async (before: readonly string[]): Promise<boolean> => {
        const terminal = shellOutside(column, world, home);
        try {
          await terminal.until('$');
          terminal.write(
            `${before.join(' ')} ${join(tools(), 'attempt')} lines >said 2>&1; : </dev/tty && echo still''-there\r`,
          );
          return await terminal.until('still-there', before.length === 0 ? 2_000 : 20_000).then(
            () => true,
            () => false,
          );
        } finally {
          terminal.close();
        }
      };
      if (await survives([])) return 'this kernel has no other line discipline';
      const nono = join(installationFor(column.user), 'bin', 'nono');
      const words = [nono, 'run', '-s', ...column.flags, '--allow', world.work, '--read', tools(), '--'];
      must(await survives(words), 'the terminal outside neither reads nor writes any more');
      const said = readFileSync(join(world.work, 'said'), 'utf8');
      must(said.includes('TIOCSETD'), `CONTROL: it was not tried: ${said}`);
      return undefined;
    },
  },
  {
    id: 'terminal-mode',
    title: 'the terminal of the shell outside opened to the other users of the machine, or given to one of them',
    run: async (column) => {
      const { world, home } = place(column.user);
      const attempt = 't=$(tty); chmod 4666 $t; chown 1 $t; chgrp 1 $t || chgrp $(id -g) $t; echo tr""ied';
      const changed = async (before: readonly string[]): Promise<string> => {
        const terminal = shellOutside(column, world, home);
        try {
          await terminal.until('$');
          terminal.write('echo at""=$(tty)=\r');
          await terminal.until(/at=\S+=/);
          const path = /at=(\S+)=/.exec(terminal.raw)?.[1] ?? '';
          // As login(1) leaves it.
          chownSync(path, column.user.uid, statSync(path).gid);
          const look = (): string => {
            const { mode, uid, gid } = statSync(path);
            return `${mode} ${uid} ${gid}`;
          };
          const was = look();
          terminal.write(`${[...before, 'sh', '-c'].join(' ')} '${attempt}' 2>&1; echo en''ded\r`);
          await terminal.until('ended', 20_000);
          must(terminal.raw.includes('tried'), `CONTROL: it was not tried: ${terminal.raw}`);
          const is = look();
          return is === was ? '' : `${was} before, ${is} after: ${terminal.raw}`;
        } finally {
          terminal.close();
        }
      };
      must((await changed([])) !== '', 'CONTROL: outside it changed nothing');
      const nono = join(installationFor(column.user), 'bin', 'nono');
      const left = await changed([nono, 'run', '-s', ...column.flags, '--allow', world.work, '--']);
      must(left === '', `the terminal outside is open to others, or theirs (mode, owner, group): ${left}`);
      return undefined;
    },
  },
  {
    id: 'terminal-file',
    title:
      'flags, owner and signal of the open file through which the shell outside reads its terminal, left for what it starts next',
    run: async (column) => {
      const { world, home } = place(column.user);
      const attempt = join(tools(), 'attempt');
      const after = async (before: readonly string[]): Promise<string> => {
        const terminal = shellOutside(column, world, home);
        try {
          await terminal.until('$');
          terminal.write(
            `${before.join(' ')} ${attempt} file-flags leave 0 2>tried; ${attempt} file-flags look 0 2>left; echo en''ded\r`,
          );
          await terminal.until('ended', 20_000);
          return readFileSync(join(world.work, 'left'), 'utf8').trim();
        } finally {
          terminal.close();
        }
      };
      const changed = 'file: async, append, hasty, bytes, signal 10, owned';
      const outside = await after([]);
      must(outside === changed, `CONTROL: outside it does not stay: ${outside}`);
      const nono = join(installationFor(column.user), 'bin', 'nono');
      // The terminal here is root's: an ordinary user cannot open it again, and under `wrap` nobody puts it back.
      const starts = [['run', '-s', ...column.flags], ...(column.user.name === 'root' ? [['wrap', '-s']] : [])];
      for (const start of starts) {
        const left = await after([nono, ...start, '--allow', world.work, '--read', tools(), '--']);
        const tried = readFileSync(join(world.work, 'tried'), 'utf8');
        must(tried.includes('signal 10, owned'), `CONTROL: under ${start[0]} it was not tried: ${tried}`);
        must(left === "file: plain, anywhere, waits, bytes, signal 0, nobody's", `left by ${start[0]}: ${left}`);
      }
      return undefined;
    },
  },
  {
    id: 'terminal-groups',
    title:
      'a job of the shell outside stopped and ended by the terminal: joined and read from in the background, or put in the foreground of a terminal whose answer interrupts it',
    run: async (column) => {
      const { world, home } = place(column.user);
      const said = join(world.work, 'groups');
      const job = async (before: readonly string[]): Promise<string> => {
        const terminal = shellOutside(column, world, home);
        try {
          await terminal.until('$');
          terminal.write(`sleep 500 & echo job''=$!=\r`);
          await terminal.until(/job=[0-9]+=/);
          const pid = /job=([0-9]+)=/.exec(terminal.raw)?.[1] ?? '';
          // What becomes of it is asked of the kernel: a shell says it when it pleases.
          let seen = '';
          const look = setInterval(() => {
            const state = stateOf(pid);
            if (!seen.endsWith(state)) seen += state;
            if (state === 'T') process.kill(Number(pid), 'SIGCONT');
          }, 20);
          terminal.write(`${before.join(' ')} ${join(tools(), 'attempt')} groups ${pid} 2>${said}; echo en''ded\r`);
          await terminal.until('ended', 20_000);
          await pause(200);
          clearInterval(look);
          terminal.write(`kill -9 ${pid}\r`);
          return seen;
        } finally {
          terminal.close();
        }
      };
      const outside = await job([]);
      must(/T.*[ZX]/.test(outside), `CONTROL: outside it was not stopped and ended: ${outside}`);
      const nono = join(installationFor(column.user), 'bin', 'nono');
      const inside = await job([nono, 'run', '-s', ...column.flags, '--allow', world.work, '--read', tools(), '--']);
      must(!/[TZX]/.test(inside), `a job of the shell outside was stopped or ended: ${inside}`);
      const tried = readFileSync(said, 'utf8');
      must(tried.includes('@ setpgid') && tried.includes('@ tcsetpgrp'), `CONTROL: it was not tried: ${tried}`);
      return undefined;
    },
  },
  {
    id: 'terminal-console',
    title: 'a virtual console left without a keyboard, in graphics, and never switched from',
    run: async (column) => {
      const { world, home } = place(column.user);
      const attempt = join(tools(), 'attempt');
      const after = (...before: string[]): string => {
        const words = ['console', ...column.user.prefix, ...before, attempt, 'deafen'];
        const done = spawnSync(attempt, words, { cwd: world.work, env: environment(home), encoding: 'utf8' });
        return `${done.stdout}${done.stderr}`;
      };
      const outside = after();
      if (outside.includes('no console')) return 'this machine has no virtual console to try it on';
      must(
        outside.includes('keyboard changed, screen changed, switching changed'),
        `CONTROL: outside it changed nothing: ${outside}`,
      );
      const nono = join(installationFor(column.user), 'bin', 'nono');
      const inside = after(nono, 'run', '-s', ...column.flags, '--allow', world.work, '--read', tools(), '--');
      must(inside.includes('keyboard kept, screen kept, switching kept'), `the console is not what it was: ${inside}`);
      must(inside.includes('KDSKBMODE'), `CONTROL: it was not tried: ${inside}`);
      return undefined;
    },
  },
];
