/** Starts nono-launch as a child of this process. */
import type { Duplex } from 'node:stream';
import { writeCommand } from './command-socket.ts';
import type { Connection } from './connection.ts';

const EVENTS_FD = 3;
const PLAN_FD = 4;
const KEEPER_FD = 5;

/** nono-keep: it becomes the launcher, and leaves behind who keeps what the command prints. */
export interface Keeper {
  readonly program: string;
  readonly file: string;
  readonly bytes: number;
}

const ignore = (): void => {};

/** Of a pipe that Node has made for a child, and tells nobody. */
function descriptorOf(pipe: Duplex): number | undefined {
  const fd = (pipe as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

export function spawnLauncher(
  launcher: string,
  argv: readonly string[],
  plan: Buffer,
  stdio: readonly ['inherit' | number, 'inherit' | number, 'inherit' | number],
  keeper?: Keeper,
): Connection {
  // Asked for here: `run` from bin/nono needs neither this module nor the fork.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const args = ['--plan-fd', String(PLAN_FD), '--events-fd', String(EVENTS_FD), '--', ...argv];
  const [program, before] =
    keeper === undefined
      ? [launcher, []]
      : [keeper.program, [keeper.file, String(keeper.bytes), String(KEEPER_FD), '--', launcher]];
  const child = spawn(program, [...before, ...args], {
    stdio: [...stdio, 'pipe', 'pipe', ...(keeper === undefined ? [] : ['pipe' as const])],
    // The launcher gets no environment: the sandboxed command's own is in the plan, and LD_PRELOAD must not reach native code of ours.
    env: {},
  });
  const events = child.stdio[EVENTS_FD] as Duplex;
  const socket = child.stdio[PLAN_FD] as Duplex;
  socket.on('error', ignore);
  socket.end(plan);
  events.on('error', ignore);
  return {
    pid: child.pid,
    write: (data) => writeCommand(events, descriptorOf(events), data),
    close: () => events.destroy(),
    listen: (data, ended) => {
      // What the command printed last is in the file before its end is told.
      const kept = keeper === undefined ? undefined : ((child.stdio as readonly unknown[])[KEEPER_FD] as Duplex);
      let open = kept === undefined ? 2 : 3;
      let failure: Error | undefined;
      const done = (): void => {
        open -= 1;
        if (open === 0) ended(failure);
      };
      events.on('data', data);
      events.on('close', done);
      kept?.on('error', ignore).on('close', done).resume();
      child.on('error', (error) => {
        failure = error;
        events.destroy();
        done();
      });
      child.on('exit', done);
    },
  };
}
