/** A real project of about 300 packages, from the user's own package-manager configuration: fetched once into a cache, installed from there. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isWithin } from '../../src/policy/paths.ts';
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

/**
 * The environment without what `npm run` adds from this installation's own Node: npm takes its global settings from beside the Node that runs it, so with ours it
 * would look in node_modules and not find the user's (certificates, registry). What the user set stays.
 */
function usersEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const ours = (path: string | undefined): boolean => path !== undefined && isWithin(path, root);
  const path = (env['PATH'] ?? '').split(delimiter).filter((directory) => !ours(directory));
  const kept = Object.entries(env).filter(([name, value]) => !(name.startsWith('npm_config_') && ours(value)));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

/** The code and the first sentence of npm's complaint. */
function complaint(stderr: string): string | undefined {
  const lines = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!) (?:code )?(.+)/.exec(line)?.[1] ?? []);
  return lines.length === 0 ? undefined : lines.slice(0, 2).join(': ');
}

/** Fills a cache with everything that the project needs. Returns why it cannot, where it cannot. Run as whoever runs the tests, with that user's settings. */
export function fillCache(npm: string, directory: string, cache: string): string | undefined {
  const project = mkdtempSync(join(directory, 'fill-'));
  try {
    copyWebApp(project);
    // The level is named, because `npm run --silent` would hand its own down and leave nothing to tell.
    const args = [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--fetch-retries=1',
      '--loglevel=error',
      '--cache',
      cache,
    ];
    const { status, stderr, error } = spawnSync(npm, args, {
      ...{ cwd: project, env: usersEnvironment(), encoding: 'utf8', timeout: 180_000 },
    });
    if (status === 0) return undefined;
    const said = error?.message ?? complaint(stderr ?? '') ?? `npm ended with ${status} and said nothing`;
    return `the packages cannot be fetched: ${said}`;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
