/** A program that `git status` at the top of a project would run, planted in bulk directories by a session: repositories there, and gitlinks to them in the project's index. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, type TestUser } from './users.ts';

export const bulkDirectories = ['node_modules', 'dist', 'target', '.venv'] as const;

/** The directory that git takes settings from is made as such, moved to its name, named by a file, and linked to. */
export const plantRepositories = `
sha=$(git rev-parse HEAD)
plant() { mkdir -p "$1/objects" "$1/refs/heads"; cp -r .git/objects/. "$1/objects"; echo 'ref: refs/heads/main' >"$1/HEAD"; echo "$sha" >"$1/refs/heads/main"
printf '[core]\\n\\trepositoryformatversion = 0\\n\\tfsmonitor = %s\\n' "$PWD/planted" >"$1/config"; }
for b in ${bulkDirectories.join(' ')}; do
  mkdir -p $b/a $b/b $b/c $b/d
  plant $b/a/.git
  plant $b/g; mv $b/g $b/b/.git
  plant $b/h; echo 'gitdir: ../h' >$b/c/.git
  plant $b/i; ln -s ../i $b/d/.git
  for x in a b c d; do git update-index --add --cacheinfo 160000,$sha,$b/$x || exit 1; done
done
echo planted`;

/** The project, outside any sandbox; the first bulk directory is there already. */
export function makeProject(project: string, user: TestUser): void {
  mkdirSync(join(project, bulkDirectories[0]), { recursive: true });
  writeFileSync(join(project, 'file'), 'text\n');
  const program = join(project, 'planted');
  writeFileSync(program, `#!/bin/sh\npwd >>'${project}/ran'\n`);
  chmodSync(program, 0o755);
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@y'];
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', 'file'],
    [...identity, 'commit', '-qm', 'one'],
  ])
    spawnSync('git', args, { cwd: project, env: environment(project) });
  spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, project]);
}

/** What a user types at the top of the project afterwards; where the planted program ran. */
export function ranOutside(project: string, user: TestUser, home: string): readonly string[] {
  const [program = '', ...rest] = [
    ...user.prefix,
    'sh',
    '-c',
    'git status; git diff; git add -A; git -c user.name=x -c user.email=x@y commit -qm two; git status',
  ];
  spawnSync(program, rest, { cwd: project, env: environment(home) });
  const ran = join(project, 'ran');
  return existsSync(ran) ? readFileSync(ran, 'utf8').trim().split('\n') : [];
}
