/** Starts nono-launch and speaks to its supervisor. The host's only door to native code. */
import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { EventDecoder, encodeCommand, type SupervisorCommand, type SupervisorEvent } from './wire.ts';

const EVENTS_FD = 3;
const PLAN_FD = 4;

export interface LaunchRequest {
  /** Absolute path of nono-launch. */
  readonly launcher: string;
  readonly plan: Buffer;
  readonly argv: readonly string[];
  /** Descriptors or 'inherit' for the sandboxed command's stdin, stdout, stderr. */
  readonly stdio: readonly ['inherit' | number, 'inherit' | number, 'inherit' | number];
  readonly onEvent: (event: SupervisorEvent) => void;
}

/** How the sandboxed command ended, or that the supervisor was lost before it could say (then nothing inside lives on). */
export type SandboxEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: number }
  | {
      readonly kind: 'setup-failed';
      readonly step: string;
      readonly object: string;
      readonly errno: number;
      readonly exitCode: number;
    }
  | { readonly kind: 'lost'; readonly detail: string };

export interface RunningSandbox {
  /** Pid of the guardian, the process the host started. */
  readonly pid: number | undefined;
  send(command: SupervisorCommand): void;
  /** Resolves once, after the last event was delivered and the guardian is gone. */
  readonly end: Promise<SandboxEnd>;
  /** Closes the socket: the supervisor then denies what is held and kills everything inside. */
  close(): void;
}

/** Starts the command under the plan. Never rejects: a failed start is an end of kind 'setup-failed' or 'lost'. */
export function launchSandbox(request: LaunchRequest): RunningSandbox {
  const args = ['--plan-fd', String(PLAN_FD), '--events-fd', String(EVENTS_FD), '--', ...request.argv];
  const child = spawn(request.launcher, args, {
    stdio: [...request.stdio, 'pipe', 'pipe'],
    // The launcher gets no environment: the sandboxed command's own is in the plan, and LD_PRELOAD must not reach native code of ours.
    env: {},
  });
  const events = child.stdio[EVENTS_FD] as Duplex;
  const plan = child.stdio[PLAN_FD] as Duplex;
  const decoder = new EventDecoder();
  let end: SandboxEnd | undefined;
  let detail = 'the supervisor closed its socket without saying how the command ended';

  const deliver = (e: SupervisorEvent): void => {
    if (e.type === 'exit') end = e.signalled ? { kind: 'signalled', signal: e.code } : { kind: 'exited', code: e.code };
    if (e.type === 'setup-error') {
      end = { kind: 'setup-failed', step: e.step, object: e.object, errno: e.errno, exitCode: e.exitCode };
    }
    request.onEvent(e);
  };
  events.on('data', (chunk: Buffer) => {
    try {
      for (const e of decoder.push(chunk)) deliver(e);
    } catch (error) {
      // A broken frame means we no longer know what the supervisor says: hang up, which ends everything inside.
      detail = (error as Error).message;
      events.destroy();
    }
  });
  const ignore = (): void => {};
  events.on('error', ignore);
  plan.on('error', ignore);
  plan.end(request.plan);

  const ended = new Promise<SandboxEnd>((resolve) => {
    let open = 2;
    const done = (): void => {
      open -= 1;
      if (open === 0) resolve(end ?? { kind: 'lost', detail });
    };
    events.on('close', done);
    child.on('error', (error) => {
      detail = error.message;
      events.destroy();
      done();
    });
    child.on('exit', done);
  });
  return {
    pid: child.pid,
    send: (command) => {
      if (!events.destroyed) events.write(encodeCommand(command));
    },
    end: ended,
    close: () => events.destroy(),
  };
}
