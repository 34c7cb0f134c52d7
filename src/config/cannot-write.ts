/** What a user reads when a file of theirs or of nono's could not be written: which, why, and what to do about that. */
import { NonoError } from '../platform/errors.ts';

const NO_ROOM: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space and try again',
  EDQUOT: 'your quota is used up: free some space and try again',
  EFBIG: 'a limit on the size of files is in force (ulimit -f)',
  EROFS: 'its file system is mounted read-only',
  EMFILE: 'too many files are open: close some programs, or raise ulimit -n',
  EIO: 'the disk gave an error: see the log of the kernel',
};

/** `what`: instead of that the file stays as it was, where there is more to say. */
export function cannotWrite(file: string, error: unknown, what?: string): NonoError {
  const { code, message } = error as NodeJS.ErrnoException;
  const more = what === undefined ? '' : `; ${what}`;
  return new NonoError('io', `${file}: cannot be written (${code ?? message})${more}`, {
    cause: error,
    hint: NO_ROOM[code ?? ''] ?? 'check the permissions of the file and of its directory',
  });
}
