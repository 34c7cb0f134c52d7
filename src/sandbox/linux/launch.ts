/** Starts nono-launch and speaks to its supervisor. The host's only door to native code. */
import type { Connection } from './connection.ts';
import type { TerminalSize } from './launch-message.ts';
import { attachShellLauncher } from './shell-launcher.ts';
import { type Keeper, spawnLauncher } from './spawned-launcher.ts';
import { attachLauncher, type WaitingLauncher } from './waiting-launcher.ts';
import { EventDecoder, encodeCommand, type SupervisorCommand, type SupervisorEvent } from './wire.ts';

export interface LaunchRequest {
  /** Absolute path of nono-launch. */
  readonly launcher: string;
  /** What starts it in its place, and keeps what the command prints. */
  readonly keeper?: Keeper | undefined;
  readonly plan: Buffer;
  readonly argv: readonly string[];
  /** Descriptors or 'inherit' for the sandboxed command's stdin, stdout, stderr. */
  readonly stdio: readonly ['inherit' | number, 'inherit' | number, 'inherit' | number];
  /** The launcher that waits already, with streams of its own: this process's, or a terminal. Undefined: one is started. */
  readonly waiting?: WaitingLauncher | undefined;
  /** Of the terminal that a waiting launcher has. */
  readonly size?: TerminalSize | undefined;
  /** What the plan rests on, where it may be kept. */
  readonly asked?: Buffer | undefined;
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
  /** Pid of the guardian. */
  readonly pid: number | undefined;
  send(command: SupervisorCommand): void;
  /** Resolves once, after the last event was delivered and the guardian is gone. */
  readonly end: Promise<SandboxEnd>;
  /** Hangs up: the supervisor then denies what is held and kills everything inside. */
  close(): void;
}

function connect({ launcher, keeper, plan, argv, stdio, waiting, size, asked }: LaunchRequest): Connection {
  if (waiting === undefined) return spawnLauncher(launcher, argv, plan, stdio, keeper);
  return size === undefined
    ? attachLauncher(waiting, argv, plan, asked)
    : attachShellLauncher(waiting, argv, plan, size, asked);
}

/** Starts the command under the plan. Never rejects: a failed start is an end of kind 'setup-failed' or 'lost'. */
export function launchSandbox(request: LaunchRequest): RunningSandbox {
  return listenTo(connect(request), request.onEvent);
}

/** Speaks with the supervisor at the other end. */
export function listenTo(connection: Connection, onEvent: LaunchRequest['onEvent']): RunningSandbox {
  const decoder = new EventDecoder();
  let end: SandboxEnd | undefined;
  let detail: string | undefined;

  const deliver = (e: SupervisorEvent): void => {
    if (e.type === 'exit') end = e.signalled ? { kind: 'signalled', signal: e.code } : { kind: 'exited', code: e.code };
    if (e.type === 'setup-error') {
      end = { kind: 'setup-failed', step: e.step, object: e.object, errno: e.errno, exitCode: e.exitCode };
    }
    onEvent(e);
  };
  const take = (chunk: Buffer): void => {
    if (detail !== undefined) return;
    try {
      for (const e of decoder.push(chunk)) deliver(e);
    } catch (error) {
      // A broken frame means we no longer know what the supervisor says: hang up, which ends everything inside.
      detail = (error as Error).message;
      connection.close();
    }
  };
  const ended = new Promise<SandboxEnd>((resolve) => {
    connection.listen(take, (error) => {
      detail ??= error?.message ?? 'the supervisor closed its socket without saying how the command ended';
      resolve(end ?? { kind: 'lost', detail });
    });
  });
  return {
    pid: connection.pid,
    send: (command) => connection.write(encodeCommand(command)),
    end: ended,
    close: () => connection.close(),
  };
}
