/** Topic: programs that make and remove many files, in a tree whose writes the floor grants, and in one whose every write is brokered. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWithin } from '../../src/policy/paths.ts';
import { FLOOR_READ_TREE } from '../../src/sandbox/linux/constants.ts';
import { decodePlan, encodePlan } from '../../src/sandbox/linux/plan-format.ts';
import { type Budget, budgets } from './budgets.ts';
import { type PlanPair, plansFor } from './plans.ts';
import { timeCommand, timeHosted } from './stopwatch.ts';
import { type Bench, interleave, type Table, type Topic, type Variant } from './topic.ts';

const FILES = 2000;

interface Program {
  readonly title: string;
  readonly argv: readonly string[];
  /** Makes what the program starts from; not timed. */
  readonly before?: readonly string[];
  /** Of the row whose writes are brokered. */
  readonly budget: Budget;
}

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

function programs(repository: string, archive: string): Program[] {
  const budget = budgets.wholeProgram;
  return [
    {
      title: `git clone, ${FILES} files`,
      argv: ['git', 'clone', '-q', `file://${repository}`, 'clone'],
      budget: budget.clone,
    },
    { title: `untar, ${FILES} files`, argv: ['tar', 'xf', archive], budget: budget.untar },
    {
      title: `rm -r, ${FILES} files`,
      before: ['tar', 'xf', archive],
      argv: ['rm', '-r', 'repository'],
      budget: budget.remove,
    },
  ];
}

function variants(program: Program, plans: PlanPair, tree: string, bench: Bench): Variant[] {
  const { machine, workspace, stopwatch } = bench;
  const { launcher } = machine;
  const fresh = (): void => {
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(tree);
    const [command, ...args] = program.before ?? [];
    if (command !== undefined) spawnSync(command, args, { cwd: tree, env: workspace.env });
  };
  const timed = (name: string, prefix: readonly string[], budget?: Budget): Variant => ({
    name,
    budget,
    once: () => {
      fresh();
      return timeCommand(stopwatch, { argv: [...prefix, ...program.argv], cwd: tree, env: workspace.env });
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
        const command = { argv: program.argv, cwd: tree, env: workspace.env };
        const { ms, held, denied } = await timeHosted(stopwatch, launcher.path, plan, command);
        asked = held + denied > 0 ? `${held} held, ${denied} denied` : undefined;
        return ms;
      },
    };
  };
  const { originalNono } = machine;
  const grants = ['--read', '/usr', '--read', '/etc', '--allow', workspace.directory, '--'];
  const original = (name: string, flags: readonly string[]): Variant =>
    originalNono.skip !== undefined
      ? { name, skip: originalNono.skip }
      : timed(name, [originalNono.path, 'run', '--silent', ...flags, ...grants]);
  return [
    timed('bare', []),
    ...(launcher.skip === undefined ? [timed('floor only', [launcher.path, '--plan', plans.floor, '--'])] : []),
    supervised('supervised, on the floor, fast path', plans.fast),
    supervised('supervised, on the floor, trapped', plans.supervised),
    supervised('supervised, writes brokered, fast path', brokered(plans.fast, workspace.directory), program.budget),
    supervised('supervised, writes brokered, trapped', brokered(plans.supervised, workspace.directory)),
    original('original nono', []),
    original('original nono, approvals on', ['--capability-elevation']),
  ];
}

async function* run(bench: Bench): AsyncGenerator<Table> {
  const { directory, env } = bench.workspace;
  const unavailable = bench.machine.find('git').skip ?? bench.machine.find('tar').skip;
  if (unavailable !== undefined) return;
  const repository = bench.workspace.repository(FILES);
  const archive = join(directory, 'files.tar');
  spawnSync('tar', [
    'cf',
    archive,
    '--exclude=.git',
    '--transform',
    's,^[^/]*,repository,',
    '-C',
    join(repository, '..'),
    `repository-${FILES}`,
  ]);
  const tree = join(directory, 'programs');
  mkdirSync(tree);
  const plans = plansFor({ read: [], allow: [directory], cwd: tree, env }, directory, 'program');
  for (const program of programs(repository, archive)) {
    const options = { rounds: bench.rounds(9), unit: 'ms', base: 'bare' };
    yield await interleave(bench, program.title, variants(program, plans, tree, bench), options);
  }
}

export const wholeProgram: Topic = {
  name: 'whole-program',
  what: 'git clone, untar and rm -r, on the floor and brokered',
  run,
};
