/** Opens the file of `--log-file`, before anything is started. What it says must stay true: nothing inside may write it, now or after an approval. */
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NonoError } from '../../platform/errors.ts';
import { decide } from '../../policy/decide/decide.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import { keepsLogFile } from '../../policy/resolve/protection.ts';
import type { Options } from '../tables/flags.ts';
import { keepLog, Log, levelOf } from './log.ts';

const OWN_ONLY = 0o600;
const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

function refusal(file: string, what: string, hint?: string, cause?: unknown): NonoError {
  const message = `--log-file ${file}: ${what}`;
  return new NonoError('path-invalid', message, { ...(hint === undefined ? {} : { hint }), cause });
}

const problems: Readonly<Record<string, string>> = {
  ELOOP: 'is a symbolic link',
  ENXIO: 'is no regular file',
  ENOENT: 'its directory does not exist',
  EISDIR: 'is a directory',
};

function failed(file: string, error: unknown): NonoError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return refusal(file, problems[code] ?? `cannot be opened (${code || message})`, undefined, error);
}

/** Where the file is, or will be: links on the way to it are followed once, its own name never. */
export function logFilePath(file: string): string {
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch (error) {
    throw failed(file, error);
  }
}

function refuseWritable(policy: ResolvedPolicy, file: string, real: string): void {
  // Without the rule that keeps it: a carved-out file in a granted directory would be one that its neighbours surround.
  const rules = policy.rules.filter((rule) => !keepsLogFile(rule));
  if (decide({ rules }, { path: real, access: 'write' }).verdict !== 'allow') return;
  throw refusal(file, 'the sandboxed command could write there', 'name a file outside everything that is granted');
}

/** Opened for appending, and looked at. Throws NonoError. `file`: as the user wrote it. */
function opened(file: string, path: string): number {
  let fd: number;
  try {
    // Not blocking: a FIFO without a reader is refused instead of waited for. Node adds O_CLOEXEC to every open.
    fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, OWN_ONLY);
  } catch (error) {
    throw failed(file, error);
  }
  const found = fstatSync(fd);
  const problem = !found.isFile()
    ? 'is no regular file'
    : found.nlink !== 1
      ? 'has another name, under which it might be written'
      : found.uid !== process.geteuid?.()
        ? 'belongs to somebody else'
        : readlinkSync(`/proc/self/fd/${fd}`) !== path
          ? 'was moved while it was opened'
          : undefined;
  if (problem === undefined) return fd;
  closeSync(fd);
  throw refusal(file, problem);
}

function keep(fd: number, options: Options): void {
  keepLog(new Log(fd, levelOf(options.verbose, process.env['RUST_LOG'])));
}

/** `path`: as `logFilePath` gave it, absolute. Throws NonoError; nothing is made where it refuses, nor by a dry run. */
export function openLogFile(policy: ResolvedPolicy, path: string, options: Options): void {
  const file = options.logFile ?? path;
  refuseWritable(policy, file, path);
  if (!options.dryRun) keep(opened(file, path), options);
}

/** The log of a command that runs nothing: it answers without one too, so what is wrong with the file is a warning. The variable is set for sessions, and inside one the file cannot be
 * written. */
export function openLogOfAnswer(file: string, options: Options): string | undefined {
  try {
    keep(opened(file, logFilePath(file)), options);
    return undefined;
  } catch (error) {
    if (!(error instanceof NonoError)) throw error;
    return error.message;
  }
}
