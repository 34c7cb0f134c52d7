/** Starts a session with the fake sandbox in a real pty, and is the supervisor on the other side. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach } from 'node:test';
import type { AccessRecord, SupervisorCommand, SupervisorEvent } from '../../src/sandbox/linux/wire.ts';
import { pause, TestTerminal } from '../helpers/terminal.ts';
import { decode, encode } from './fake-sandbox.ts';
import { hostBundle } from './host-bundle.ts';

const root = join(import.meta.dirname, '..', '..');
const host = await hostBundle();

export interface SessionOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly env?: Record<string, string>;
  /** What the terminal says its background is. */
  readonly background?: string;
  /** Whether it knows the kitty keyboard protocol. */
  readonly kitty?: boolean;
  readonly answersBehind?: string;
  /** Words before the host: the relay. */
  readonly prefix?: readonly string[];
}

/** An access as the supervisor would report it. */
export function record(change: Partial<AccessRecord> = {}): AccessRecord {
  return {
    pid: 4312,
    tid: 4312,
    parentPid: 4300,
    verb: 'openat',
    access: 'read',
    reason: 'not-granted',
    ruleId: 0xffffffff,
    object: 'file',
    path: '/home/u/notes.txt',
    comm: 'cat',
    parentComm: 'bash',
    ...change,
  };
}

/** A running session: a terminal to look at, and the supervisor's side of the wire. */
export class TestSession {
  readonly terminal: TestTerminal;
  readonly commands: SupervisorCommand[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'nono-session-'));
  readonly #mounted = join(this.#directory, 'mounted');
  readonly #server = createServer((socket) => this.#connected(socket));
  #socket: Socket | undefined;

  constructor(options: SessionOptions = {}) {
    const control = join(this.#directory, 'control');
    this.#server.listen(control);
    this.#server.unref();
    const { cols = 120, rows = 36, prefix = [] } = options;
    const node = join(root, 'node_modules/.bin/node');
    this.terminal = new TestTerminal({
      argv: [...prefix, node, host],
      cwd: root,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/nonexistent',
        LANG: 'C.UTF-8',
        // What it is compiled to is kept, as the product's is.
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/nono-tests/compiled'),
        NONO_TEST_CONTROL: control,
        NONO_TEST_MOUNTED: this.#mounted,
        ...options.env,
      },
      cols,
      rows,
      ...(options.background === undefined ? {} : { background: options.background }),
      ...(options.kitty === undefined ? {} : { kitty: options.kitty }),
      ...(options.answersBehind === undefined ? {} : { answersBehind: options.answersBehind }),
    });
  }

  #connected(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => this.commands.push(decode(line) as SupervisorCommand));
  }

  /** The supervisor says something. */
  send(event: SupervisorEvent): void {
    this.#socket?.write(`${encode(event)}\n`);
  }

  /** Until the shell has its prompt and Ink has drawn. */
  async ready(): Promise<void> {
    await this.terminal.until('[nono]');
    await this.terminal.until(/nothing was denied|denied during|HELD|DENY/);
    await this.until(() => this.commands.some((c) => c.type === 'set-mode'));
    // The same cells were there before: it says so itself.
    await this.until(() => existsSync(this.#mounted), 20_000);
  }

  async until(holds: () => boolean, ms = 5000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`it never happened; commands: ${encode(this.commands)}`);
      await pause(5);
    }
  }

  close(): void {
    this.terminal.close();
    this.#socket?.destroy();
    this.#server.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Longer than a row or a question must have been seen before a key on it counts. */
export const ARMED_MS = 450;

/** A key that counts only on what has been seen for a while, which takes longer on a busy machine: pressed again until it does. */
export async function press(session: TestSession, k: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 15; attempt++) {
    await pause(ARMED_MS);
    session.terminal.write(k);
    for (const until = performance.now() + 1000; performance.now() < until; await pause(10)) {
      if (await done()) return;
    }
  }
  throw new Error(`it never happened: ${k} counted:\n${await session.terminal.text()}`);
}

/** Opens sessions that are closed when their test is over. `start` waits until the session is ready. */
export function openSessions() {
  const opened: TestSession[] = [];
  afterEach(() => {
    for (const session of opened.splice(0)) session.close();
  });
  const open = (options: SessionOptions = {}): TestSession => {
    const session = new TestSession(options);
    opened.push(session);
    return session;
  };
  const start = async (options: SessionOptions = {}): Promise<TestSession> => {
    const session = open(options);
    await session.ready();
    return session;
  };
  return { open, start };
}
