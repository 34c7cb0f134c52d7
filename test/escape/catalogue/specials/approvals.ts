/** Approvals, as a person gives them. Each attempt shows first that what it looks for can be seen. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inList, openShell } from '../../../e2e/shell/shell-helpers.ts';
import { removeAtEnd } from '../../../helpers/left-behind.ts';
import { nono as product } from '../../../helpers/run.ts';
import { pause } from '../../../helpers/terminal.ts';
import type { Special } from '../../model.ts';

import { approveUntil, asking, must, place, run } from './place.ts';

/** Opens whatever appears beside the profile, and writes into what has become the profile. */
const catchNewFiles = `
import ctypes, os, struct, sys
profile, held = 'p.jsonc', {}
libc = ctypes.CDLL(None)
queue = libc.inotify_init1(0)
assert libc.inotify_add_watch(queue, b'.', 0x100 | 0x80) >= 0 # IN_CREATE, IN_MOVED_TO
print('watching', flush=True)
while True:
    events = os.read(queue, 65536)
    while events:
        _, _, _, size = struct.unpack('iIII', events[:16])
        name = events[16:16 + size].rstrip(b'\\0').decode()
        events = events[16 + size:]
        if name == profile:
            for fd in held.values():
                os.ftruncate(fd, 0)
                os.pwrite(fd, sys.argv[1].encode(), 0)
            print('replaced', flush=True)
            sys.exit()
        if 'p.jsonc' in name:
            print('saw', name, flush=True)
            try:
                held[name] = os.open(name, os.O_RDWR)
            except OSError as e:
                print(e, flush=True)
`;

const TWIN_SECRET = 'SECRET-of-the-other-twin';
let made: { readonly harmless: string; readonly secret: string } | undefined;

/** Two files whose whole paths, for openat and reading, were found to have the same hash: by trying, in two minutes. */
function twins(): typeof made {
  if (made !== undefined || process.getuid?.() !== 0) return made;
  const directory = '/home/nono-escape-twins';
  mkdirSync(directory, { recursive: true });
  removeAtEnd(directory);
  made = { harmless: join(directory, 'bqNLe2-hfl-K'), secret: join(directory, 'bMg9bwvjt-CG') };
  writeFileSync(made.harmless, 'harmless\n');
  writeFileSync(made.secret, TWIN_SECRET);
  return made;
}

export const approvals: readonly Special[] = [
  {
    id: 'approval-type-ahead',
    title: 'keys typed into the shell, pasted, or typed before the row was seen approve nothing',
    run: (column) =>
      asking(column, async (terminal, { world }) => {
        terminal.write(`cat ${world.away}/key\r`);
        terminal.write('ypy\ry\rpppyyy\r\x1b[200~y\x1b[201~yes\r');
        await pause(1500);
        terminal.write('\x1c');
        terminal.write('dyypy\r');
        await pause(1200);
        must(!terminal.raw.includes(world.secret), 'a key typed ahead approved the call');
        terminal.write('\x1b');
      }),
  },
  {
    id: 'approval-works',
    title: 'the control of these: approved as it should be, the call succeeds; once is once',
    run: (column) =>
      asking(column, async (terminal, { world }) => {
        terminal.write(`cat ${world.away}/key; echo; echo first-''done\r`);
        await terminal.until('key');
        await approveUntil(terminal, 'first-done');
        must(
          terminal.raw.includes(world.secret),
          `CONTROL: the approved call did not succeed:\n${await terminal.text()}`,
        );
        const before = terminal.raw.split(world.secret).length;
        // Else the key that leads back into the shell and the next one are one.
        await pause(300);
        terminal.write(`cat ${world.away}/key; echo second-''done\r`);
        await terminal.until('HELD');
        await pause(500);
        must(terminal.raw.split(world.secret).length === before, 'what was approved once was served twice');
      }),
  },
  {
    id: 'approval-next-session',
    title: 'what was allowed for a session is asked again in the next one, and in one beside it',
    run: async (column) => {
      const p = place(column.user);
      const key = join(p.world.away, 'key');
      const start = () =>
        openShell({ user: column.user, home: p.home, cwd: p.world.work, flags: ['--allow', '.', ...column.flags] });
      const read = `cat ${key}; echo; echo read-''done\r`;
      const first = await start();
      try {
        first.write(read);
        await first.until('key');
        for (let left = 5; !first.raw.includes(p.world.secret); left--) {
          must(left > 0, `CONTROL: allowed for the session, it is not read:\n${await first.text()}`);
          await inList(first, 's');
          await pause(1000);
          first.write('\x1b');
        }
        // Else the key that leads back into the shell and the next one are one.
        await pause(300);
        const once = first.raw.split(p.world.secret).length;
        first.write(read);
        await pause(1500);
        must(first.raw.split(p.world.secret).length > once, 'CONTROL: it was allowed once, not for the session');
        const beside = await start();
        beside.write(read);
        await beside.until('HELD');
        await pause(500);
        beside.close();
        must(!beside.raw.includes(p.world.secret), 'a session beside it was given it');
      } finally {
        first.close();
      }
      const next = await start();
      next.write(read);
      await next.until('HELD');
      await pause(500);
      next.close();
      must(!next.raw.includes(p.world.secret), 'the next session was given it');
      return undefined;
    },
  },
  {
    id: 'approval-swap',
    title: 'a path is approved, and means another file by then',
    run: (column) =>
      asking(column, async (terminal, { world }) => {
        world.write('away/shown', 'harmless\n');
        world.write('away/other', world.secret);
        world.own();
        terminal.write(`cat ${world.away}/shown; echo first-''done\r`);
        await terminal.until('shown');
        await pause(300);
        renameSync(join(world.away, 'other'), join(world.away, 'shown'));
        await inList(terminal, 'a');
        await pause(1200);
        must(!terminal.raw.includes(world.secret), 'another inode than the one that was shown was opened');
      }),
  },
  {
    id: 'approval-twin',
    title: 'a call that waits is made again, after a signal, with another name that has the same 64-bit FNV-1a hash',
    run: async (column) => {
      const two = twins();
      if (two === undefined) return 'the names belong into a directory of /home';
      await asking(column, async (terminal, { world }) => {
        world.program('work/attempt');
        world.write('work/try.sh', `./attempt twins ${two.harmless} ${two.secret} go\n`);
        world.own();
        terminal.write(`sh try.sh; echo first-''done\r`);
        await terminal.until(basename(two.harmless));
        await pause(400);
        writeFileSync(join(world.work, 'go'), '');
        await terminal.until(basename(two.secret));
        // The row that was read is the one above.
        terminal.write('\x1c');
        terminal.write('d');
        await pause(200);
        terminal.write('k');
        await pause(500);
        terminal.write('a');
        await pause(400);
        must(!terminal.raw.includes(TWIN_SECRET), 'what was approved is not what was opened');
        terminal.write('\x1b');
        await approveUntil(terminal, 'first-done');
        must(terminal.raw.includes(TWIN_SECRET), `CONTROL: its own row does not open it:\n${await terminal.text()}`);
      });
      return undefined;
    },
  },
  {
    id: 'approval-save',
    title:
      'the profile that an approval is saved into lies in the granted directory, and is caught while it is written',
    needs: ['python3'],
    run: async (column) => {
      const p = place(column.user);
      const { world } = p;
      world.write('work/p.jsonc', '{}\n');
      world.write('work/catch.py', catchNewFiles);
      world.own();
      const terminal = await openShell({
        user: column.user,
        home: p.home,
        cwd: world.work,
        flags: ['--profile', './p.jsonc', '--allow', '.', ...column.flags],
      });
      try {
        terminal.write(
          `python3 catch.py '{"filesystem":{"read":["${world.away}"]}}' >caught 2>&1 & cat ${world.away}/key\r`,
        );
        await terminal.until('key');
        for (let left = 5; ; left--) {
          await inList(terminal, 'p', 'y');
          await pause(1500);
          if (readFileSync(join(world.work, 'p.jsonc'), 'utf8') !== '{}\n') break;
          must(left > 0, `CONTROL: nothing was saved:\n${await terminal.text()}`);
          terminal.write('\x1b');
        }
        const caught = readFileSync(join(world.work, 'caught'), 'utf8');
        must(/saw.*replaced/s.test(caught), `CONTROL: nothing was seen: ${caught}`);
      } finally {
        terminal.close();
      }
      const saved = readFileSync(join(world.work, 'p.jsonc'), 'utf8');
      must(saved.includes('key') && !saved.includes('"read":['), `the profile holds what was written inside: ${saved}`);
      return undefined;
    },
  },
  {
    id: 'approval-forged',
    title: 'control, bidirectional and newline characters in what is asked',
    run: (column) =>
      asking(column, async (terminal, { world }) => {
        const names = ['\x1b]52;c;ZXZpbA==\x07', '‮evil', 'a\nb', '\x1b[2J', '\x9b31m', '​zero', `${'x'.repeat(200)}`];
        for (const name of names) world.write(`away/forged-${name}`, 'x');
        world.own();
        world.write('work/try.sh', `${names.map((name) => `cat '${world.away}/forged-${name}' &\n`).join('')}wait\n`);
        terminal.write('sh try.sh 2>/dev/null\r');
        await terminal.until('forged', 15_000);
        await pause(1200);
        const bad = ['\x1b]52', '‮', '\x9b31m', '​'].filter((sequence) => terminal.raw.includes(sequence));
        must(bad.length === 0, `reached the terminal: ${JSON.stringify(bad)}`);
      }),
  },
  {
    id: 'approval-no-terminal',
    title: 'without a terminal nothing is asked, and yes on standard input approves nothing',
    run: async (column) => {
      const p = place(column.user);
      const yes = 'y\n'.repeat(1000);
      const key = join(p.world.away, 'key');
      const granted = run(column, p, ['-s', '--allow', p.world.work, '--read', p.world.away, '--', 'cat', key]);
      must(granted.stdout.includes(p.world.secret), `CONTROL: granted, it is not read: ${granted.stderr}`);
      must(
        !run(column, p, ['-s', '--allow', p.world.work, '--', 'cat', key], yes).stdout.includes(p.world.secret),
        'run gave it',
      );
      const shell = product(column.user, ['shell', ...column.flags, '--allow', p.world.work], {
        cwd: p.world.work,
        home: p.home,
        input: `cat ${key}\n${yes}`,
      });
      must(!(shell.stdout + shell.stderr).includes(p.world.secret), 'shell gave it');
      return undefined;
    },
  },
];
