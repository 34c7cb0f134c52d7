/** A sandbox that confines nothing: a plain shell on the session's pty, with events that the test injects and commands that the test sees. */
import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { LaunchRequest, RunningSandbox, SandboxEnd } from '../../src/sandbox/linux/launch.ts';
import type { SupervisorCommand, SupervisorEvent } from '../../src/sandbox/linux/wire.ts';

/** JSON with bigints as `{"big":"…"}`. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? { big: String(v) } : v));
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_, v: unknown) =>
    typeof v === 'object' && v !== null && 'big' in v ? BigInt(String((v as { big: unknown }).big)) : v,
  );
}

/** Connects to the test's socket, if there is one; lines are events for the session, answers are its commands. */
export function fakeLaunch(control: string | undefined): (request: LaunchRequest) => RunningSandbox {
  return (request) => {
    const [file = '', ...args] = request.argv;
    // A shell that outlives its host would never see a hangup: it has inherited the other end of its own terminal.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'setsid', '-c', '-w', file, ...args], {
      stdio: [...request.stdio],
      env: { ...process.env, TERM: 'xterm-256color' },
    });
    const socket = control === undefined ? undefined : createConnection(control);
    socket?.on('error', () => {});
    if (socket !== undefined) {
      createInterface({ input: socket }).on('line', (line) => request.onEvent(decode(line) as SupervisorEvent));
    }
    const end = new Promise<SandboxEnd>((resolve) => {
      child.on('exit', (code, signal) => {
        socket?.destroy();
        if (signal !== null) resolve({ kind: 'signalled', signal: constants.signals[signal] });
        else if ((code ?? 0) > 128) resolve({ kind: 'signalled', signal: (code ?? 0) - 128 });
        else resolve({ kind: 'exited', code: code ?? 0 });
      });
    });
    return {
      pid: child.pid,
      send: (command: SupervisorCommand) => {
        socket?.write(`${encode(command)}\n`);
        if (command.type === 'terminate') child.kill('SIGHUP');
      },
      end,
      close: () => child.kill('SIGKILL'),
    };
  };
}
