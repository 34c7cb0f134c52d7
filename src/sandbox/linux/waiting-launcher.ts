/** The launcher that bin/nono started before Node (native/start/front.c): it waits for a command and its plan on a socket that this process inherited. */
import { closeSync, fstatSync, read, readFileSync, writeSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { encodeLaunch, type LaunchExtras, type TerminalSize } from './launch-message.ts';
import { hasRememberedLauncher, VARIABLE } from './launcher-variable.ts';

/** What native/loop/supervise_start.c waits for where it has the plan. */
const BEGIN = 'NONOSTRT';
const CLOSE_ON_EXEC = 0o2000000;
const NEVER_BLOCKS = 0o4000;
const CHUNK = 65_536;
/** Device number of /dev/ptmx: 5, 2. */
const PTY_CONTROLLER = 0x502;

export interface WaitingLauncher {
  readonly plan: number;
  /** Undefined for `wrap`, where the launcher becomes the command and says nothing. */
  readonly events: number | undefined;
  readonly pid: number | undefined;
  /** `shell`: the controlling end of the terminal that the command gets. Its size comes with the command. */
  readonly terminal?: number | undefined;
}

/** Undefined: below `nono wrap`, or in another sandbox that serves no /proc/self, nobody can say. */
function hasFlags(fd: number, wanted: number): boolean | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : false;
  }
  const flags = /^flags:\s*([0-7]+)/m.exec(text)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & wanted) === wanted;
}

/** Something that no program started from here inherits: one that did would keep the session open when this process is gone. */
function isOurs(fd: number, kind: 'socket' | 'terminal' | 'file' = 'socket', unknown = false): boolean {
  try {
    const stat = fstatSync(fd);
    if (kind === 'socket' && !stat.isSocket()) return false;
    if (kind === 'file' && !stat.isFile()) return false;
    if (kind === 'terminal' && (!stat.isCharacterDevice() || stat.rdev !== PTY_CONTROLLER)) return false;
    // A terminal is read before there is an event loop that knows whether something is there.
    return hasFlags(fd, kind === 'terminal' ? CLOSE_ON_EXEC | NEVER_BLOCKS : CLOSE_ON_EXEC) ?? unknown;
  } catch {
    return false;
  }
}

/** Takes it, once; the variable goes, so that no command inherits it. Undefined: there is none, and one has to be started. */
export function takeWaitingLauncher(command: 'run' | 'wrap' | 'shell'): WaitingLauncher | undefined {
  const told = process.env[VARIABLE];
  if (told === undefined) return undefined;
  delete process.env[VARIABLE];
  const [name, ...numbers] = told.split(':');
  const [pid, plan = -1, events, terminal] = numbers.map(Number);
  // Under `wrap` there is no session to keep open: the launcher becomes the command when this process is gone.
  if (name !== command || !isOurs(plan, 'socket', command === 'wrap')) return undefined;
  if (command !== 'wrap' && !isOurs(events ?? -1)) return undefined;
  if (command === 'shell' && !isOurs(terminal ?? -1, 'terminal')) return undefined;
  return { plan, events, pid, terminal };
}

/** One that has its plan, from the cache. */
export interface RememberedLauncher extends WaitingLauncher {
  /** A file with the SELF record of the plan in force. */
  readonly policy: number;
}

/** Takes it, as takeWaitingLauncher. */
export function takeRememberedLauncher(command: 'run' | 'shell'): RememberedLauncher | undefined {
  const told = process.env[VARIABLE];
  if (told === undefined || !hasRememberedLauncher(command)) return undefined;
  delete process.env[VARIABLE];
  const [pid, plan = -1, events = -1, ...rest] = told.split(':').slice(1).map(Number);
  const terminal = command === 'shell' ? (rest.shift() ?? -1) : undefined;
  const [policy = -1] = rest;
  const ours = isOurs(plan) && isOurs(events) && isOurs(policy, 'file');
  return ours && (terminal === undefined || isOurs(terminal, 'terminal'))
    ? { plan, events, policy, pid, terminal }
    : undefined;
}

/** Has one that has its plan begin. Throws when nobody is there. `size`: of the terminal, where it has one. */
export function writeBegin(fd: number, size?: TerminalSize): void {
  const word = Buffer.alloc(size === undefined ? BEGIN.length : BEGIN.length + 4);
  word.write(BEGIN, 'latin1');
  if (size !== undefined) {
    word.writeUInt16LE(size.cols, BEGIN.length);
    word.writeUInt16LE(size.rows, BEGIN.length + 2);
  }
  writeSync(fd, word);
}

/** Hands over what it waits for. Throws when nobody is there to take it. */
export function writeLaunch(fd: number, argv: readonly string[], plan: Buffer, extras: LaunchExtras): void {
  const whole = Buffer.concat([encodeLaunch(argv, extras), plan]);
  for (let at = 0; at < whole.length; ) at += writeSync(fd, whole, at);
}

/**
 * Without node:net and node:child_process, which take longer to load than the command may take to run. The guardian keeps its end of the plan's socket as
 * long as anything inside lives, so that its end is seen although Node does not know it as a child; the supervisor takes the end of ours for a hangup. Of the events'
 * socket it would see none: a thread is always reading it.
 */
export function attachLauncher(
  waiting: WaitingLauncher,
  argv: readonly string[],
  plan: Buffer,
  asked?: Buffer,
): Connection {
  return attach(waiting, () => writeLaunch(waiting.plan, argv, plan, { asked }));
}

/** As attachLauncher, where it has its plan and was told to begin. `failure`: it could not be told. */
export function attachRemembered(waiting: WaitingLauncher, failure: Error | undefined): Connection {
  return attach(waiting, () => {
    if (failure !== undefined) throw failure;
  });
}

function attach(waiting: WaitingLauncher, begin: () => void): Connection {
  const events = waiting.events as number;
  let open = true;
  let failure: Error | undefined;
  const close = (): void => {
    if (open) closeSync(waiting.plan);
    open = false;
  };
  // Node waits for its reading threads when it ends, so an exit that nobody planned must hang up first.
  process.on('exit', close);
  try {
    begin();
  } catch (error) {
    failure = error as Error;
    close();
  }
  const buffer = Buffer.allocUnsafe(CHUNK);
  const readAll = (fd: number, data: (chunk: Buffer) => void, then: () => void): void => {
    read(fd, buffer, 0, CHUNK, null, (error, length) => {
      if (error?.code === 'EINTR') readAll(fd, data, then);
      else if (error !== null || length === 0) then();
      else {
        data(Buffer.from(buffer.subarray(0, length)));
        readAll(fd, data, then);
      }
    });
  };
  return {
    pid: waiting.pid,
    write: (data) => {
      try {
        writeSync(events, data);
      } catch {
        // The supervisor is gone, and what is read says so.
      }
    },
    close,
    listen: (data, ended) => {
      readAll(events, data, () => {
        if (open)
          readAll(
            waiting.plan,
            () => {},
            () => ended(),
          );
        else ended(failure);
      });
    },
  };
}
