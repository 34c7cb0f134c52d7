/** Runs the product as a user would, without a terminal, and returns what it did. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { environment, installationFor, type TestUser } from './users.ts';

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly home: string;
  readonly input?: string | Buffer;
  readonly env?: Record<string, string>;
  /** Words before bin/nono, for example a wrapper that simulates another kernel. */
  readonly before?: readonly string[];
  /** The most that it may print. */
  readonly buffer?: number;
}

/** `nono ARGS…` as the user, from the directory, with a plain login's environment. */
export function nono(user: TestUser, args: readonly string[], options: RunOptions): Outcome {
  const [program = '', ...rest] = [
    ...user.prefix,
    ...(options.before ?? []),
    join(installationFor(user), 'bin', 'nono'),
    ...args,
  ];
  const done = spawnSync(program, rest, {
    cwd: options.cwd,
    env: environment(options.home, options.env),
    input: options.input ?? '',
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: options.buffer ?? 64 * 1024 * 1024,
  });
  return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}
