/** Topic 1: what a whole, file-heavy command pays for the sandbox, beside what other tools take for theirs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Budget, budgets, exchange, FLOOR_ONLY, LEAST_FLOOR } from './budgets.ts';
import { compiled } from './compile.ts';
import type { Tool } from './machine.ts';
import { plansFor } from './plans.ts';
import { timeCommand, timeHosted } from './stopwatch.ts';
import { type Bench, interleave, type Table, type Topic, type Variant } from './topic.ts';

/** The budget was set on a repository of 14,800 files: with 5,000 the start of the launcher is most of what is seen. */
const REPOSITORY_FILES = 15_000;
const PYTHON_IMPORTS =
  'import asyncio, email.message, http.client, json, logging.config, sqlite3, ssl, unittest, urllib.request, xml.dom.minidom';

/** What takes a tenth of a second differs by a tenth from one time to the next, and its budgets by a twentieth: with nine rounds the verdict was thrown. */
const SHORT = 27;

interface Workload {
  readonly title: string;
  readonly rounds: number;
  readonly argv?: readonly string[];
  readonly skip?: string | undefined;
  readonly cwd: string;
  readonly read: readonly string[];
  readonly allow: readonly string[];
  readonly budget: { readonly floor: Budget; readonly trapped: Budget; readonly fast: Budget };
}

function workloads(bench: Bench): Workload[] {
  const { machine, workspace } = bench;
  const git = machine.find('git');
  const python = machine.find('python3');
  const own = { cwd: workspace.directory, allow: [workspace.directory] };
  const repository = git.skip ? workspace.directory : workspace.repository(REPOSITORY_FILES);
  const includes = existsSync('/usr/include') ? undefined : 'no /usr/include';
  return [
    {
      title: 'find /usr/include -type f -exec cat {} +',
      rounds: 15,
      argv: ['find', '/usr/include', '-type', 'f', '-exec', 'cat', '{}', '+'],
      skip: includes,
      ...own,
      read: ['/usr/include'],
      budget: budgets.wholeCommand.find,
    },
    {
      title: `git status, ${REPOSITORY_FILES} files`,
      rounds: SHORT,
      argv: ['git', 'status', '--porcelain'],
      skip: git.skip,
      cwd: repository,
      read: [],
      allow: [workspace.directory],
      budget: budgets.wholeCommand.gitStatus,
    },
    {
      title: 'python3 with 10 imports',
      rounds: SHORT,
      argv: [python.path ?? '', '-c', PYTHON_IMPORTS],
      skip: python.skip,
      ...own,
      read: [],
      budget: budgets.wholeCommand.start,
    },
    {
      title: 'node, importing ink from its files',
      rounds: 9,
      argv: [
        machine.node,
        '--input-type=module',
        '-e',
        `await import(${JSON.stringify(join(machine.root, 'node_modules/ink/build/index.js'))})`,
      ],
      ...own,
      read: [join(machine.root, 'node_modules')],
      budget: budgets.wholeCommand.start,
    },
  ];
}

/** A variant that puts a prefix before the command. */
function prefixed(
  name: string,
  tool: Tool,
  flags: readonly string[],
  load: Workload,
  bench: Bench,
  budget?: Budget,
): Variant {
  if (tool.skip !== undefined) return { name, skip: tool.skip, budget };
  const argv = [tool.path, ...flags, ...(load.argv ?? [])];
  return { name, once: () => timeCommand(bench.stopwatch, { argv, cwd: load.cwd, env: bench.workspace.env }), budget };
}

function grantFlags(load: Workload): string[] {
  return [...load.read.flatMap((path) => ['--read', path]), ...load.allow.flatMap((path) => ['--allow', path])];
}

function ours(load: Workload, bench: Bench): Variant[] {
  const { machine, workspace } = bench;
  const { launcher, product } = machine;
  if (launcher.skip !== undefined) return [{ name: FLOOR_ONLY, skip: launcher.skip }];
  const name = load.title.split(/\W/)[0] ?? 'plan';
  const plans = plansFor(
    { read: load.read, allow: load.allow, cwd: load.cwd, env: workspace.env },
    workspace.directory,
    name,
  );
  const supervised = (kind: string, plan: string, budget: Budget): Variant => {
    let asked: string | undefined;
    return {
      name: `supervised, ${kind}`,
      budget,
      once: async () => {
        const command = { argv: load.argv ?? [], cwd: load.cwd, env: workspace.env };
        const { ms, held, denied } = await timeHosted(bench.stopwatch, launcher.path, plan, command);
        asked = held + denied > 0 ? `${held} held, ${denied} denied` : undefined;
        return ms;
      },
      note: () => asked,
    };
  };
  const front = ['--silent', ...grantFlags(load), '--'];
  return [
    prefixed(FLOOR_ONLY, launcher, ['--plan', plans.floor, '--'], load, bench, load.budget.floor),
    supervised('every open trapped', plans.supervised, load.budget.trapped),
    supervised('fast path', plans.fast, load.budget.fast),
    { ...prefixed('nono wrap', product, ['wrap', ...front], load, bench), note: () => 'with the start of Node' },
    { ...prefixed('nono run', product, ['run', ...front], load, bench), note: () => 'with the start of Node' },
  ];
}

function peers(load: Workload, bench: Bench): Variant[] {
  const { machine } = bench;
  const original = machine.originalNono;
  const grants = grantFlags(load);
  const python = ['--read', '/usr', '--read', '/etc'];
  return [
    prefixed(
      'bubblewrap',
      machine.find('bwrap'),
      ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--unshare-all'],
      load,
      bench,
    ),
    prefixed(
      'landrun',
      machine.find('landrun'),
      [
        '--rox',
        '/usr,/bin,/lib,/lib64,/etc',
        ...load.read.flatMap((p) => ['--rox', p]),
        ...load.allow.flatMap((p) => ['--rw', p]),
      ],
      load,
      bench,
    ),
    prefixed(
      'sandlock',
      machine.find('sandlock'),
      [
        'run',
        ...['/usr', '/bin', '/lib', '/lib64', '/etc', ...load.read].flatMap((p) => ['-r', p]),
        ...load.allow.flatMap((p) => ['-w', p]),
        '--',
      ],
      load,
      bench,
    ),
    prefixed('original nono', original, ['run', '--silent', ...python, ...grants, '--'], load, bench),
    prefixed(
      'original nono, approvals on',
      original,
      ['run', '--silent', '--capability-elevation', ...python, ...grants, '--'],
      load,
      bench,
    ),
    prefixed(
      'strace -f -e trace=file',
      machine.find('strace'),
      ['-f', '-e', 'trace=file', '-o', '/dev/null'],
      load,
      bench,
    ),
  ];
}

function leastFloor(load: Workload, bench: Bench): Variant {
  const { machine, workspace } = bench;
  const program = compiled('least-floor', machine, workspace.directory);
  const shared = ['/usr', '/bin', '/lib', '/lib64', '/etc', '/proc', '/dev'].filter((path) => existsSync(path));
  return prefixed(LEAST_FLOOR, program, [...shared, machine.root, ...load.read, ...load.allow, '--'], load, bench);
}

async function measure(load: Workload, bench: Bench): Promise<Table> {
  if (load.skip !== undefined)
    return { title: load.title, base: 'bare', rows: [{ name: 'bare', unit: 'ms', samples: [], note: load.skip }] };
  const bare: Variant = {
    name: 'bare',
    once: () => timeCommand(bench.stopwatch, { argv: load.argv ?? [], cwd: load.cwd, env: bench.workspace.env }),
  };
  const asks = compiled('exchange', bench.machine, bench.workspace.directory);
  const least = prefixed(exchange.opens, asks, ['continue'], load, bench);
  const variants = [bare, least, leastFloor(load, bench), ...ours(load, bench), ...peers(load, bench)];
  return interleave(bench, load.title, variants, {
    rounds: bench.rounds(load.rounds),
    passes: 3,
    unit: 'ms',
    base: 'bare',
  });
}

export const wholeCommand: Topic = {
  name: 'whole-command',
  what: 'file-heavy commands from start to end',
  async *run(bench) {
    for (const load of workloads(bench)) if (bench.wanted(load.title)) yield await measure(load, bench);
  },
};
