/** Much output at once, and how soon Ctrl-C ends it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Budget, budgets } from '../budgets.ts';
import { type Bench, interleave, type Table, type Variant } from '../topic.ts';
import { pause } from './screen.ts';
import type { Shell, Stage } from './shells.ts';

const FLOOD_BYTES = 20_000_000;
/** Typed as an escape, so that the command line itself does not hold it. Block characters appear in no source text. */
const MARK = '█'.repeat(8);
const SAY_MARK = "printf '\\u2588%.0s' 1 2 3 4 5 6 7 8; echo";
const PROMPT = '▶';
const SET_PROMPT = "PS1=$'\\u25b6 '";
/** In no output: waits, without drawing. */
const NEVER = '\u2588\u25b6\u2588';
const INTERRUPTS = 5;

/** 20 MB of C headers, as somebody would `cat` a large source file. */
function writeFlood(path: string): void {
  const parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    size += part.length;
  };
  let headers: string[] = [];
  try {
    headers = readdirSync('/usr/include', { withFileTypes: true })
      .filter((e) => e.isFile())
      .map((e) => join('/usr/include', e.name));
  } catch {
    // No headers here: text of our own below.
  }
  const source = headers.length > 20 ? headers.map((path) => readFileSync(path)) : [readFileSync(import.meta.filename)];
  for (let i = 0; size < FLOOD_BYTES; i++) add(source[i % source.length] as Buffer);
  writeFileSync(path, Buffer.concat(parts).subarray(0, FLOOD_BYTES));
}

async function timeFlood(shell: Shell, command: string): Promise<number> {
  const screen = await shell.open();
  try {
    const end = screen.untilBytes(MARK);
    const entered = performance.now();
    screen.write(`${command}; ${SAY_MARK}\r`);
    return (await end) - entered;
  } finally {
    await shell.close(screen);
  }
}

async function timeInterrupt(shell: Shell): Promise<number> {
  const screen = await shell.open();
  try {
    screen.write(`${SET_PROMPT}\r`);
    await screen.until(() => screen.text().includes(PROMPT), 'the new prompt');
    const times: number[] = [];
    for (let i = 0; i < INTERRUPTS; i++) {
      await pause(100);
      screen.write('yes\r');
      // Its own command line has scrolled away before anything is looked for.
      await screen.untilBytes(NEVER, 500 + 37 * i).catch(() => {});
      const again = screen.untilBytes(PROMPT);
      const pressed = performance.now();
      screen.write('\x03');
      times.push((await again) - pressed);
    }
    return times.toSorted((a, b) => a - b)[INTERRUPTS >> 1] as number;
  } finally {
    await shell.close(screen);
  }
}

function variants(stage: Stage, once: (shell: Shell) => Promise<number>, budget: Budget): Variant[] {
  return stage.shells.map((shell): Variant => {
    const own = shell === stage.nono ? budget : undefined;
    return shell.skip === undefined
      ? { name: shell.name, once: () => once(shell), budget: own }
      : { name: shell.name, skip: shell.skip, budget: own };
  });
}

export async function* floods(bench: Bench, stage: Stage): AsyncGenerator<Table> {
  const file = join(stage.directory, 'flood.txt');
  writeFlood(file);
  const options = { rounds: bench.rounds(5), passes: 2, unit: 'ms', base: stage.base.name };
  const { flood, interrupt } = budgets.terminal;
  const until = (command: string, budget: Budget): Variant[] =>
    variants(stage, (shell) => timeFlood(shell, command), budget);
  const tables: readonly (readonly [string, Variant[]])[] = [
    ['cat of 20 MB until its end is shown', until(`cat ${file}`, flood)],
    ['seq 1 1000000 until its end is shown', until('seq 1 1000000', flood)],
    ['Ctrl-C during yes, until the prompt', variants(stage, timeInterrupt, interrupt)],
  ];
  for (const [what, compared] of tables) {
    const title = `${what}, ${stage.size.cols}x${stage.size.rows}`;
    if (bench.wanted(title)) yield await interleave(bench, title, compared, options);
  }
}
