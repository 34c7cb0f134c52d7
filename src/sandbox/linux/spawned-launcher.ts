/** Starts nono-launch as a child of this process. */
import type { Duplex } from 'node:stream';
import type { Connection } from './connection.ts';

const EVENTS_FD = 3;
const PLAN_FD = 4;

const ignore = (): void => {};

export function spawnLauncher(
  launcher: string,
  argv: readonly string[],
  plan: Buffer,
  stdio: readonly ['inherit' | number, 'inherit' | number, 'inherit' | number],
): Connection {
  // Asked for here: `run` from bin/nono needs neither this module nor the fork.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const args = ['--plan-fd', String(PLAN_FD), '--events-fd', String(EVENTS_FD), '--', ...argv];
  const child = spawn(launcher, args, {
    stdio: [...stdio, 'pipe', 'pipe'],
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
    write: (data) => {
      if (!events.destroyed) events.write(data);
    },
    close: () => events.destroy(),
    listen: (data, ended) => {
      let open = 2;
      let failure: Error | undefined;
      const done = (): void => {
        open -= 1;
        if (open === 0) ended(failure);
      };
      events.on('data', data);
      events.on('close', done);
      child.on('error', (error) => {
        failure = error;
        events.destroy();
        done();
      });
      child.on('exit', done);
    },
  };
}
