/** Reads a small file that a user wrote. Anything that is not one is named, never guessed at: a FIFO would block, a device would not end. */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { currentlyAsked } from '../platform/asked.ts';
import { type ErrorCode, NonoError } from '../platform/errors.ts';

/** Far above any profile; a limit, so that a wrong path cannot fill memory. */
const MAX_BYTES = 1 << 20;

/** The file's text, or undefined if it does not exist. Every other failure is a NonoError of the given code. */
export function readTextFile(file: string, code: ErrorCode = 'profile-invalid'): string | undefined {
  const text = readText(file, code);
  currentlyAsked()?.ask('content', file, text === undefined ? '-' : `=${text}`);
  return text;
}

function readText(file: string, code: ErrorCode): string | undefined {
  const fail = (what: string, cause?: unknown, at = ''): never => {
    const hint = cause === undefined ? 'is it the right file?' : 'check the file and the permissions of its directory';
    throw new NonoError(code, `${file}${at}: ${what}`, cause === undefined ? { hint } : { cause, hint });
  };
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return undefined;
    if (reason === 'EACCES') return fail('cannot be read: permission denied', error);
    if (reason === 'ELOOP') return fail('is a link that leads to itself', error);
    return fail(`cannot be read (${reason})`, error);
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) return fail('is a directory, not a file');
    if (!stat.isFile()) return fail('is not an ordinary file');
    if (stat.size > MAX_BYTES) return fail(`is larger than ${MAX_BYTES} bytes`);
    // Read until the end, not to the size seen: the file may be written at this moment.
    const data = Buffer.allocUnsafe(MAX_BYTES + 1);
    let length = 0;
    for (;;) {
      const n = read(fd, data, length, fail);
      if (n === 0) break;
      length += n;
      if (length > MAX_BYTES) return fail(`is larger than ${MAX_BYTES} bytes`);
    }
    return decode(data.subarray(0, length), fail);
  } finally {
    closeSync(fd);
  }
}

/** What calls itself a file need not be readable (files of /proc, a broken disk). */
function read(fd: number, data: Buffer, at: number, fail: (what: string, cause?: unknown) => never): number {
  try {
    return readSync(fd, data, at, data.length - at, null);
  } catch (error) {
    return fail(`cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
}

function decode(data: Buffer, fail: (what: string, cause?: undefined, at?: string) => never): string {
  if (!isUtf8(data)) return fail('is not text (UTF-8)', undefined, placeOfNoText(data));
  const text = new TextDecoder('utf-8').decode(data);
  const nul = text.indexOf('\0');
  if (nul < 0) return text;
  const lines = text.slice(0, nul).split('\n');
  return fail('is not text (it holds NUL bytes)', undefined, `:${lines.length}:${(lines.at(-1) ?? '').length + 1}`);
}

/** Line and column of the first byte that is no UTF-8. A newline is never part of another character. */
function placeOfNoText(data: Buffer): string {
  let line = 1;
  for (let start = 0; ; line++) {
    const end = data.indexOf('\n', start);
    const one = data.subarray(start, end < 0 ? data.length : end);
    if (!isUtf8(one)) return `:${line}:${one.toString('utf8').indexOf('\ufffd') + 1}`;
    if (end < 0) return '';
    start = end + 1;
  }
}
