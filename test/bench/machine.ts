/** What this machine has to measure with and against. Nothing here is required but Linux and our own build. */

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { availableParallelism, homedir, loadavg, release } from 'node:os';
import { delimiter, join } from 'node:path';

/** A program and how to start it, or why it cannot be started here. */
export type Tool =
  | { readonly path: string; readonly skip?: undefined }
  | { readonly path?: undefined; readonly skip: string };

export interface Machine {
  readonly root: string;
  /** One line, without names or paths of the machine. */
  readonly description: string;
  readonly node: string;
  readonly launcher: Tool;
  readonly product: Tool;
  readonly originalNono: Tool;
  find(name: string): Tool;
}

/** Wrappers of version managers start another program first; the system's own is measured when there is one. */
function search(name: string): Tool {
  const directories = ['/usr/bin', '/bin', ...(process.env['PATH'] ?? '').split(delimiter)];
  const path = directories.map((directory) => join(directory, name)).find((candidate) => existsSync(candidate));
  return path === undefined ? { skip: 'not found' } : { path };
}

function isElf(path: string): boolean {
  const fd = openSync(path, 'r');
  const magic = Buffer.alloc(4);
  readSync(fd, magic);
  closeSync(fd);
  return magic.toString('latin1') === '\x7fELF';
}

/** The Rust program of the same name: a binary, where ours is a shell script inside this installation. */
function searchOriginal(root: string): Tool {
  const directories = [join(homedir(), '.cargo/bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  for (const candidate of directories.map((directory) => join(directory, 'nono'))) {
    if (!existsSync(candidate) || realpathSync(candidate).startsWith(`${realpathSync(root)}/`) || !isElf(candidate))
      continue;
    const { stdout } = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    if (/^nono \d/.test(stdout ?? '')) return { path: candidate };
  }
  return { skip: 'not found' };
}

function processor(): string {
  return /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim() ?? process.arch;
}

function built(path: string, how: string): Tool {
  return existsSync(path) ? { path } : { skip: `not built (${how})` };
}

/** What else ran in the last minute: above half a processor, trust orderings only. */
export function load(): string {
  return `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
}

export function describeMachine(root: string): Machine {
  const product = existsSync(join(root, 'dist/cli.cjs'))
    ? built(join(root, 'bin/nono'), 'npm ci')
    : { skip: 'not built (npm run build)' };
  return {
    root,
    description: `${availableParallelism()} CPUs (${processor()}), Linux ${release().split('-')[0]}, Node ${process.versions.node}, ${process.getuid?.() === 0 ? 'root' : 'ordinary user'}`,
    node: realpathSync(process.execPath),
    launcher: built(join(root, 'native/build/nono-launch'), 'npm run build:native'),
    product,
    originalNono: searchOriginal(root),
    find: search,
  };
}
