/** Starts commands and times them from spawn to exit. */
import { spawn } from 'node:child_process';
import { launchSandbox } from '../../src/sandbox/linux/launch.ts';
import type { SupervisorEvent } from '../../src/sandbox/linux/wire.ts';
import { openSync } from 'node:fs';

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const devNull = openSync('/dev/null', 'r+');

/** Milliseconds until the command has exited; its output is discarded. Throws when it fails: a wrong answer has no time. */
export function timeCommand(command: Command): Promise<number> {
  const [program, ...args] = command.argv as [string, ...string[]];
  const begin = performance.now();
  const child = spawn(program, args, { cwd: command.cwd, env: command.env, stdio: [devNull, devNull, 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (data) => {
    complaint = (complaint + data).slice(0, 2000);
  });
  return new Promise((resolve, reject) => {
    let end = 0;
    child.on('error', reject);
    child.on('exit', () => {
      end = performance.now();
    });
    child.on('close', (code) => {
      if (code === 0) resolve(end - begin);
      else reject(new Error(`exit ${code}: ${complaint.trim().split('\n').at(-1) ?? ''}`));
    });
  });
}

/** The whole output of a command. */
export function outputOf(command: Command): Promise<string> {
  const [program, ...args] = command.argv as [string, ...string[]];
  const child = spawn(program, args, { cwd: command.cwd, env: command.env, stdio: [devNull, 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.on('data', (data) => {
    text += data;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`exit ${code}`))));
  });
}

export interface Hosted {
  readonly ms: number;
  readonly denied: number;
  readonly held: number;
}

/** Runs a command under the supervisor with approvals on and a host that denies whatever is asked: the least that a host can be. */
export async function timeHosted(launcher: string, plan: Buffer, argv: readonly string[], stdout: number = devNull): Promise<Hosted> {
  let denied = 0;
  let held = 0;
  let failure: string | undefined;
  const begin = performance.now();
  const answer = (event: SupervisorEvent): void => {
    if (event.type === 'denied') denied += 1;
    if (event.type === 'dropped') denied += event.count;
    if (event.type === 'setup-error') failure = `${event.step} ${event.object}`;
    if (event.type !== 'held') return;
    held += 1;
    failure ??= `asked for ${event.record.path}`;
    sandbox.send({ type: 'verdict', holdId: event.holdId, allow: false });
  };
  const sandbox = launchSandbox({ launcher, plan, argv, stdio: [devNull, stdout, 2], onEvent: answer });
  const end = await sandbox.end;
  const ms = performance.now() - begin;
  if (end.kind !== 'exited' || end.code !== 0) throw new Error(`${end.kind} ${'code' in end ? end.code : ''} ${failure ?? ''}`.trim());
  return { ms, denied, held };
}
