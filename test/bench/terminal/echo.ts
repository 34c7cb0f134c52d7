/** From a key to its letter on the screen, at a prompt, at the pace of fast typing. */
import { budgets } from '../budgets.ts';
import { median, pairedRatio } from '../stats.ts';
import { type Bench, type Row, row, type Table } from '../topic.ts';
import { pause, type Screen } from './screen.ts';
import type { Shell, Stage } from './shells.ts';

const KEYS = 140;
const ERASE_EVERY = 35;
const ERASE = '\x15';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Pauses of 15 to 45 ms that are the same in every run. */
function* pauses(): Generator<number, never> {
  for (let state = 12345; ; ) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    yield 15 + (state / 0x7fffffff) * 30;
  }
}

async function typeKeys(screen: Screen, keys: number): Promise<number[]> {
  const wait = pauses();
  const latencies: number[] = [];
  for (let i = 0; i < keys; i++) {
    if (i % ERASE_EVERY === 0) {
      screen.write(ERASE);
      await pause(80);
    }
    const at = screen.cursor();
    const letter = LETTERS[i % LETTERS.length] as string;
    const shown = screen.until(() => screen.cell(at) === letter, `the letter ${letter}`, 2000);
    const pressed = performance.now();
    screen.write(letter);
    latencies.push((await shown) - pressed);
    await pause(wait.next().value);
  }
  return latencies;
}

interface Typing {
  readonly name: string;
  readonly shell: Shell;
  readonly open: (() => Promise<Screen>) | undefined;
  /** One list of latencies per round. */
  readonly rounds: number[][];
  problem?: string | undefined;
}

async function typeOnce(typing: Typing, keys: number): Promise<void> {
  if (typing.open === undefined || typing.problem !== undefined) return;
  let screen: Screen | undefined;
  try {
    screen = await typing.open();
    typing.rounds.push(await typeKeys(screen, keys));
  } catch (error) {
    typing.problem = `failed: ${(error as Error).message}`;
  } finally {
    if (screen !== undefined) await typing.shell.close(screen);
  }
}

function rows(typing: Typing, base: Typing, ratioBudget: typeof budgets.terminal.echo | undefined): Row[] {
  const samples = typing.rounds.flat();
  const note = typing.problem ?? typing.shell.skip;
  const ratio = pairedRatio(typing.rounds.map(median), base.rounds.map(median));
  const first = row({ name: typing.name, unit: 'ms', samples, ratio, budget: ratioBudget, note });
  if (ratioBudget === undefined) return [first];
  return [
    first,
    row({ name: `${typing.name}: slowest keys`, unit: 'ms', samples, budget: budgets.terminal.echoWorst, note }),
  ];
}

/** `busy`: also with something that changes beside the shell. */
export async function* echo(bench: Bench, stage: Stage, busy: boolean): AsyncGenerator<Table> {
  const title = `key to echo, ${KEYS} keys a round, ${stage.size.cols}x${stage.size.rows}`;
  if (!bench.wanted(title)) return;
  const typing = (shell: Shell, ticking = false): Typing => ({
    name: ticking ? `${shell.name}, 10 changes a second beside it` : shell.name,
    shell,
    open: shell.skip === undefined ? (ticking ? shell.openTicking : shell.open) : undefined,
    rounds: [],
  });
  const still = stage.shells.map((shell) => typing(shell));
  const ticking = busy ? [typing(stage.base, true), typing(stage.nono, true)] : [];
  const all = [...still, ...ticking];
  const count = bench.rounds(5);
  for (let round = 0; round < count; round++) {
    bench.progress(`key to echo: round ${round + 1}/${count}`);
    for (let i = 0; i < all.length; i++) await typeOnce(all[(i + round) % all.length] as Typing, KEYS);
  }
  const base = still.find((t) => t.shell === stage.base) as Typing;
  const { echo: budget, echoTicking } = budgets.terminal;
  yield {
    title,
    base: stage.base.name,
    rows: all.flatMap((t) =>
      rows(t, base, t.shell !== stage.nono ? undefined : ticking.includes(t) ? echoTicking : budget),
    ),
  };
}
