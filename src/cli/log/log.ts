/** nono's own log (`--log-file`): lines with a time and a level. The open file is found through the process: each bundle has its own copy of this module. */
import { writeSync } from 'node:fs';
import { visibleText } from '../../terminal/visible-text.ts';

export const levels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type Level = (typeof levels)[number];

/** What a session may write: denials cost a program inside nothing, and must not fill the user's disk. */
export const MOST_BYTES = 64 * 1024 * 1024;

const SLOT = Symbol.for('nono.log');

/** -v, -vv, -vvv; else a level in RUST_LOG, for everything or for nono; else warnings. */
export function levelOf(verbose: number, rustLog: string | undefined): Level | 'off' {
  if (verbose > 0) return levels[Math.min(verbose + 1, levels.length - 1)] ?? 'trace';
  let found: Level | 'off' = 'warn';
  for (const part of (rustLog ?? '').toLowerCase().split(',')) {
    const [, word] = /^\s*(?:nono(?:_cli)?=)?([a-z]+)\s*$/.exec(part) ?? [];
    if (word === 'off' || (levels as readonly string[]).includes(word ?? '')) found = word as Level | 'off';
  }
  return found;
}

export class Log {
  readonly #fd: number;
  readonly #level: number;
  readonly #most: number;
  #written = 0;
  #lost = 0;
  #failure: string | undefined;

  constructor(fd: number, level: Level | 'off', most: number = MOST_BYTES) {
    this.#fd = fd;
    this.#level = level === 'off' ? -1 : levels.indexOf(level);
    this.#most = most;
  }

  wants(level: Level): boolean {
    return levels.indexOf(level) <= this.#level;
  }

  /** Names inside are chosen by programs: nothing in them makes a line of its own. */
  add(level: Level, text: string): void {
    if (!this.wants(level)) return;
    const line = Buffer.from(`${new Date().toISOString()} ${level.toUpperCase().padEnd(5)} ${visibleText(text)}\n`);
    if (this.#failure !== undefined || this.#written + line.length > this.#most) {
      this.#lost += 1;
      return;
    }
    try {
      for (let at = 0; at < line.length; ) at += writeSync(this.#fd, line, at);
      this.#written += line.length;
    } catch (error) {
      this.#failure = (error as NodeJS.ErrnoException).code ?? String(error);
      this.#lost += 1;
    }
  }

  /** One line about what is not in the file, undefined when everything is. */
  lost(): string | undefined {
    if (this.#lost === 0) return undefined;
    const why = this.#failure ?? `one session writes at most ${this.#most} bytes`;
    return `${this.#lost} lines are not in the log file: ${why}`;
  }
}

type Holder = { [SLOT]?: Log };

export function keepLog(log: Log): void {
  (globalThis as Holder)[SLOT] = log;
}

export function currentLog(): Log | undefined {
  return (globalThis as Holder)[SLOT];
}

/** Whether anything is logged: what takes time to find out is not looked for otherwise. */
export function logs(): boolean {
  return currentLog() !== undefined;
}

/** Whether a line of this level would be in the log. */
export function logWants(level: Level): boolean {
  return currentLog()?.wants(level) ?? false;
}

/** One line of the log, where there is one. */
export function logLine(level: Level, text: string): void {
  currentLog()?.add(level, text);
}
