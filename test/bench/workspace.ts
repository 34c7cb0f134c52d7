/** A private directory for a run: generated trees, the environment of measured commands, and its removal at the end. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Workspace {
  readonly directory: string;
  /** The same small environment for every variant, so that no user's configuration is measured. */
  readonly env: Readonly<Record<string, string>>;
  /** A repository of this many small files, committed. Made at the first call. */
  repository(files: number): string;
  remove(): void;
}

const FILES_PER_DIRECTORY = 50;

function makeRepository(directory: string, files: number, env: Readonly<Record<string, string>>): void {
  for (let i = 0; i < files; i++) {
    const folder = join(
      directory,
      `part-${Math.floor(i / FILES_PER_DIRECTORY / 10)}`,
      `unit-${Math.floor(i / FILES_PER_DIRECTORY)}`,
    );
    if (i % FILES_PER_DIRECTORY === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}.txt`), `file ${i}\n`.repeat(1 + (i % 40)));
  }
  const git = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'gc.auto=0'];
  for (const step of [
    ['init', '-q'],
    ['add', '.'],
    [...git, 'commit', '-q', '-m', 'files'],
  ]) {
    const { status, stderr } = spawnSync('git', step, { cwd: directory, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${step.join(' ')}: ${stderr}`);
  }
}

export function makeWorkspace(): Workspace {
  const directory = realpathSync(mkdtempSync('/tmp/nono-bench-'));
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: homedir(),
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    // git status would otherwise write the index in some variants and not in others.
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const repositories = new Map<number, string>();
  return {
    directory,
    env,
    repository(files) {
      const known = repositories.get(files);
      if (known !== undefined) return known;
      const repository = join(directory, `repository-${files}`);
      mkdirSync(repository);
      makeRepository(repository, files, env);
      repositories.set(files, repository);
      return repository;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
