/**
 * Random profiles over a real tree, from the written text to the decision: the oracle, `decide()` and the broker's rules.c give one answer; and so does the
 * kernel (property-kernel.test.ts). 1,000 profiles here; `npm run test:property` asks 10,000.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createRealPathResolver } from '../../../src/policy/resolve/real-path.ts';
import { users } from '../../helpers/users.ts';
import { random } from '../../policy/support.ts';
import { driver, RULES } from '../driver.ts';
import { counts, POLICIES, prepareHome, QUESTIONS, respell, SEED } from './property-cases.ts';
import type { Part } from './property-part.ts';

const firstUser = users[0] as (typeof users)[number];

/** Beside the other tests one thread is enough; where there are many profiles, each processor has its part of them. */
const THREADS = Math.min(availableParallelism(), Math.ceil(POLICIES / 1000));

async function compare(part: Part): Promise<void> {
  const worker = new Worker(join(import.meta.dirname, 'property-part.ts'), { workerData: part });
  // What the thread throws is thrown here; a thread that ends without its counts has shown nothing.
  const ended = once(worker, 'exit').then(() => [undefined]);
  const [found] = (await Promise.race([once(worker, 'message'), ended])) as [typeof counts | undefined];
  assert.ok(found, `profiles ${part.from} to ${part.to} were not compared`);
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += found[key];
}

// Some 20 ms of a processor for each profile, and what runs beside it goes first: this only ends what hangs.
const timeout = 1_200_000;

test(`${POLICIES} random profiles: the oracle, decide() and the broker's rules.c agree on every answer`, {
  timeout,
}, async () => {
  const { home } = prepareHome(firstUser);
  const program = driver('drivers/decide.c', RULES);
  const edges = Array.from({ length: THREADS + 1 }, (_, i) => Math.round((POLICIES * i) / THREADS));
  const parts = edges.slice(1).map((to, i) => compare({ home, program, from: edges[i] ?? 0, to }));
  await Promise.all(parts);
  // Fewer would show nothing.
  const least = POLICIES / 20;
  assert.ok(counts.overridden > least && counts.refused > least && counts.patterns > least, JSON.stringify(counts));
  assert.ok(counts.guards > POLICIES && counts.unguarded > POLICIES / 50, JSON.stringify(counts));
  assert.ok(counts.allowed > POLICIES && counts.denied > POLICIES, JSON.stringify(counts));
  assert.equal(counts.allowed + counts.denied, POLICIES * QUESTIONS);
});

test('the resolver names what the kernel finds under every spelling', () => {
  const { words, context } = prepareHome(firstUser);
  const r = random(SEED);
  const real = createRealPathResolver(context.fs);
  let compared = 0;
  for (const word of words) {
    const spelled = respell(r, word);
    let truth: string;
    try {
      truth = realpathSync.native(spelled);
    } catch {
      continue; // loops and links that lead nowhere
    }
    assert.equal(real(spelled).path, truth, spelled);
    compared++;
  }
  assert.ok(compared > 100, String(compared));
});
