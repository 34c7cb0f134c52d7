/** Where the parts of this installation are. The bundle is dist/*, two levels of layout that the checkout and the package share. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NonoError } from './errors.ts';

let own: string | undefined;

/** Directory that holds package.json: found by walking up from this module, so it works from src/ (tests) and from dist/ (product). */
export function installationRoot(from?: string): string {
  if (from !== undefined) return rootAbove(from);
  own ??= rootAbove(import.meta.dirname);
  return own;
}

function rootAbove(from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json')) && existsSync(join(dir, 'profiles'))) return dir;
    if (dir === dirname(dir)) {
      throw new NonoError('installation', `the installation around ${from} has no profiles directory`, {
        hint: 'install nono again',
      });
    }
  }
}

/** Absolute path of a native program; the error says how to get it. */
export function nativeProgram(
  name: 'nono-launch' | 'nono-relay' | 'nono-attach' | 'nono-keep',
  root: string = installationRoot(),
): string {
  const path = join(root, 'native', 'build', name);
  if (existsSync(path)) return path;
  throw new NonoError('installation', `${path} is missing`, {
    hint: 'run `npm run build:native` (needs a C compiler: apt install gcc libc6-dev)',
  });
}

/** The library that the fast path preloads, at its real path; undefined where it was not built. Without it a session is slower and nothing else. */
export function fastPathLibrary(root: string = installationRoot()): string | undefined {
  const path = join(root, 'native', 'build', 'nono-fast-path.so');
  return existsSync(path) ? realpathSync(path) : undefined;
}
