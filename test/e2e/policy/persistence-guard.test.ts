/** What would run outside later, under a profile that guards it: real programs inside, looked at from outside. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bulkDirectories, makeProject, plantRepositories, ranOutside } from '../../helpers/planted-repository.ts';
import { nono } from '../../helpers/run.ts';
import { environment, makeHome, planter, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

const git = 'git -c user.name=x -c user.email=x@y';
const noGit = spawnSync('git', ['--version']).status === 0 ? false : 'no git';

for (const user of users) {
  describe(user.name, { skip: noGit }, () => {
    const home = makeHome(user);
    const project = join(home, 'project');
    const plant = planter(project);
    plant('file', 'text\n');
    plant('.envrc', 'export KEPT=1\n');
    plant('sub/.vscode/tasks.json', '{}\n');
    spawnSync('git', ['init', '-q', '-b', 'main', project]);
    plant('.git/hooks/pre-commit', '#!/bin/sh\nexit 0\n');
    spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
    const watched = ['.git/config', '.git/hooks/pre-commit', '.envrc', 'sub/.vscode/tasks.json'];
    const before = watched.map((name) => readFileSync(join(project, name), 'utf8'));
    const unchanged = (): void => {
      for (const [i, name] of watched.entries())
        assert.equal(readFileSync(join(project, name), 'utf8'), before[i], name);
    };
    const inside = (script: string) =>
      nono(user, ['run', '-s', '-p', 'codex', '--allow-cwd', '--', 'sh', '-c', `exec 2>&1\n${script}`], {
        cwd: project,
        home,
      });

    test('git works, and what is guarded can be read', () => {
      const done = inside(
        `${git} add file && ${git} commit -qm one && ${git} checkout -q -b two && echo more >>file && ${git} commit -qam two
${git} log --oneline | wc -l; cat .envrc; git config --get core.bare; echo new >src.c && mv src.c sub/ && rm sub/src.c && echo end`,
      );
      assert.match(done.stdout, /^2$/m, done.stdout);
      assert.match(done.stdout, /KEPT=1[\s\S]*false[\s\S]*end/, done.stdout);
      unchanged();
    });

    test('nothing of it is written, replaced, moved or made, by any of these ways', () => {
      const done =
        inside(`echo evil >>.git/config; git config core.fsmonitor evil; echo evil >.git/hooks/pre-commit; rm -f .git/hooks/pre-commit
echo evil >.git/hooks/post-checkout; mv .git/hooks aside; chmod 777 .git/hooks/pre-commit; ln .envrc linked; mv .envrc gone; echo evil >>linked
echo evil >sub/.vscode/tasks.json; mv sub/.vscode sub/moved; mkdir -p fresh/.husky; echo evil >fresh/.husky/pre-push; echo evil >fresh/.bashrc
mkdir prepared; echo evil >prepared/tasks.json; mv prepared fresh/.vscode; ln -s prepared fresh/.idea; cp .envrc fresh/.envrc
mkdir -p made/hooks; echo evil >made/hooks/x; mv made fresh/.git; echo 'gitdir: ../made' >fresh/.git; ln -s ../made fresh/.git
git init -q nested; echo evil >nested/.git/hooks/pre-commit
mkdir -p gitdir/objects gitdir/refs late/.git .git/modules/sub .git/worktrees/w; cp .git/HEAD gitdir/HEAD; printf '[core]\\nfsmonitor = evil\\n' >gitdir/config
for d in .git .git/modules/sub .git/worktrees/w late/.git; do echo ../gitdir >$d/commondir; echo ../gitdir >c; mv c $d/commondir; ln c $d/commondir; done
for d in .git .git/worktrees/w .git/modules/sub .git/modules/sub/worktrees/w; do mkdir -p $d; echo evil >$d/config.worktree; done; echo done`);
      assert.match(done.stdout, /done/, done.stdout);
      unchanged();
      assert.equal(lstatSync(join(project, '.envrc')).nlink, 1);
      for (const name of [
        '.git/hooks/post-checkout',
        'aside',
        'sub/moved',
        'fresh/.husky/pre-push',
        'fresh/.bashrc',
        'fresh/.vscode/tasks.json',
        'fresh/.idea',
        'fresh/.envrc',
        'fresh/.git/hooks/x',
        'nested/.git/hooks/pre-commit',
        'nested/.git/config',
        // Git takes config and hooks from the directory that it names.
        '.git/commondir',
        '.git/modules/sub/commondir',
        '.git/worktrees/w/commondir',
        'late/.git/commondir',
        // Read as config where extensions.worktreeConfig is set.
        '.git/config.worktree',
        '.git/worktrees/w/config.worktree',
        '.git/modules/sub/config.worktree',
        '.git/modules/sub/worktrees/w/config.worktree',
      ])
        assert.equal(existsSync(join(project, name)), false, name);
    });

    test('git at the top of a project runs nothing that was planted in a bulk directory', () => {
      const bare = join(home, 'bare');
      makeProject(bare, user);
      const [sh = '', ...args] = [...user.prefix, 'sh', '-c', plantRepositories];
      spawnSync(sh, args, { cwd: bare, env: environment(home) });
      const control = new Set(ranOutside(bare, user, home));
      // Else it shows nothing: without a sandbox each of them is run.
      for (const name of bulkDirectories)
        for (const way of ['a', 'b', 'c', 'd']) assert.ok(control.has(join(bare, name, way)), `${name}/${way}`);

      const guarded = join(home, 'guarded');
      makeProject(guarded, user);
      const done = nono(user, ['run', '-s', '-p', 'codex', '--allow-cwd', '--', 'sh', '-c', plantRepositories], {
        cwd: guarded,
        home,
      });
      assert.match(done.stdout, /planted/, done.stderr);
      for (const name of bulkDirectories)
        assert.ok(existsSync(join(guarded, name, 'h/refs')), `${name} is bulk, and can be written`);
      assert.deepEqual(ranOutside(guarded, user, home), []);
    });
  });
}
