/** What a whole program is to the benchmark. */
import { spawnSync } from 'node:child_process';
import type { Budget } from '../budgets.ts';
import type { Bench } from '../topic.ts';

export interface Program {
  readonly title: string;
  /** Why it is not measured here; nothing else is looked at then. */
  readonly skip?: string | undefined;
  /** Started in an empty directory, which is made anew before each run. */
  readonly argv: readonly string[];
  /** Makes what the program starts from, in that directory; not timed. */
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Granted for reading, beside the default profile. */
  readonly read?: readonly string[];
  readonly rounds: number;
  /** Why it cannot work on the floor alone; that row says so. */
  readonly notOnFloor?: string;
  /** Of the row in which a policy takes making, renaming and writing off the floor (a denied pattern), with the fast path. */
  readonly denied?: Budget;
  /** Of the row whose every write is brokered, removing too, which only `--strict-deny` asks for; with the fast path. */
  readonly budget?: Budget;
  /** A supervisor that performs and looks at nothing (exchange.c) is measured beside: in this mode, as a row of this name. */
  readonly exchange?: { readonly mode: string; readonly row: string };
  /** Measured under the guard against what would run later too, with these groups of bulk directories beside it. */
  readonly guarded?: { readonly bulk: readonly string[]; readonly budget: Budget };
  /** What makes and removes many files and does little else: the original nono is measured beside. */
  readonly beside?: boolean;
}

/** Programs that share material. */
export interface ProgramFile {
  /** What their tables are called, known before anything is made: of what nobody asked for, nothing is. */
  readonly titles: readonly string[];
  /** Makes the material, once, in a directory of its own. */
  make(bench: Bench, material: string): readonly Program[];
}

/** One program with material of its own. */
export const single = (
  title: string,
  make: (bench: Bench, material: string, title: string) => Program,
): ProgramFile => ({ titles: [title], make: (bench, material) => [make(bench, material, title)] });

export const skipped = (title: string, skip: string): Program => ({ title, skip, argv: [], rounds: 0 });

/** Runs what prepares material; throws with what it said. */
export function must(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>): void {
  const [program = '', ...args] = argv;
  const { status, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${program} ${args[0] ?? ''}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
}
