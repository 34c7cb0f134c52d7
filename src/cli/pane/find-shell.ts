/** Which shell `nono shell` starts. */
import { accessSync, constants, lstatSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { currentlyAsked } from '../../platform/asked.ts';
import { NonoError } from '../../platform/errors.ts';
import type { Options } from '../tables/flags.ts';

/** Why something cannot be executed that lies in its path, as in native/cache/cache_ask.c. */
const ANSWERS = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG']);

/** As a question that a later start asks again (native/cache/cache_ask.c): what the name leads to, and what lies there. */
function isFile(path: string): boolean {
  const asked = currentlyAsked();
  const real = realpathSync(path);
  const file = lstatSync(real).isFile();
  asked?.ask('real', path, `=${real}`);
  if (file) asked?.ask('kind', real, 'f');
  else asked?.doubt();
  return file;
}

function isExecutableFile(path: string): boolean {
  const asked = currentlyAsked();
  if (!isAbsolute(path)) asked?.doubt();
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    if (ANSWERS.has((error as NodeJS.ErrnoException).code ?? '')) asked?.ask('searchable', path, '0');
    else asked?.doubt();
    return false;
  }
  asked?.ask('searchable', path, '1');
  try {
    return isFile(path);
  } catch {
    asked?.doubt();
    return false;
  }
}

/** Absolute path of the shell; a bare name is looked up as the caller's own shell would. */
export function findShell(options: Options): string {
  const wanted = options.shell ?? (process.env['SHELL'] || '/bin/sh');
  const candidates = wanted.includes('/')
    ? [wanted]
    : (process.env['PATH'] ?? '')
        .split(delimiter)
        .filter(Boolean)
        .map((directory) => join(directory, wanted));
  const found = candidates.find(isExecutableFile);
  if (found !== undefined) return found;
  throw new NonoError('path-invalid', `Command execution failed: ${wanted}: not an executable file`, {
    hint: options.shell === undefined ? 'set SHELL or give --shell PATH' : 'give --shell the path of a shell',
  });
}
