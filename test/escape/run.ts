/** npm run test:escape: every attempt, as every user, fast path on and off, and the same attempts in other sandboxes beside it. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { showedNothing } from '../helpers/showed-nothing.ts';
import { root, users } from '../helpers/users.ts';
import { specials, topics } from './catalogue/index.ts';
import { columns, label } from './columns.ts';
import type { Attempt, Column, Verdict } from './model.ts';
import { count, type PeerColumn, peersPage } from './peers-page.ts';
import { nono, peers } from './sandboxes.ts';
import { cannot, judge, sessions } from './try.ts';
import { temporary } from './world.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', multiple: true, default: [] },
    user: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    /** Only the other sandboxes; what this one does is not looked at. */
    'peers-only': { type: 'boolean', default: false },
    /** Where to write what the other sandboxes did. */
    'peers-page': { type: 'string' },
    /** Each user once, without terminals: what npm test has time for. */
    quick: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const raceSeconds = Number(values.seconds);
const wanted = (...ids: string[]): boolean => values.only.length === 0 || values.only.some((o) => ids.includes(o));

type Row = Map<string, Verdict>;
const table = new Map<string, Row>();
const said = (id: string, column: string, verdict: Verdict): string =>
  `${verdict.kind.toUpperCase().padEnd(8)} ${id} (${column})${'how' in verdict ? `: ${verdict.how}` : ''}\n`;
const failed = (verdict: Verdict): boolean => verdict.kind === 'escaped' || verdict.kind === 'broken';
const put = (id: string, column: string, verdict: Verdict): void => {
  const row = table.get(id) ?? new Map<string, Verdict>();
  row.set(column, verdict);
  table.set(id, row);
  if (values.verbose || failed(verdict)) process.stdout.write(said(id, column, verdict));
};

const own = columns(raceSeconds).filter(
  (c) =>
    !values['peers-only'] &&
    (values.user === undefined || c.user.name.startsWith(values.user)) &&
    !(values.quick && c.fastPath === (c.user.name === 'root') && users.length > 1),
);
const shown = own.map(label);
type Job = () => Promise<void>;
const races: Job[] = [];
const others: Job[] = [];
/** In a terminal, where a person's pauses are most of the time. */
const waiting: Job[] = [];
/** Sessions that end in the middle: most of the time it is looked whether something of them goes on. */
const ending: Job[] = [];
const exclusive: Job[] = [];
/**
 * What showed nothing: the session was too slow for the clock, or a control did not do what it should. It gets a second try when
 * nothing else runs, and the first one is said. What got out is never tried again.
 */
const again: Job[] = [];
let secondTries = 0;
async function settle(id: string, column: string, first: Verdict, retry: () => Promise<Verdict>): Promise<void> {
  if (first.kind !== 'broken') return put(id, column, first);
  again.push(async () => {
    secondTries++;
    process.stdout.write(`a second try after ${said(id, column, first)}`);
    put(id, column, await retry());
  });
}
function queueOf(group: readonly Attempt[]): Job[] {
  if (group.some((a) => a.exclusive)) return exclusive;
  if (group.some((a) => a.race)) return races;
  return group.some((a) => a.dies) ? ending : others;
}

for (const column of own) {
  for (const topic of topics) {
    for (const group of sessions(topic)) {
      const named = group.filter((a) => wanted(a.id, topic.id) && !(values.quick && a.disturbs));
      if (named.length === 0) continue;
      queueOf(named).push(async () => {
        for (const [id, verdict] of await judge(nono, topic, named, column, true)) {
          const alone = named.filter((a) => a.id === id);
          const retry = async (): Promise<Verdict> =>
            (await judge(nono, topic, alone, column, true)).get(id) ?? { kind: 'broken', how: 'it was not tried' };
          await settle(id, label(column), verdict, retry);
        }
      });
    }
  }
  for (const special of values.quick ? [] : specials) {
    if (!wanted(special.id, 'specials')) continue;
    waiting.push(async () => {
      const tryIt = (): Promise<Verdict> => trySpecial(special, column);
      await settle(special.id, label(column), await tryIt(), tryIt);
    });
  }
}

async function trySpecial(special: (typeof specials)[number], column: Column): Promise<Verdict> {
  const no = cannot(special, column.user);
  if (no) return no;
  try {
    const why = await special.run(column);
    return why === undefined ? { kind: 'blocked' } : { kind: 'skipped', why };
  } catch (error) {
    const how = error instanceof Error ? error.message : String(error);
    // A control that fails, or a screen that never came, is no breach: it shows nothing.
    return { kind: showedNothing(how) ? 'broken' : 'escaped', how };
  }
}

const beside: PeerColumn[] = [];
if (!values['no-peers'] && !values.quick) {
  const files = temporary('nono-peers-');
  // Each as one user, an ordinary one where it can, is enough to look at; the page shows every user.
  const everyUser = values['peers-only'] || values['peers-page'] !== undefined;
  const once = new Set<string>();
  const asking = users.filter((u) => values.user === undefined || u.name.startsWith(values.user));
  for (const user of everyUser ? asking : asking.toReversed()) {
    for (const { sandbox, version, missing } of peers(user, files)) {
      if (!everyUser && once.has(sandbox.name)) continue;
      if (missing === undefined) once.add(sandbox.name);
      const name = `${sandbox.name}/${user.name === 'root' ? 'root' : 'user'}`;
      beside.push({ name, version, ...(missing === undefined ? {} : { missing }) });
      if (missing !== undefined) continue;
      const column: Column = { user, fastPath: false, flags: [], raceSeconds: 1 };
      for (const topic of topics) {
        for (const group of sessions(topic)) {
          const named = group.filter((a) => !a.own && !a.exclusive && wanted(a.id, topic.id));
          if (named.length === 0) continue;
          queueOf(named).push(async () => {
            const verdicts = await judge(sandbox, topic, named, column, false).catch(() => new Map<string, Verdict>());
            for (const [id, verdict] of verdicts) {
              const row = table.get(id) ?? new Map<string, Verdict>();
              row.set(name, verdict);
              table.set(id, row);
            }
          });
        }
      }
    }
  }
}

const begun = Date.now();
/** Seconds until the last of each kind was done: what to look at when the whole takes too long. */
const lasted = new Map<Job[], number>();
async function work(...queues: readonly Job[][]): Promise<void> {
  for (const queue of queues)
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      await job();
      lasted.set(queue, Math.round((Date.now() - begun) / 1000));
    }
}
// Two races at a time: more would only make them rarer. Beside them is room for what leaves most of a processor idle, one session of each kind, and when that has been, for a third race:
// in npm test another file has it.
const lanes = [work(races, waiting, ending, others), work(races, others, ending, waiting)];
if (!values.quick) lanes.push(work(others, races), work(waiting, others), work(ending, others));
await Promise.all(lanes);
await work(exclusive);
await work(again);

const mark: Record<Verdict['kind'], string> = {
  blocked: 'blocked',
  escaped: 'ESCAPED',
  broken: 'BROKEN',
  skipped: '-',
};
const titles = new Map([...topics.flatMap((t) => t.attempts), ...specials].map((a) => [a.id, a.title]));
const asked = beside.filter((peer) => peer.missing === undefined);
const every = [...shown, ...asked.map((peer) => peer.name)];
process.stdout.write(`\n${'case'.padEnd(28)}${every.map((c) => c.padEnd(Math.max(9, c.length + 2))).join('')}\n`);
for (const [id, row] of [...table].toSorted(
  ([a], [b]) => [...titles.keys()].indexOf(a) - [...titles.keys()].indexOf(b),
)) {
  process.stdout.write(
    `${id.padEnd(28)}${every.map((c) => (row.get(c) ? mark[row.get(c)?.kind ?? 'skipped'] : '').padEnd(Math.max(9, c.length + 2))).join('')}${titles.get(id)}\n`,
  );
}

const counts = { blocked: 0, escaped: 0, broken: 0, skipped: 0 };
const failures: string[] = [];
const reasons = new Map<string, number>();
for (const [id, row] of table)
  for (const column of shown) {
    const verdict = row.get(column);
    if (!verdict) continue;
    counts[verdict.kind]++;
    if (failed(verdict)) failures.push(said(id, column, verdict));
    if (verdict.kind === 'skipped') reasons.set(verdict.why, (reasons.get(verdict.why) ?? 0) + 1);
  }
if (secondTries > 0) process.stdout.write(`second tries: ${secondTries}; what showed nothing at first is said above\n`);
for (const [why, count] of reasons) process.stdout.write(`skipped ${count}: ${why}\n`);
for (const { name, version, missing } of beside) {
  const { blocked, tried, notRun } = count([...table.values()].map((row) => row.get(name)));
  process.stdout.write(
    missing === undefined
      ? `beside: ${name} ${version} blocked ${blocked} of ${tried}${notRun > 0 ? `, ${notRun} did not run there` : ''}\n`
      : `beside: ${name} ${missing}\n`,
  );
}
if (values['peers-page'] !== undefined)
  writeFileSync(
    resolve(root, values['peers-page']),
    peersPage(beside, topics, (id, column) => table.get(id)?.get(column)),
  );
if (values['peers-only']) process.exit(asked.length > 0 ? 0 : 1);
const kinds = { races, 'in a terminal': waiting, 'that end': ending, others, 'with nothing beside': exclusive, again };
process.stdout.write(
  `done after: ${Object.entries(kinds)
    .filter(([, queue]) => lasted.has(queue))
    .map(([kind, queue]) => `${kind} ${lasted.get(queue)} s`)
    .join(', ')}\n`,
);
const tried = counts.blocked + counts.escaped + counts.broken;
process.stdout.write(
  `score: ${counts.blocked} of ${tried} blocked, in ${Math.round((Date.now() - begun) / 1000)} s, races of ${raceSeconds} s\n`,
);
// Once more, with their details: whoever keeps only the end of this sees what failed.
for (const failure of failures) process.stdout.write(failure.trimEnd().replaceAll('\n', '\n  ').concat('\n'));
process.stdout.write(`${counts.blocked} passed, ${counts.escaped + counts.broken} failed, ${counts.skipped} skipped\n`);
process.exit(counts.escaped + counts.broken > 0 || tried === 0 ? 1 : 0);
