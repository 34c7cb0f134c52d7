/** The directory that the user is in, or one line about what is wrong with it. */
import { readlinkSync } from 'node:fs';
import { currentlyAsked } from './asked.ts';
import { NonoError } from './errors.ts';

/** Node turns bytes that are not UTF-8 into U+FFFD. The result names another directory, which may exist: it would be granted instead. */
export function requireUtf8(sound: boolean, what: string): void {
  if (!sound)
    throw new NonoError('path-invalid', `${what} is not UTF-8`, { hint: 'rename it, or grant a directory above it' });
}

export function currentDirectory(): string {
  try {
    const cwd = process.cwd();
    const sound = !cwd.includes('\uFFFD') || readlinkSync('/proc/self/cwd', 'buffer').equals(Buffer.from(cwd));
    requireUtf8(sound, 'the name of the current directory');
    currentlyAsked()?.ask('here', '', cwd);
    return cwd;
  } catch (cause) {
    if (cause instanceof NonoError) throw cause;
    throw new NonoError('path-invalid', 'the current directory no longer exists', {
      hint: 'change to a directory that exists',
      cause,
    });
  }
}
