/** A real project of about 300 packages, from the user's own package-manager configuration: fetched once into a cache, installed from there. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './users.ts';

const fixture = join(root, 'test/fixtures/projects/web-app');

/** Neither network nor the packages' own scripts: what is measured is npm and the file system. */
export const installOffline: readonly string[] = [
  'ci',
  '--offline',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--logs-max=0',
  '--silent',
];

export function copyWebApp(to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(fixture, name), join(to, name));
}

export function packageCount(): number {
  const lock = JSON.parse(readFileSync(join(fixture, 'package-lock.json'), 'utf8'));
  return Object.keys(lock.packages).length - 1;
}

/** Fills a cache with everything that the project needs. Returns why it cannot, where it cannot. Run as whoever runs the tests, with that user's settings. */
export function fillCache(npm: string, directory: string, cache: string): string | undefined {
  const project = mkdtempSync(join(directory, 'fill-'));
  try {
    copyWebApp(project);
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1', '--cache', cache];
    const { status, stderr, error } = spawnSync(npm, args, { cwd: project, encoding: 'utf8', timeout: 180_000 });
    if (status === 0) return undefined;
    const code = /npm (?:error|ERR!) code (\w+)/.exec(stderr ?? '')?.[1];
    return `the packages cannot be fetched: ${code ?? error?.message ?? `npm ended with ${status}`}`;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
