/** From the start of `nono shell` to a prompt, and to everything around it. */
import { budgets } from '../budgets.ts';
import { timeCommand } from '../stopwatch.ts';
import { type Bench, interleave, type Table, type Variant } from '../topic.ts';
import type { Screen } from './screen.ts';
import { chromeShown, promptShown, type Shell, type Stage } from './shells.ts';

async function timeUntil(
  shell: Shell,
  test: (screen: Screen) => boolean,
  what: string,
  start = shell.start,
): Promise<number> {
  const screen = start();
  try {
    return (await screen.until(() => test(screen), what)) - screen.spawnedAt;
  } finally {
    await shell.close(screen);
  }
}

export async function* startUp(bench: Bench, stage: Stage): AsyncGenerator<Table> {
  const title = 'nono shell: from start to prompt and list';
  if (!bench.wanted(title)) return;
  const { machine, workspace, stopwatch } = bench;
  const node: Variant = {
    name: 'node -e 0',
    once: () => timeCommand(stopwatch, { argv: [machine.node, '-e', '0'], cwd: '/', env: workspace.env }),
  };
  const prompt = (shell: Shell, name: string, start = shell.start): Variant => {
    const budget = shell === stage.nono ? budgets.terminal.prompt : undefined;
    return shell.skip === undefined
      ? { name, once: () => timeUntil(shell, promptShown, 'a prompt', start), budget }
      : { name, skip: shell.skip, budget };
  };
  const variants = stage.shells.flatMap((shell): Variant[] => {
    const name = `${shell.name}: prompt`;
    return shell.startFirst === undefined
      ? [prompt(shell, name)]
      : [prompt(shell, `${name}, first`, shell.startFirst), prompt(shell, `${name}, from a cached plan`)];
  });
  const chrome: Variant = {
    name: `${stage.nono.name}: list and hints`,
    budget: budgets.terminal.chrome,
    ...(stage.nono.skip === undefined
      ? { once: () => timeUntil(stage.nono, (screen) => chromeShown(screen, stage.size), 'the list') }
      : { skip: stage.nono.skip }),
  };
  const options = { rounds: bench.rounds(10), passes: 3, unit: 'ms', base: 'node -e 0' };
  yield await interleave(bench, title, [node, ...variants, chrome], options);
}
