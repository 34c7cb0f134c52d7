/** Deny patterns and denied paths in every spelling, with real programs, through the command line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, planter, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

const has = (program: string): string | undefined =>
  spawnSync(program, ['--version']).status === 0 ? undefined : `no ${program}`;

for (const user of users) {
  describe(user.name, () => {
    const home = makeHome(user);
    const plant = planter(home);
    const env = plant('project/app/.env', 'TOPSECRET');
    plant('project/app/conf/real.key', 'TOPSECRET');
    symlinkSync('conf/real.key', join(home, 'project/app/link.pem'));
    plant('project/app/main.c', '#include <stdio.h>\nint main(void){puts("built");}\n');
    plant('project/[slug]/page', 'TOPSECRET');
    plant('vault/key', 'TOPSECRET');
    symlinkSync('vault', join(home, 'to-vault'));
    spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
    const project = join(home, 'project');
    const sh = (args: readonly string[], script: string, cwd = project): Outcome =>
      nono(user, ['run', '-s', ...args, '--', 'sh', '-c', script], { cwd, home });

    test('what matches is closed, whatever is made, moved or linked; the rest works and is executed', {
      skip: has('cc'),
    }, () => {
      const done = sh(
        ['--allow', '~', '--deny', '**/.env', '--deny', '*.pem'],
        `exec 2>&1; cat app/.env app/../app//.env app/link.pem app/conf/real.key; cp app/.env stolen; ln app/.env hard; mv app/.env moved; mv app away
mkdir -p fresh/sub; cd fresh; cp ../app/main.c .; cc -o hello main.c && ./hello; printf '#!/bin/sh\\necho script\\n' > s; chmod +x s; ./s
echo x > .env; mkdir .env; mv main.c .env; ln -s main.c .env; ln main.c .env; mkfifo .env; touch a.pem; mv s sub/b.pem; ls -A; ls -A sub`,
      );
      assert.doesNotMatch(done.stdout, /TOPSECRET/);
      assert.match(done.stdout, /built\n/, done.stdout);
      assert.match(done.stdout, /script\n/, done.stdout);
      assert.equal(readFileSync(env, 'utf8'), 'TOPSECRET');
      for (const name of ['fresh/.env', 'fresh/a.pem', 'fresh/sub/b.pem', 'stolen', 'hard', 'moved', 'away'])
        assert.equal(existsSync(join(project, name)) && lstatSync(join(project, name)).size > 0, false, name);
      spawnSync('rm', ['-rf', join(project, 'fresh'), join(project, 'stolen')]);
    });

    test('hooks cannot be planted by any way around the pattern', { skip: has('git') }, () => {
      const git = 'git -c user.name=x -c user.email=x@y -c init.defaultBranch=main -c init.templateDir=';
      const done = sh(
        ['--allow', '~', '--deny', '**/.git/hooks/**'],
        `exec 2>&1; ${git} init -q repo && cd repo && echo a > f && ${git} add f && ${git} commit -qm m && ${git} log --oneline | wc -l
mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit
mkdir -p prepared/hooks; echo evil > prepared/hooks/pre-commit; mv .git kept; mv prepared .git; ln -s prepared .git; echo 'gitdir: prepared' > .git
mv -T prepared/hooks .git/hooks; mv kept .git; cp -r prepared/hooks .git/; ls .git/hooks; echo end`,
      );
      assert.match(done.stdout, /^1$/m, done.stdout);
      assert.match(done.stdout, /^end$/m, done.stdout);
      const dot = join(project, 'repo/.git');
      assert.equal(existsSync(join(dot, 'hooks/pre-commit')), false, done.stdout);
      if (existsSync(dot)) assert.equal(lstatSync(dot).isDirectory(), true);
      spawnSync('rm', ['-rf', join(project, 'repo')]);
    });

    test('a link or a gitfile that is there already is no way past the pattern', () => {
      plant('project/linked/real/hooks/pre-commit', 'ORIGINAL');
      plant('project/linked/file/.git', 'gitdir: ../real');
      symlinkSync('real', join(project, 'linked/.git'));
      spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
      const done = sh(
        ['--allow', '~', '--deny', '**/.git/hooks/*'],
        `exec 2>&1; cd linked; echo evil > .git/hooks/pre-commit; echo evil > real/hooks/pre-commit; echo evil > real/hooks/post-merge; rm -f .git; ln -sfn prepared .git
echo 'gitdir: prepared' > file/.git; rm -f file/.git; mv file/.git file/x; mv real unreal; echo fine > real/config; cat real/config real/hooks/pre-commit`,
      );
      assert.match(done.stdout, /^fine$/m, done.stdout);
      assert.doesNotMatch(done.stdout, /ORIGINAL/);
      assert.equal(readFileSync(join(project, 'linked/.git/hooks/pre-commit'), 'utf8'), 'ORIGINAL');
      assert.equal(existsSync(join(project, 'linked/real/hooks/post-merge')), false);
      assert.equal(readFileSync(join(project, 'linked/file/.git'), 'utf8'), 'gitdir: ../real');
    });

    test('a denied path is denied in every spelling, link and target alike, and when it appears later', () => {
      for (const spelling of ['~/to-vault', '~/vault/', '~//vault', '~/project/../vault', '../vault', '~/./vault/.']) {
        const done = sh(
          ['--allow', '~', '--deny', spelling],
          'cat ~/vault/key ~/to-vault/key ~/project/../to-vault//key; rm -rf ~/vault/key; mv ~/vault ~/v2; true',
        );
        assert.equal(done.stdout, '', spelling);
        assert.equal(readFileSync(join(home, 'vault/key'), 'utf8'), 'TOPSECRET', spelling);
      }
      // The link cannot be led elsewhere either.
      sh(['--allow', '~', '--deny', '~/to-vault'], 'rm ~/to-vault; ln -sfn /tmp ~/to-vault; mv ~/to-vault ~/x; true');
      assert.equal(existsSync(join(home, 'to-vault/key')), true);
      const later = sh(
        ['--allow', '~', '--deny', '~/later/on', '--deny', '~/later/{a,b}*'],
        'mkdir -p ~/later; touch ~/later/on ~/later/a1 ~/later/c; mkdir ~/later/b; mv ~/later ~/elsewhere; ls ~/later',
      );
      assert.equal(later.stdout, 'c\n');
      assert.equal(existsSync(join(home, 'elsewhere')), false);
    });

    test('a name that looks like a pattern is meant too', () => {
      const done = sh(['--allow', '~', '--deny', '~/project/[slug]'], "cat '[slug]/page'; true");
      assert.equal(done.stdout, '');
    });

    test('an override of exactly one match, with a grant, lifts it for that one', () => {
      plant('project/other/.env', 'OTHER');
      spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
      const done = sh(
        ['--allow', '~', '--deny', '**/.env', '--override-deny', '~/project/app/.env'],
        'cat app/.env other/.env; true',
      );
      assert.equal(done.stdout, 'TOPSECRET');
    });

    test('-v says what was searched and what is not held; wrap refuses', () => {
      const said = nono(user, ['run', '-v', '--allow', '~', '--deny', '**/.env', '--', 'true'], { cwd: project, home });
      assert.match(said.stderr, /patterns: \d+ entries searched, \d+ matched and carved out/);
      assert.match(said.stderr, /what something outside makes during the session can be read/);
      const wrap = nono(user, ['wrap', '-s', '--allow', '~', '--deny', '**/.env', '--', 'true'], {
        cwd: project,
        home,
      });
      assert.equal(wrap.code, 1);
      assert.match(wrap.stderr, /nono wrap cannot hold this policy: the pattern \*\*\/\.env \(cli:--deny\)/);
    });
  });
}
