/** Topic 2: what one system call pays, measured from inside by one-call.c. */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastPathLibrary } from '../../src/platform/installation.ts';
import { FLOOR_READ_TREE, optionFlag } from '../../src/sandbox/linux/constants.ts';
import { encodePlan, type FloorRule, type PlanRule } from '../../src/sandbox/linux/plan-format.ts';
import { type Budget, budgets, exchange } from './budgets.ts';
import { compiled } from './compile.ts';
import type { Tool } from './machine.ts';
import { outputOf } from './stopwatch.ts';
import { type Bench, interleave, row, type Table, type Topic, type Variant } from './topic.ts';

const CALLS = 4000;

interface Scene {
  /** On the floor. */
  readonly inside: string;
  /** Granted by a rule, not on the floor: served by the supervisor. */
  readonly brokered: string;
  /** Under a deny rule. */
  readonly denied: string;
  readonly floorPlan: string;
  readonly supervisedPlan: string;
  readonly fastPlan: string;
}

function setScene(bench: Bench): Scene {
  const { directory, env } = bench.workspace;
  const at = (name: string): string => join(directory, 'one-call', name);
  for (const name of ['inside', 'brokered', 'denied']) {
    mkdirSync(at(name), { recursive: true });
    writeFileSync(join(at(name), 'file'), 'x');
  }
  const preload = fastPathLibrary();
  const shared = ['/usr', '/etc', '/lib', '/lib64', '/bin'].map((path) => realpathSync(path));
  const granted = [
    ...new Set([...shared, at('inside'), join(directory, 'one-call-program'), ...(preload ? [preload] : [])]),
  ];
  const floor = granted.map((path): FloorRule => ({ path, rights: FLOOR_READ_TREE }));
  const rules: PlanRule[] = [...granted, at('brokered')].map((path, id) => ({
    id,
    verdict: 'allow',
    kind: 'tree',
    access: path === at('brokered') ? 'readwrite' : 'read',
    path,
  }));
  rules.push({ id: rules.length, verdict: 'deny', kind: 'tree', access: 'readwrite', path: at('denied') });
  const write = (name: string, flags: number): string => {
    const plan = { options: { flags, mode: 'ask' as const, minimumAbi: 1, capabilities: 0n }, floor, rules, preload };
    const file = join(directory, name);
    writeFileSync(file, encodePlan({ ...plan, env: Object.entries(env).map(([key, value]) => `${key}=${value}`) }));
    return file;
  };
  return {
    inside: join(at('inside'), 'file'),
    brokered: join(at('brokered'), 'file'),
    denied: join(at('denied'), 'file'),
    floorPlan: write('one-call-floor.plan', 0),
    supervisedPlan: write('one-call.plan', optionFlag.supervise),
    fastPlan: write('one-call-fast.plan', optionFlag.supervise | optionFlag.fastPath),
  };
}

function variants(bench: Bench, program: string, asks: Tool, scene: Scene, pin: readonly string[]): Variant[] {
  const { launcher } = bench.machine;
  const variant = (
    name: string,
    plan: string | undefined,
    what: string,
    path: string,
    budget?: Budget,
    bareFront: readonly string[] = [],
  ): Variant => {
    if (plan !== undefined && launcher.skip !== undefined) return { name, skip: launcher.skip, budget };
    const front = plan === undefined ? bareFront : [launcher.path as string, '--plan', plan, '--'];
    const argv = [...pin, ...front, program, what, path, String(CALLS)];
    const once = async (): Promise<number> =>
      Number(await outputOf({ argv, cwd: '/', env: bench.workspace.env })) / 1000;
    return { name, once, budget };
  };
  const exchanged = (name: string, mode: 'continue' | 'perform', what: string, path: string): Variant =>
    asks.skip !== undefined
      ? { name, skip: asks.skip }
      : variant(name, undefined, what, path, undefined, [asks.path, mode]);
  return [
    variant('bare', undefined, 'open', scene.inside),
    exchanged(exchange.open, 'continue', 'open', scene.inside),
    exchanged(exchange.injected, 'perform', 'open', scene.brokered),
    exchanged(exchange.chmod, 'perform', 'chmod', scene.brokered),
    variant('on the floor, floor only', scene.floorPlan, 'open', scene.inside),
    variant('on the floor, trapped', scene.supervisedPlan, 'open', scene.inside, budgets.call.trapped),
    variant('on the floor, fast path', scene.fastPlan, 'open', scene.inside, budgets.call.fast),
    variant('granted by a rule, brokered', scene.supervisedPlan, 'open', scene.brokered, budgets.call.brokered),
    variant('granted by a rule, fast path first', scene.fastPlan, 'open', scene.brokered, budgets.call.brokered),
    variant('under a deny rule', scene.supervisedPlan, 'denied', scene.denied),
    variant('under a deny rule, fast path first', scene.fastPlan, 'denied', scene.denied),
    variant('missing', undefined, 'missing', join(scene.inside, '..', 'none')),
    variant('missing, trapped', scene.supervisedPlan, 'missing', join(scene.inside, '..', 'none')),
    variant('missing, fast path', scene.fastPlan, 'missing', join(scene.inside, '..', 'none')),
    variant('chmod, bare', undefined, 'chmod', scene.brokered),
    variant('chmod, brokered', scene.fastPlan, 'chmod', scene.brokered, budgets.call.metadata),
  ];
}

export const oneCall: Topic = {
  name: 'one-call',
  what: 'one open and close: bare, on the fast path, trapped, brokered, denied; one chmod',
  async *run(bench) {
    const title = 'open and close of one file, or chmod';
    const pinnedTitle = `${title}, everything on one CPU`;
    const skipped = (table: string, note: string): Table => ({
      title: table,
      base: 'bare',
      rows: [row({ name: 'bare', unit: 'µs', samples: [], note })],
    });
    const built = compiled('one-call', bench.machine, bench.workspace.directory, 'one-call-program');
    if (built.skip !== undefined) {
      yield skipped(title, built.skip);
      return;
    }
    const asks = compiled('exchange', bench.machine, bench.workspace.directory);
    const scene = setScene(bench);
    const options = { rounds: bench.rounds(15), unit: 'µs', base: 'bare' };
    yield await interleave(bench, title, variants(bench, built.path, asks, scene, []), options);
    const taskset = bench.machine.find('taskset');
    if (taskset.skip !== undefined) yield skipped(pinnedTitle, `taskset: ${taskset.skip}`);
    else
      yield await interleave(
        bench,
        pinnedTitle,
        variants(bench, built.path, asks, scene, [taskset.path, '-c', '0']),
        options,
      );
  },
};
