/** File systems that do not answer, or late (test/fixtures/stuck.c and late.c). */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fixture } from './session.ts';

/** Before words that must have the processor when they ask for it: what answers within a second does so on a busy machine too. For root, which FUSE needs. */
export const urgently = ['nice', '-n', '-15', '--'] as const;
const serve = (name: string, ...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> => {
  const [program, ...words] = [...urgently, fixture(name), ...args];
  return spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
};

/** Mounted for one test; undefined where this machine has no FUSE. */
export async function stuck(at: string): Promise<(() => Promise<void>) | undefined> {
  const server = serve('stuck', at);
  const said = await line(server.stdout);
  return said.startsWith('mounted') ? () => end(server) : undefined;
}

const line = (from: NodeJS.ReadableStream): Promise<string> =>
  new Promise((resolve) => void from.once('data', (data) => resolve(String(data))));

async function end(server: ChildProcessByStdio<Writable, Readable, null>): Promise<void> {
  const gone = once(server, 'close');
  server.stdin.end();
  await gone;
}

/**
 * One that answers until it is told to stop. `opens`: only opens are not answered then, and what closes is at no time.
 * `closes`: it is asked about what closes as well. `asks`: neither the opening of directories nor access(2) is answered, at no time.
 * `forgets`: what it has said is known for a moment only. `lists`: it answers, and its root can be listed.
 */
type Stops = 'later' | 'forgets' | 'opens' | 'closes' | 'asks' | 'lists';

interface StuckServer {
  readonly stop: () => Promise<void>;
  readonly unmount: () => Promise<void>;
}

async function stuckLater(at: string, what: Stops): Promise<StuckServer | undefined> {
  const server = serve('stuck', at, what);
  if (!(await line(server.stdout)).startsWith('mounted')) return undefined;
  return {
    stop: async () => {
      const said = line(server.stdout);
      server.stdin.write('\n');
      assert.equal(await said, 'stuck\n');
    },
    unmount: () => end(server),
  };
}

/** A test with such a server at a new directory; skipped where FUSE cannot be mounted. */
export async function withServer(
  t: TestContext,
  at: string,
  what: Stops,
  work: (server: StuckServer) => Promise<void>,
): Promise<void> {
  mkdirSync(at);
  const server = await stuckLater(at, what);
  if (server === undefined) {
    t.skip('FUSE cannot be mounted here');
    return;
  }
  try {
    await work(server);
  } finally {
    await server.unmount();
  }
}

export type Told = 'hold' | 'opens' | 'deaf' | 'answer';

/** One with names that are changed when it is told to answer (test/fixtures/late.c). */
export async function late(
  at: string,
): Promise<{ tell: (what: Told) => Promise<void>; unmount: () => Promise<void> } | undefined> {
  const server = serve('late', at);
  if (!(await line(server.stdout)).startsWith('mounted')) return undefined;
  return {
    tell: async (what) => {
      const said = line(server.stdout);
      server.stdin.write(`${what}\n`);
      assert.equal(await said, `${what}\n`);
    },
    unmount: () => end(server),
  };
}
