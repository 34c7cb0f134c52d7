/** Times commands from spawn to exit, through stopwatch.c. */
import { spawn } from 'node:child_process';

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Timed {
  readonly ms: number;
  readonly held: number;
  readonly denied: number;
}

/** What a program prints on its standard output. Throws when it fails. */
export function outputOf({ argv, cwd, env }: Command): Promise<string> {
  const [program, ...args] = argv as [string, ...string[]];
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let complaint = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  child.stderr.on('data', (data) => {
    complaint = (complaint + data).slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`exit ${code}: ${complaint.trim().split('\n').at(-1) ?? ''}`));
    });
  });
}

/** Throws when the command fails: a wrong answer has no time. */
async function time(command: Command, stopwatch: readonly string[]): Promise<Timed> {
  const output = await outputOf({ ...command, argv: [...stopwatch, ...command.argv] });
  const [ns = 0, code = 0, held = 0, denied = 0] = output.trim().split(' ').map(Number);
  if (code !== 0) throw new Error(`exit ${code}`);
  return { ms: ns / 1e6, held, denied };
}

export async function timeCommand(stopwatch: string, command: Command): Promise<number> {
  return (await time(command, [stopwatch])).ms;
}

/** Runs a command under the supervisor with approvals on; what is asked is denied, and counted. */
export function timeHosted(stopwatch: string, launcher: string, planFile: string, command: Command): Promise<Timed> {
  const argv = [launcher, '--plan', planFile, '--events-fd', '3', '--', ...command.argv];
  return time({ ...command, argv }, [stopwatch, '--host']);
}
