/** What the user runs beside the session: a process to be attacked, sockets that somebody may reach. Each writes down what happened to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { driverSays, tools, type World } from './world.ts';

export interface Service {
  readonly kind: 'victim' | 'received';
  /** Its first line: a pid, a port. */
  readonly said: string;
  /** What it met, '' when nothing. */
  heard(): string | Promise<string>;
  end(): void;
}

let number = 0;

async function start(
  world: World,
  kind: Service['kind'],
  args: readonly string[],
  env: Record<string, string> = {},
  prefix: readonly string[] = world.user.prefix,
): Promise<Service & { child: ChildProcess }> {
  const log = join(world.hidden, `log${number++}`);
  const [program = '', ...rest] = [...prefix, join(tools(), 'attempt'), ...args];
  // The log is opened here: the directory is closed to the user.
  const opened = openSync(log, 'a');
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'inherit', opened],
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LOG: log, ...env },
    cwd: world.away,
    // A session of its own: an attempt on its group must not reach the tests.
    detached: true,
  });
  closeSync(opened);
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    child.on('close', () => reject(new Error(`${args.join(' ')} did not start`)));
  });
  child.removeAllListeners('close');
  child.stdout?.destroy();
  return {
    kind,
    said,
    child,
    heard: () =>
      existsSync(log) ? readFileSync(log, 'utf8').replaceAll(world.secret, 'SECRET').trim().replaceAll('\n', '; ') : '',
    end: () => child.kill('SIGKILL'),
  };
}

/** A process of the same user that has the secret in memory, environment and an open descriptor, and its working directory where nothing is granted. */
export async function victim(world: World): Promise<Service> {
  const service = await start(world, 'victim', ['victim', join(world.away, 'key')], { SECRET_TOKEN: world.secret });
  const state = (): Promise<string> => driverSays('victim-state', service.said);
  const before = await state();
  const { child } = service;
  return {
    ...service,
    heard: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return `ended by ${child.signalCode ?? child.exitCode}`;
      const now = await state();
      return (await service.heard()) || (now === before ? '' : `was ${before.trim()}, is ${now.trim()}`);
    },
  };
}

/** A socket that must stay unreached. `said` is its port or name. */
export async function listener(world: World, ...args: readonly string[]): Promise<Service> {
  const service = await start(world, 'received', ['serve', ...args]);
  world.services.push(service);
  return service;
}

/** The same of the machine's: run by whoever runs the attempts. */
export async function machineListener(world: World, ...args: readonly string[]): Promise<Service> {
  const service = await start(world, 'received', ['serve', ...args], {}, []);
  world.services.push(service);
  return service;
}

/** A service that listens to root alone, on a socket that everybody may connect to. `said` is its name. */
export async function rootsService(world: World, socket: string): Promise<Service> {
  const service = await start(world, 'received', ['trust-root', socket]);
  world.services.push(service);
  return service;
}

/** Another terminal, in which `typed` was typed. `said` is its name. */
export async function terminal(world: World, typed: string): Promise<Service> {
  const service = await start(world, 'received', ['other-terminal', typed]);
  world.services.push(service);
  return service;
}

/** Somebody outside who connects to a port of loopback until he is answered. */
export async function caller(world: World, port: string): Promise<void> {
  world.services.push(await start(world, 'received', ['call', '127.0.0.1', port]));
}

/** Something else outside, for attempts that need an accomplice; what it hears is no breach by itself, unless `counts` says so of a line. */
export async function accomplice(
  world: World,
  args: readonly string[],
  env: Record<string, string> = {},
  counts: (line: string) => boolean = () => false,
): Promise<Service> {
  const service = await start(world, 'victim', args, env);
  const heard = async (): Promise<string> => (await service.heard()).split('; ').filter(counts).join('; ');
  const counted = { ...service, heard };
  world.services.push(counted);
  return counted;
}
