/** `--detached`: a process of its own, without a terminal, runs the session; this one waits until it stands, prints its id and ends. */
import { spawn } from 'node:child_process';
import { WriteStream } from 'node:tty';
import { NonoError } from '../../platform/errors.ts';
import { isTerminal } from '../../platform/terminal.ts';
import { answer, say } from '../output/output.ts';
import type { Options } from '../tables/flags.ts';
import { DETACHED, ID_FD } from './detaching.ts';
import { secondsOf } from './session-values.ts';

const DEFAULT_WAIT_S = 30;

function sizeHere(): string {
  const fd = [1, 2, 0].find((one) => isTerminal(one));
  if (fd === undefined) return '';
  const [cols, rows] = new WriteStream(fd).getWindowSize();
  return `${cols}x${rows}`;
}

/** Starts the same command line again, in a session of its own (setsid). Resolves with 0 once it stands, or with what it ended with before. */
export async function startDetached(options: Options): Promise<number> {
  const seconds =
    options.detachTimeout === undefined ? DEFAULT_WAIT_S : secondsOf('--detach-timeout', options.detachTimeout);
  const host = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    env: { ...process.env, [DETACHED]: sizeHere() },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  host.stderr?.on('data', (chunk: Buffer) => say(chunk.toString()));
  let id = '';
  const told = new Promise<'told'>((resolve) => {
    host.stdio[ID_FD]?.on('data', (chunk: Buffer) => {
      id += chunk.toString();
      if (id.endsWith('\n')) resolve('told');
    });
  });
  const ended = new Promise<number>((resolve) => {
    host.on('error', () => resolve(1));
    // Not before everything that it said was read.
    host.on('close', (code) => resolve(code || 1));
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), seconds * 1000);
  });
  const first = await Promise.race([told, ended, late]);
  clearTimeout(timer);
  if (first === 'late') {
    // Its end is seen by the supervisor, which ends everything inside.
    host.kill('SIGKILL');
    throw new NonoError('sandbox-setup', `the session did not stand within ${seconds} s, and was ended`, {
      hint: '--detach-timeout SECONDS waits longer',
    });
  }
  if (first !== 'told') return first;
  answer(id);
  return 0;
}
