/** What would run later, outside: hooks, start-up files, settings of tools. Denied by the patterns and paths of each topic. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Attempt, Topic } from '../model.ts';
import type { World } from '../world.ts';

/** Names that must not come to be, below a directory where everything else may. */
const never =
  (...names: string[]) =>
  (world: World): void => {
    for (const name of names) for (const top of [world.work, world.floor]) world.watched.push(join(top, name));
  };
const attempt = (id: string, title: string, names: string[], script: string, more: Partial<Attempt> = {}): Attempt => ({
  id,
  title,
  breach: 'changed',
  script: `for d in "$W" "$F"; do cd "$d"; ${script}; done`,
  setup: never(...names),
  ...more,
});

const git: readonly Attempt[] = [
  attempt(
    'git-init',
    'a new repository',
    ['.git/hooks/post-checkout', '.git/config'],
    'git init -q .; mkdir -p .git/hooks; echo x >.git/hooks/post-checkout; git config core.fsmonitor x; printf "[core]\\nhooksPath=x\\n" >>.git/config',
  ),
  attempt(
    'git-nested',
    'a nested repository, a worktree, a submodule',
    ['a/b/.git/hooks/pre-commit', 'a/b/.git/config', 'a/.gitmodules', '.gitattributes'],
    'mkdir -p a/b/.git/hooks; echo x >a/b/.git/hooks/pre-commit; echo x >a/b/.git/config; echo x >a/.gitmodules; echo "* filter=x" >.gitattributes',
  ),
  attempt(
    'git-moved',
    'made under another name and moved under the pattern',
    ['m/.git/hooks/x', 'm/.git/config'],
    'mkdir -p m n/hooks; echo x >n/hooks/x; echo x >n/config; "$T" rename n m/.git; mv -T n m/.git; mkdir -p o/.gi; cp -r n o/.gi/; "$T" exchange n m/.git; mkdir -p p/q/hooks; echo x >p/q/hooks/x; "$T" rename p/q m/.git; mkdir -p r/.git 2>/dev/null; mv n/hooks r/.git/hooks; mv r m2; "$T" rename r m',
  ),
  attempt(
    'git-gitfile',
    'a file in its place that names a directory of one’s own, as worktrees and submodules have it',
    ['g/.git', 'w/.git/hooks/x', 'w/.git/config'],
    'mkdir -p g w made/hooks; echo x >made/hooks/x; echo x >made/config; echo "gitdir: $PWD/made" >g/.git; echo "gitdir: ../made" >f; "$T" link f g/.git; cp f f2; mv f2 g/.git; "$T" exchange f g/.git; "$T" tmpfile g .git; rm -rf w/.git; ln -s ../made w/.git; mv -T made w/.git',
  ),
  attempt(
    'git-linked',
    'a link in its place',
    ['l/.git/hooks/x', 'l/.git/config'],
    'mkdir -p l real/hooks; echo x >real/hooks/x; echo x >real/config; ln -s ../real l/.git; ln real/config l/.git/config; ln -s "$PWD/real/config" l/.git/config',
  ),
  attempt(
    'git-linked-file',
    'a hard link, an unnamed file, a socket, a fifo at the name',
    ['h/.git/config', 'h/.gitattributes'],
    'mkdir -p h/.git; echo x >s; "$T" link s h/.git/config; "$T" link s h/.gitattributes; "$T" tmpfile h .gitattributes; "$T" tmpfile h/.git config; "$T" make h/.git/config; "$T" marked-create h/.gitattributes; "$T" marked-create h/.git/config; "$TS" every-write h/.gitattributes',
  ),
  attempt(
    'git-unpacked',
    'by tools that make whole trees',
    ['u/.git/hooks/x', 'u/.git/config', 'c/.git/config'],
    'mkdir -p t/u/dotgit/hooks; echo x >t/u/dotgit/hooks/x; echo x >t/u/dotgit/config; tar -C t -cf t.tar --transform "s/dotgit/.git/" u; tar xf t.tar; cp -a t/u u; mkdir -p c; cp -r t/u/dotgit c/.git; python3 -c "import shutil;shutil.copytree(\'t/u/dotgit\',\'c/.git\')"',
    { seconds: 20 },
  ),
];

const settings = [
  '.envrc',
  '.mise.toml',
  '.tool-versions',
  '.vscode/tasks.json',
  '.idea/workspace.xml',
  '.mcp.json',
  '.claude/settings.json',
  'AGENTS.md',
  'package.json',
  '.npmrc',
  '.husky/pre-commit',
  'Makefile',
  'conftest.py',
  '.cargo/config.toml',
  '.env',
];

const startedLater = [
  '.config/autostart/x.desktop',
  '.config/systemd/user/x.service',
  '.local/share/systemd/user/x.timer',
  '.local/share/dbus-1/services/x.service',
  '.config/environment.d/x.conf',
  '.config/plasma-workspace/env/x.sh',
  '.lesskey',
  '.config/sqlite3/sqliterc',
  '.node_modules/x/index.js',
  '.config/pip/pip.conf',
  '.local/lib/python3/site-packages/x.pth',
  '.local/share/gnome-shell/extensions/x/extension.js',
  '.config/wireplumber/x.lua',
  '.config/sxhkd/sxhkdrc',
  '.asoundrc',
  '.forward',
  '.p10k.zsh',
];
/** Below a project under the guard. Each was missing from it once. */
const runLater = [
  '.jj/workspace-config.toml',
  '.git/sl/config',
  '.prototools',
  '.perldb',
  '.byebugrc',
  '.psysh.php',
  'renv/activate.R',
  '.lite_project.lua',
  '.theia/tasks.json',
  'hie.yaml',
  '.lsp/config.edn',
  '.merlin',
  '.codex/agents/x.toml',
  '.github/lsp.json',
  '.github/skills/x/SKILL.md',
  'lsp.json',
  '.agents/commands/x',
  '.amp/settings.json',
  '.amazonq/cli-agents/x.json',
  '.vibe/config.toml',
  '.codebuddy/settings.json',
  '.pdm-plugins/x',
  '.bazelversion',
  '.mill-jvm-opts',
  '.chef/config.rb',
];
/** Shells run these too: zsh a compiled file that is newer than its source, or has none. */
const besideStartFiles = [
  '.zshrc.zwc',
  '.zshenv.zwc',
  '.zcompdump',
  '.bash_completion',
  '.config/bash_completion',
  '.local/share/fish/vendor_conf.d/x.fish',
];
const tokens = [
  '.pgpass',
  '.config/gh/hosts.yml',
  '.config/git/credentials',
  '.config/rclone/rclone.conf',
  '.aws/credentials',
];
const onPath = ['bin/ls', '.local/bin/ls', '.cargo/bin/cargo', 'go/bin/x'];

export const persistence: readonly Topic[] = [
  {
    id: 'git',
    title: 'Repositories whose hooks and settings run later',
    policy: { denyPattern: ['**/.git/hooks', '**/.git/config', '**/.gitattributes', '**/.gitmodules'] },
    attempts: git,
  },
  {
    id: 'settings',
    title: 'Settings of tools in a project',
    policy: {
      denyPattern: [
        '**/.envrc',
        '**/.mise.toml',
        '**/.tool-versions',
        '**/.vscode',
        '**/.idea',
        '**/.mcp.json',
        '**/.claude/settings.json',
        '**/AGENTS.md',
        '**/package.json',
        '**/.npmrc',
        '**/.husky',
        '**/Makefile',
        '**/conftest.py',
        '**/.cargo/config.toml',
        '**/.env',
      ],
    },
    attempts: [
      attempt(
        'settings-made',
        'written',
        settings,
        settings.map((n) => `mkdir -p "$(dirname "${n}")"; echo x >"${n}"`).join('; '),
      ),
      attempt(
        'settings-deep',
        'written deep below directories that are new',
        settings.map((n) => `new/er/${n}`),
        `mkdir -p new/er; cd new/er; ${settings.map((n) => `mkdir -p "$(dirname "${n}")"; echo x >"${n}"`).join('; ')}`,
      ),
      attempt(
        'settings-moved',
        'moved and linked to their names',
        settings.map((n) => `mv/${n}`),
        `mkdir -p mv; cd mv; ${settings.map((n) => `mkdir -p "$(dirname "${n}")"; echo x >tmp; mv tmp "${n}"; echo x >tmp2; ln tmp2 "${n}"; "$T" exchange tmp2 "${n}"; rm -f tmp tmp2`).join('; ')}`,
      ),
      attempt(
        'settings-parents',
        'a directory that holds them is moved into place',
        settings.map((n) => `final/${n}`),
        `mkdir -p stage; cd stage; ${settings.map((n) => `mkdir -p "$(dirname "${n}")"; echo x >"${n}"; echo x >"$(dirname "${n}")/dis"`).join('; ')}; cd ..; mv stage final; "$T" rename stage final`,
      ),
      {
        id: 'settings-read',
        title: 'read when it was there before the start',
        breach: 'leak',
        script:
          'for d in "$W" "$F"; do cat "$d/.env" "$d/deep/er/.env"; cd "$d/deep/er"; cat .env ./.env; cp .env copy; ln .env hard; cat hard; ln -s .env soft; cat soft; mv .env moved; cat moved; cd ..; mv er er2; cat er2/.env; "$T" marked-open "$d/.env"; "$TS" every-open "$d/.env"; done',
        setup: (w) => {
          for (const n of ['work/.env', 'floor/.env', 'work/deep/er/.env', 'floor/deep/er/.env'])
            w.ignored.add(w.write(n, w.secret));
        },
      },
      {
        id: 'settings-appears',
        title: 'read when somebody outside makes one during the session is named',
        breach: 'leak',
        named: /strict|session|outside/i,
        own: true,
        alone: true,
        policy: { flags: ['-v'] },
        script: 'touch ready; while ! [ -e go ]; do sleep 0.05; done; cat fresh/.env',
        meanwhile: async (w) => {
          const { afterwards } = await import('./meanwhile.ts');
          await afterwards(() => {
            w.ignored.add(w.write('work/fresh/.env', w.secret));
            w.own(join(w.work, 'fresh'));
          })(w);
        },
      },
    ],
  },
  {
    id: 'guard',
    title: 'Settings that a later command outside runs, under the guard of the built-in profiles',
    policy: { profile: { groups: { include: ['persistence_guard'] } } },
    attempts: [
      {
        id: 'guard-tools',
        title:
          'of version control, debuggers, language servers, editors, agents and build tools, written, moved and linked to their names',
        breach: 'changed',
        own: true,
        // Below the working directory, and below what a flag lets be written.
        setup: (w) => {
          for (const name of runLater) w.watched.push(join(w.work, 'g', name));
        },
        script: `mkdir -p g; cd g; ${runLater.map((n) => `mkdir -p "$(dirname "${n}")"; echo x >"${n}"; echo x >tmp; mv tmp "${n}"; echo x >tmp2; ln tmp2 "${n}"; rm -f tmp tmp2`).join('; ')}`,
      },
    ],
  },
  {
    id: 'home',
    title: 'Start-up files, directories on PATH and autostart, with the home directory granted',
    policy: { allow: ['$HOME'] },
    attempts: [
      {
        id: 'home-shell',
        title: 'start-up files of shells',
        breach: 'changed',
        setup: (w) => {
          w.watched.push(
            ...['.bashrc', '.profile', '.zshrc', '.bash_profile', '.zshenv', '.config/fish/config.fish'].map((n) =>
              join(w.home, n),
            ),
            ...['.bash_aliases', '.inputrc', '.cshrc', '.config/zsh', '.config/nushell'].map((n) => join(w.home, n)),
            ...besideStartFiles.map((n) => join(w.home, n)),
          );
        },
        script:
          'cd "$HOME"; for f in .bashrc .profile .zshrc .bash_profile .zshenv .bash_aliases .inputrc .cshrc; do echo x >"$f"; echo x >t; mv t "$f"; ln -s t "$f"; done; mkdir -p .config/fish; echo x >.config/fish/config.fish; mkdir -p .config/zsh .config/nushell; mkdir -p d/fish d/zsh; echo x >d/fish/config.fish; echo x >d/zsh/.zshrc; mv d .config; ' +
          besideStartFiles.map((n) => `mkdir -p "$(dirname ${n})"; echo x >${n}; echo x >t; mv t ${n}; `).join(''),
      },
      {
        id: 'home-tokens',
        title: 'tokens and passwords that tools keep there',
        breach: 'leak',
        own: true,
        setup: (w) => {
          for (const name of tokens) {
            const path = join(w.home, name);
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, w.secret);
            w.own(w.home);
          }
        },
        script: `cd "$HOME"; for f in ${tokens.join(' ')}; do cat "$f"; mv "$f" moved; cat moved; ln "$f" hard; cat hard; done; mv .config config; cat config/*/*; "$T" marked-open "$HOME/.pgpass"`,
      },
      {
        id: 'home-later',
        title: 'directories on PATH, autostart, units of systemd, tables of cron',
        breach: 'changed',
        own: true,
        policy: { profile: { groups: { include: ['persistence_guard'] } } },
        setup: (w) => {
          for (const name of [...startedLater, ...onPath]) w.watched.push(join(w.home, name));
        },
        script: `cd "$HOME"; for f in ${[...startedLater, ...onPath].join(' ')}; do mkdir -p "$(dirname "$f")"; echo x >"$f"; mkdir -p made; echo x >"made/$(basename "$f")"; mv "made/$(basename "$f")" "$f"; ln "made/$(basename "$f")" "$f"; mv -T made "$(dirname "$f")"; ln -s "$PWD/made" "$(dirname "$f")"; done; crontab -l; echo "* * * * * touch $A/key" | crontab -`,
      },
      {
        id: 'home-own-state',
        title: 'configuration, profiles and state of this program',
        breach: 'changed',
        own: true,
        setup: (w) => {
          for (const n of [
            '.config/nono',
            '.local/state/nono/x.json',
            '.local/state/nono/profiles',
            '.local/share/nono',
            '.cache/nono',
          ])
            w.watched.push(join(w.home, n));
          mkdirSync(w.home, { recursive: true });
        },
        script:
          'cd "$HOME"; for d in .config/nono/profiles .local/state/nono .config/nono; do mkdir -p "$d"; echo "{}" >"$d/x.json"; done; mkdir -p c/nono/profiles; echo "{}" >c/nono/profiles/default.json; mv c .config; mv .config old; mkdir -p .config/nono; echo x >.config/nono/x; ln -s "$PWD/c/nono" .config/nono',
      },
    ],
  },
];
