/** What the tests of sockets share: listeners outside that count what arrives, and the fixture that calls from inside. */
import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import type { NetRule } from '../../../src/sandbox/linux/net-rule.ts';
import type { TestUser } from '../../helpers/users.ts';
import { errnoName, fixture, makeWorld, type PlanText, plan, Session, text, type World } from '../session.ts';

export const NET_FLAGS =
  optionFlag.supervise | optionFlag.scopeSignal | optionFlag.scopeAbstractUnix | optionFlag.netRules;
const UNIX_FLAGS = optionFlag.supervise | optionFlag.scopeSignal | optionFlag.scopeAbstractUnix | optionFlag.unixRules;

export function rule(part: Partial<NetRule>): NetRule {
  return {
    id: 1,
    verdict: 'allow',
    operations: 1,
    protocols: 3,
    family: 0,
    prefix: 0,
    address: new Uint8Array(16),
    firstPort: 0,
    lastPort: 65535,
    ...part,
  };
}
export const bytes = (...values: number[]): Uint8Array =>
  Uint8Array.of(...values, ...Array(16 - values.length).fill(0));

/** A unix address for the actor's calls. */
export const unixAddress = (path: string): string => `s:%01%00${text(path).slice(2)}`;

/** Everything in `work` may be read and written, and it is on the floor; `brokered` is granted and off the floor. */
export function unixWorld(user: TestUser): { world: World; granted: PlanText; work: string; brokered: string } {
  const world = makeWorld(user);
  const brokered = join(world.outside, 'brokered');
  world.write('outside/brokered/x', '');
  return {
    world,
    work: world.work,
    brokered,
    granted: {
      flags: UNIX_FLAGS,
      floor: [world.work],
      readFloor: ['/etc', '/proc'],
      rules: [{ verdict: 'allow', path: brokered }],
    },
  };
}

/** A session whose command is the fixture with these commands. */
export function calls(
  user: TestUser,
  wishes: PlanText,
  net: readonly NetRule[] | undefined,
  ...commands: string[]
): Session {
  return new Session(user, { ...plan(wishes), net }, [fixture('sockets'), ...commands]);
}

/** Each command's answer: 'ok', 'ok DATA' or the name of the errno. */
export async function answers(session: Session): Promise<string[]> {
  const { stdout, stderr, code } = await session.ended;
  if (code !== 0) throw new Error(`ended with ${code}: ${stdout}${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => (/^\d+$/.test(line) ? errnoName(Number(line)) : line));
}

/** Outside: counts connections and keeps what they sent. */
export interface Listener {
  port: number;
  readonly got: string[];
  connections: number;
  /** Waits until everything that connected before has been counted. `moved`: where its socket file is now. */
  settle(moved?: string): Promise<void>;
  close(): void;
}

export async function streamListener(where: { path: string } | { host: string; port?: number }): Promise<Listener> {
  const listener: Listener = {
    port: 0,
    got: [],
    connections: 0,
    settle: (moved) =>
      new Promise((resolve) => {
        const own = createConnection(
          'path' in where ? { path: moved ?? where.path } : { host: where.host, port: listener.port },
        );
        own.on('close', () => resolve());
        own.write('settle');
      }),
    close: () => {},
  };
  const server: Server = createServer((socket) => {
    listener.connections++;
    socket.on('data', (chunk) => {
      const data = chunk.toString();
      if (data !== 'settle') {
        listener.got.push(data);
        return;
      }
      listener.connections--;
      socket.destroy();
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen('path' in where ? where : { port: 0, ...where }, resolve);
  });
  const address = server.address();
  if (typeof address === 'object' && address !== null) listener.port = address.port;
  if ('path' in where && !where.path.startsWith('\0')) chmodSync(where.path, 0o777);
  listener.close = () => server.close();
  return listener;
}

/** Keeps what is given to it until the tests of this group are over. */
export function closedAfterwards(): <T extends { close(): void }>(listener: T) => T {
  const open: { close(): void }[] = [];
  after(() => {
    for (const listener of open) listener.close();
  });
  return (listener) => {
    open.push(listener);
    return listener;
  };
}

/** A datagram socket outside: a path, or a port on 127.0.0.1. `settle` waits until what was sent before has been counted. */
export async function datagramListener(
  where: string,
): Promise<{ got: string[]; settle(): Promise<void>; close(): void }> {
  const child = spawn(fixture('sockets'), [`receive ${where}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const got: string[] = [];
  const waiting: (() => void)[] = [];
  let ready: () => void;
  const started = new Promise<void>((resolve) => {
    ready = resolve;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'ready') ready();
    else if (line === 'got settle') waiting.shift()?.();
    else got.push(line.slice(4));
  });
  await started;
  return {
    got,
    async settle() {
      const seen = new Promise<void>((resolve) => waiting.push(resolve));
      const [family, at] = where.startsWith('/') ? ['u', where] : ['4', `127.0.0.1 ${where}`];
      spawn(fixture('sockets'), ['text settle', `sendto ${family} d ${at}`], { stdio: 'ignore' });
      await seen;
    },
    close: () => child.kill('SIGKILL'),
  };
}
