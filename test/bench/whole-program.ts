/** Topic: programs that people run, in a tree whose writes the floor grants, in one with a denied pattern, and in one whose every write is brokered. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWithin } from '../../src/policy/paths.ts';
import { FLOOR_READ_TREE } from '../../src/sandbox/linux/constants.ts';
import { encodePlan } from '../../src/sandbox/linux/plan-format.ts';
import { decodePlan } from '../helpers/decode-plan.ts';
import type { Budget } from './budgets.ts';
import { compiled } from './compile.ts';
import { type PlanPair, plansFor } from './plans.ts';
import { programFiles } from './programs/index.ts';
import type { Program } from './programs/model.ts';
import { timeCommand, timeHosted } from './stopwatch.ts';
import { type Bench, interleave, type Table, type Topic, type Variant } from './topic.ts';

/** What a user denies who thinks of secrets in projects: nothing here matches, so the price is that of looking. */
const PATTERN = '**/.env';

/** The plan with everything that the tree lies in taken off the floor, but for reading: policy still allows it, so each write is performed by the supervisor. */
function brokered(file: string, tree: string): string {
  const plan = decodePlan(readFileSync(file));
  const floor = plan.floor.map((rule) =>
    isWithin(tree, rule.path) || isWithin(rule.path, tree) ? { ...rule, rights: rule.rights & FLOOR_READ_TREE } : rule,
  );
  const out = `${file}-brokered`;
  writeFileSync(out, encodePlan({ ...plan, floor }));
  return out;
}

interface Plans extends PlanPair {
  readonly pattern: string;
  readonly guarded?: string | undefined;
}

function variants(program: Program, plans: Plans, tree: string, bench: Bench): Variant[] {
  const { machine, workspace, stopwatch } = bench;
  const { launcher } = machine;
  const env = { ...workspace.env, ...program.env };
  const fresh = (): void => {
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(tree);
    const [command, ...args] = program.before ?? [];
    if (command !== undefined) spawnSync(command, args, { cwd: tree, env });
  };
  const timed = (name: string, prefix: readonly string[], budget?: Budget): Variant => ({
    name,
    budget,
    once: () => {
      fresh();
      return timeCommand(stopwatch, { argv: [...prefix, ...program.argv], cwd: tree, env });
    },
  });
  const supervised = (name: string, plan: string, budget?: Budget): Variant => {
    if (launcher.skip !== undefined) return { name, skip: launcher.skip, budget };
    let asked: string | undefined;
    return {
      name,
      budget,
      note: () => asked,
      once: async () => {
        fresh();
        const { ms, held, denied } = await timeHosted(stopwatch, launcher.path, plan, {
          argv: program.argv,
          cwd: tree,
          env,
        });
        asked = held + denied > 0 ? `${held} held, ${denied} denied` : undefined;
        return ms;
      },
    };
  };
  const floorOnly = (): Variant => {
    const skip = launcher.skip ?? program.notOnFloor;
    return skip === undefined && launcher.path !== undefined
      ? timed('floor only', [launcher.path, '--plan', plans.floor, '--'])
      : { name: 'floor only', skip: skip ?? 'not built' };
  };
  const exchanged = (): Variant[] => {
    if (program.exchange === undefined) return [];
    const { mode, row } = program.exchange;
    const least = compiled('exchange', machine, workspace.directory);
    return [least.skip === undefined ? timed(row, [least.path, mode]) : { name: row, skip: least.skip }];
  };
  const { originalNono } = machine;
  const grants = ['--read', '/usr', '--read', '/etc', '--allow', workspace.directory, '--'];
  const original = (name: string, flags: readonly string[]): Variant =>
    originalNono.skip !== undefined
      ? { name, skip: originalNono.skip }
      : timed(name, [originalNono.path, 'run', '--silent', ...flags, ...grants]);
  const { directory } = workspace;
  return [
    timed('bare', []),
    floorOnly(),
    ...exchanged(),
    supervised('supervised, on the floor, fast path', plans.fast),
    supervised('supervised, on the floor, trapped', plans.supervised),
    supervised(`supervised, ${PATTERN} denied, fast path`, plans.pattern, program.denied),
    supervised('supervised, writes brokered, fast path', brokered(plans.fast, directory), program.budget),
    supervised('supervised, writes brokered, trapped', brokered(plans.supervised, directory)),
    ...(plans.guarded === undefined
      ? []
      : [supervised('supervised, persistence guard, bulk directories', plans.guarded, program.guarded?.budget)]),
    ...(program.beside
      ? [original('original nono', []), original('original nono, approvals on', ['--capability-elevation'])]
      : []),
  ];
}

/** What the built-in profiles for programming have beside their grants. */
function guardProfile(bulk: readonly string[], file: string): string {
  const groups = { include: ['persistence_guard', ...bulk] };
  writeFileSync(file, JSON.stringify({ extends: 'default', meta: { name: 'bench-guard' }, groups }));
  return file;
}

function plansOf(program: Program, name: string, tree: string, bench: Bench): Plans {
  const { directory } = bench.workspace;
  const env = { ...bench.workspace.env, ...program.env };
  const wishes = { read: program.read ?? [], allow: [directory], cwd: tree, env };
  const { fast: pattern } = plansFor({ ...wishes, denies: [PATTERN] }, directory, `${name}-pattern`);
  const guarded = program.guarded && {
    ...wishes,
    profile: guardProfile(program.guarded.bulk, join(directory, `${name}-guard.json`)),
  };
  return {
    ...plansFor(wishes, directory, name),
    pattern,
    guarded: guarded && plansFor(guarded, directory, `${name}-guarded`).fast,
  };
}

async function* run(bench: Bench): AsyncGenerator<Table> {
  const { directory } = bench.workspace;
  const tree = join(directory, 'programs');
  mkdirSync(tree);
  for (const [i, file] of programFiles.entries()) {
    if (!file.titles.some(bench.wanted)) continue;
    const material = join(directory, `material-${i}`);
    mkdirSync(material);
    for (const [j, program] of file.make(bench, material).entries()) {
      const { title, skip } = program;
      if (!bench.wanted(title)) continue;
      if (skip !== undefined) {
        yield { title, base: 'bare', rows: [{ name: 'bare', unit: 'ms', samples: [], note: skip }] };
        continue;
      }
      const plans = plansOf(program, `program-${i}-${j}`, tree, bench);
      const options = { rounds: bench.rounds(program.rounds), unit: 'ms', base: 'bare' };
      yield await interleave(bench, title, variants(program, plans, tree, bench), options);
    }
    rmSync(material, { recursive: true, force: true });
  }
}

export const wholeProgram: Topic = {
  name: 'whole-program',
  what: 'git clone, untar, rm -r, npm ci, pip, make, tsc, vim, sqlite, tests, Go, gdb: on the floor, with a pattern denied, brokered',
  run,
};
