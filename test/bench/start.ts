/** Topic 3: how long it takes until a command that does nothing has run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Budget, budgets } from './budgets.ts';
import { plansFor } from './plans.ts';
import { timeCommand, timeHosted } from './stopwatch.ts';
import { type Bench, interleave, type Topic, type Variant } from './topic.ts';

function variants(bench: Bench): Variant[] {
  const { machine, workspace, stopwatch } = bench;
  const { launcher, product, originalNono } = machine;
  const cwd = join(workspace.directory, 'start');
  mkdirSync(cwd, { recursive: true });
  const at = { cwd, env: workspace.env };
  const command = (name: string, argv: readonly string[], budget?: Budget): Variant => ({
    name,
    budget,
    once: () => timeCommand(stopwatch, { argv, ...at }),
  });
  const bwrap = machine.find('bwrap');
  const own: Variant[] = [];
  if (launcher.skip === undefined) {
    const plans = plansFor({ read: [], allow: [], ...at }, workspace.directory, 'start');
    own.push(command('launcher, floor only', [launcher.path, '--plan', plans.floor, '--', 'true']), {
      name: 'launcher, supervised',
      once: async () => (await timeHosted(stopwatch, launcher.path, plans.supervised, { argv: ['true'], ...at })).ms,
    });
  } else own.push({ name: 'launcher', skip: launcher.skip });
  // Another variable each time: no start before it was the same.
  let starts = 0;
  const front = (name: string, budget?: Budget): Variant => {
    const title = `nono ${name} -- true, first`;
    if (product.skip !== undefined) return { name: title, skip: product.skip, budget };
    const argv = [product.path, name, '--silent', '--', 'true'];
    const env = () => ({ ...at.env, NONO_BENCH_START: `${process.pid}-${starts++}` });
    return { name: title, budget, once: () => timeCommand(stopwatch, { argv, cwd, env: env() }) };
  };
  const cached = (name: string, budget?: Budget): Variant => {
    const title = `nono ${name} -- true, from a cached plan`;
    if (product.skip !== undefined) return { name: title, skip: product.skip, budget };
    return command(title, [product.path, name, '--silent', '--', 'true'], budget);
  };
  return [
    command('node -e 0', [machine.node, '-e', '0']),
    command('true, bare', ['true']),
    ...own,
    front('wrap', budgets.start.wrap),
    front('run', budgets.start.run),
    cached('wrap', budgets.start.wrapCached),
    cached('run', budgets.start.run),
    product.skip === undefined
      ? command('nono policy show default', [product.path, 'policy', 'show', 'default'], budgets.start.show)
      : { name: 'nono policy show default', skip: product.skip, budget: budgets.start.show },
    bwrap.skip === undefined
      ? command('bubblewrap', [
          bwrap.path,
          '--ro-bind',
          '/',
          '/',
          '--dev',
          '/dev',
          '--proc',
          '/proc',
          '--unshare-all',
          'true',
        ])
      : { name: 'bubblewrap', skip: bwrap.skip },
    originalNono.skip === undefined
      ? command('original nono run', [
          originalNono.path,
          'run',
          '--silent',
          '--allow',
          cwd,
          '--read',
          '/usr',
          '--',
          'true',
        ])
      : { name: 'original nono run', skip: originalNono.skip },
  ];
}

export const start: Topic = {
  name: 'start',
  what: 'a command that does nothing, against node -e 0',
  async *run(bench) {
    const options = { rounds: bench.rounds(31), unit: 'ms', base: 'node -e 0' };
    yield await interleave(bench, 'start of a command', variants(bench), options);
  },
};
